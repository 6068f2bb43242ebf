/**
 * Rules on trial (commit-confirm, as routers have it): lists that were changed are put back unless somebody confirms the
 * change in time. What was before lies on the disk until then, so that a process which dies meanwhile puts it back when it
 * starts again.
 */
import { join } from 'node:path'
import { z } from 'zod'
import { systemClock, type Clock } from '../access/clock.ts'
import { accessRules, type AccessRule } from '../settings/access.ts'
import { DurableFile } from '../settings/durable-file.ts'
import { placeText, samePlace, type RulePlace } from '../settings/rule-lists.ts'
import type { AuditEntry } from '../shell.ts'

/** Seconds in which somebody has to confirm. */
export const TRIAL_SECONDS = 60
/** Milliseconds until a list that could not be put back is tried again. */
const AGAIN = 5000

/** A list as it was before its trial. */
export interface RulesBefore {
  readonly place: RulePlace
  readonly rules: readonly AccessRule[]
}

/** What pages show of a trial. */
export interface Trial {
  /** Who made the change. */
  readonly by: string
  readonly places: readonly RulePlace[]
  /** Whole seconds until it is undone. */
  readonly secondsLeft: number
}

/** A steady clock and a timer that follows it. */
export interface Timing {
  readonly clock: Pick<Clock, 'monotonic'>
  /** Calls once after so many milliseconds; answers how to call it off. */
  after(milliseconds: number, work: () => void): () => void
}

export const systemTiming: Timing = {
  clock: systemClock,
  after(milliseconds, work) {
    const timer = setTimeout(work, milliseconds).unref()
    return () => clearTimeout(timer)
  },
}

export interface ProbationParts {
  /** Where `trial.json` is kept. */
  readonly stateFolder: string
  /** Puts lists back as they were. */
  readonly revert: (before: readonly RulesBefore[]) => Promise<unknown>
  readonly audit: (entry: AuditEntry) => void
  readonly fault: (error: unknown) => void
  /** Called whenever a trial begins or ends. */
  readonly changed: () => void
  readonly timing?: Timing | undefined
}

const place = z.strictObject({ level: z.enum(['server', 'domain', 'group', 'user']), name: z.string() })
const saved = z
  .strictObject({ by: z.string(), before: z.array(z.strictObject({ place, rules: accessRules })) })
  .nullable()

interface Running {
  readonly by: string
  readonly before: readonly RulesBefore[]
  /** Monotonic milliseconds. */
  readonly until: number
}

export class Probation {
  readonly #parts: ProbationParts
  readonly #timing: Timing
  readonly #file: DurableFile
  #running: Running | undefined
  #cancel: () => void = () => undefined
  #closed = false

  constructor(parts: ProbationParts) {
    this.#parts = parts
    this.#timing = parts.timing ?? systemTiming
    this.#file = new DurableFile(join(parts.stateFolder, 'trial.json'), { compact: true })
  }

  get current(): Trial | undefined {
    if (!this.#running) return undefined
    const { by, before, until } = this.#running
    const secondsLeft = Math.max(0, Math.ceil((until - this.#timing.clock.monotonic()) / 1000))
    return { by, places: before.map((one) => one.place), secondsLeft }
  }

  /** Puts back what the process before had on trial when it ended; before anybody is served. */
  async load(): Promise<void> {
    const { revert, audit, fault } = this.#parts
    await this.#file.sweep()
    try {
      const left = saved.parse(await this.#file.read())
      if (!left) return
      await revert(left.before)
      await this.#file.write(null)
      audit({ level: 'warning', event: 'access.rolled-back', text: `${lists(left.before)} The service had ended.` })
    } catch (error) {
      fault(error)
      await this.#file.setAside().catch(fault)
    }
  }

  /**
   * From now on a list is on trial; to be called before it is changed. Lists that are on trial already keep what they were
   * before, and get the whole time anew. Answers how to take it back when the change was not possible.
   */
  async begin(list: RulesBefore, by: string): Promise<() => Promise<void>> {
    const earlier = this.#running
    const others = earlier?.before ?? []
    const before = others.some((one) => samePlace(one.place, list.place)) ? others : [...others, list]
    await this.#enter({ by, before, until: this.#timing.clock.monotonic() + TRIAL_SECONDS * 1000 })
    const text = `${lists(before)} Unless confirmed within ${TRIAL_SECONDS} s they are put back.`
    this.#parts.audit({ level: 'notice', event: 'access.trial', text, by })
    return () => this.#enter(earlier)
  }

  /** Keeps the rules as they are now. False when nothing is on trial: it may just have been put back. */
  async confirm(by: string): Promise<boolean> {
    const running = this.#running
    if (!running) return false
    await this.#enter(undefined)
    this.#parts.audit({ level: 'notice', event: 'access.confirmed', text: lists(running.before), by })
    return true
  }

  /** Puts the lists back at once. False when nothing is on trial. */
  async undo(by?: string): Promise<boolean> {
    const running = this.#running
    if (!running) return false
    this.#cancel()
    // Whoever confirms now comes too late.
    this.#running = undefined
    try {
      await this.#parts.revert(running.before)
      await this.#enter(undefined)
    } catch (error) {
      this.#running = running
      this.#wait(AGAIN)
      throw error
    }
    const why = by === undefined ? ` Nobody confirmed them within ${TRIAL_SECONDS} s.` : ''
    const entry = { level: 'warning', event: 'access.rolled-back', text: lists(running.before) + why } as const
    this.#parts.audit(by === undefined ? entry : { ...entry, by })
    return true
  }

  /** Waits no longer; what is on trial is put back at the next start. */
  close(): void {
    this.#closed = true
    this.#cancel()
  }

  #wait(milliseconds: number): void {
    this.#cancel()
    if (this.#closed) return
    this.#cancel = this.#timing.after(milliseconds, () => void this.undo().catch(this.#parts.fault))
  }

  /** On the disk first: what is not there cannot be put back after a crash. */
  async #enter(running: Running | undefined): Promise<void> {
    await this.#file.write(running ? { by: running.by, before: running.before } : null)
    this.#running = running
    this.#cancel()
    if (running) this.#wait(running.until - this.#timing.clock.monotonic())
    this.#parts.changed()
  }
}

function lists(before: readonly RulesBefore[]): string {
  return `IP access rules of ${before.map((one) => placeText(one.place)).join(', ')}.`
}
