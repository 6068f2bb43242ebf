/**
 * Where the web pages are (commit-confirm, as routers have it): a new place is served for a minute beside the old one and given up
 * unless somebody comes there and says so. Nothing of it is stored before: a process that dies meanwhile starts at the old place.
 */
import type { IncomingMessage } from 'node:http'
import { TRIAL_SECONDS, type Timing } from '../../../service/probation.ts'
import { Turns } from '../../../service/turns.ts'
import type { WebAddress } from '../../../settings/preset.ts'
import type { AuditEntry } from '../../../shell.ts'
import type { ShellFile } from '../shell-file.ts'
import type { WebServer } from './server.ts'

/** Milliseconds until an old place that could not be had again is tried again. */
const AGAIN = 5000

/** What pages show of a trial. */
export interface PlaceOnTrial {
  /** Where browsers find the pages on trial. */
  readonly url: string
  readonly by: string
  /** Whole seconds until it is given up. */
  readonly secondsLeft: number
}

interface Running {
  readonly url: string
  readonly by: string
  /** As it is to be stored. */
  readonly web: WebAddress
  /** Monotonic milliseconds. */
  readonly until: number
}

export interface WebPlaceParts {
  readonly server: WebServer
  readonly file: Pick<ShellFile, 'edit'>
  readonly timing: Timing
  readonly audit: (entry: AuditEntry) => void
}

export class WebPlace {
  readonly #parts: WebPlaceParts
  readonly #turns = new Turns()
  #running: Running | undefined
  #cancel: () => void = () => undefined
  #closed = false

  constructor(parts: WebPlaceParts) {
    this.#parts = parts
  }

  /** Where browsers find the pages. */
  get url(): string {
    return this.#parts.server.url
  }

  get trial(): PlaceOnTrial | undefined {
    if (!this.#running) return undefined
    const { url, by, until } = this.#running
    return { url, by, secondsLeft: Math.max(0, Math.ceil((until - this.#now()) / 1000)) }
  }

  /** Host names under which the place on trial is to be reached. */
  get namesOnTrial(): readonly string[] {
    return this.#running?.web.names ?? []
  }

  /** Whether a request came to the place that is on trial: only from there it can be kept. */
  onTrial(request: IncomingMessage): boolean {
    return this.#parts.server.onTrial(request)
  }

  /**
   * Serves the pages at a new place too and answers where; `web` is what will be stored, where that differs. Another trial that
   * runs is given up first. Rejects with `WebListenError` when nothing can listen there; then the pages are where they were.
   */
  begin(at: WebAddress, web: WebAddress, by: string): Promise<string> {
    return this.#turns.take(async () => {
      await this.#undo(by)
      const before = this.url
      const url = await this.#parts.server.tryOut(at)
      this.#running = { url, by, web, until: this.#now() + TRIAL_SECONDS * 1000 }
      this.#wait()
      const text = `The web pages are on trial at ${url}: unless confirmed there within ${TRIAL_SECONDS} s they stay at ${before}`
      this.#parts.audit({ level: 'notice', event: 'web.trial', text, by })
      return url
    })
  }

  /** Keeps the new place and stores it. False when nothing is on trial: it may just have been given up. */
  confirm(by: string): Promise<boolean> {
    return this.#turns.take(async () => {
      const running = this.#running
      if (!running) return false
      // Stored first: what is kept must be there after a restart.
      await this.#parts.file.edit(() => ({ web: running.web }))
      this.#cancel()
      this.#running = undefined
      this.#parts.server.keep()
      const text = `The web pages are at ${this.url} from now on.`
      this.#parts.audit({ level: 'notice', event: 'web.changed', text, by })
      return true
    })
  }

  /** Goes back to the old place at once. False when nothing is on trial. */
  undo(by?: string): Promise<boolean> {
    return this.#turns.take(() => this.#undo(by))
  }

  close(): void {
    this.#closed = true
    this.#cancel()
  }

  async #undo(by?: string): Promise<boolean> {
    const running = this.#running
    if (!running) return false
    this.#cancel()
    this.#running = undefined
    await this.#return()
    const why = by === undefined ? `: nobody confirmed ${running.url} within ${TRIAL_SECONDS} s` : ''
    const text = `The web pages are at ${this.url} again${why}.`
    this.#parts.audit({ level: 'warning', event: 'web.rolled-back', text, ...(by === undefined ? {} : { by }) })
    return true
  }

  /** Somebody else may have taken the port meanwhile: it is tried again and again, for no page is left to put that right. */
  async #return(): Promise<void> {
    try {
      await this.#parts.server.giveUp()
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error)
      this.#parts.audit({ level: 'error', event: 'web.rolled-back', text })
      this.#after(AGAIN, () => this.#return())
    }
  }

  #wait(): void {
    this.#after(TRIAL_SECONDS * 1000, async () => void (await this.undo()))
  }

  #after(milliseconds: number, work: () => Promise<void>): void {
    this.#cancel()
    if (!this.#closed) this.#cancel = this.#parts.timing.after(milliseconds, () => void work())
  }

  #now(): number {
    return this.#parts.timing.clock.monotonic()
  }
}
