/** A transfer that a thread of the kernel mover moves, as the thread of the engine sees it: credit, abort, stall and end. */
import { closeSync } from 'node:fs'
import { FilesError } from '../../backend.ts'
import type { Upload } from '../../backend.ts'
import { refusedBy } from '../../verdict.ts'
import { Deadline } from '../deadline.ts'
import { DataLost } from '../mover.ts'
import type { BareMove } from '../mover.ts'
import { handshakeFailed, notResumed } from '../secure.ts'
import { Credit } from './credit.ts'
import type { Libc } from './libc.ts'
import { handOver } from './link.ts'
import type { Handed, Start } from './link.ts'
import type { Failure, Protection } from './messages.ts'
import type { Tls } from './openssl.ts'

/** Milliseconds that a thread has to tell of a stall by itself: it does unless a disk holds it up. */
const MARGIN = 1000

/** What is to be moved. */
type Way = Pick<Start, 'kind' | 'file' | 'from' | 'until'>

interface Parts {
  readonly upload?: Upload
  readonly protection?: Protection
  /** What protects the connection already. */
  readonly begun?: Tls | undefined
}

export class HandedOver {
  octets = 0
  readonly #calls: Libc
  readonly #move: BareMove
  readonly #socket: () => number | undefined
  readonly #upload: Upload | undefined
  readonly #protection: Protection | undefined
  readonly #begun: Tls | undefined
  #handed: Handed | undefined
  #over = false
  /** When the thread was last heard of, or had to wait for us; monotonic milliseconds. */
  #heard = performance.now()
  #waiting = false
  #silence: Deadline | undefined
  /** What this side found wrong: a limit, mostly. */
  #refused: { readonly error: unknown } | undefined

  /** `socket`: the connection's descriptor, while it is open. */
  constructor(calls: Libc, move: BareMove, socket: () => number | undefined, parts: Parts = {}) {
    this.#calls = calls
    this.#move = move
    this.#socket = socket
    this.#upload = parts.upload
    this.#protection = parts.protection
    this.#begun = parts.begun
  }

  /** Hands it over and waits for its end. */
  async run(way: Way): Promise<void> {
    const { signal } = this.#move
    const sends = way.kind === 'send'
    signal.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const cut = () => {
      this.#cut()
      // Nobody waits for a disk that hangs; but an upload is nobody else's before its thread has let it go.
      if (sends) reject(signal.reason)
    }
    signal.addEventListener('abort', cut, { once: true })
    // How much is left to send is known; how much will come is not.
    const left = () => (sends ? Math.max(1, way.until - way.from - this.octets) : (this.#upload?.headroom ?? 0))
    const credit = new Credit(this.#move, left, sends)
    try {
      this.#handed = this.#hand(this.#start(way, this.#reserved(0, credit.first())), credit, (failure) => {
        const error = this.#errorOf(failure)
        if (error === undefined) resolve()
        else reject(error)
      })
      this.#listen()
      await promise
    } finally {
      this.#over = true
      this.#silence?.cancel()
      signal.removeEventListener('abort', cut)
    }
  }

  /** A disk that hangs holds up its thread, which cannot tell of anything then. */
  #listen(): void {
    const { stall } = this.#move
    if (stall + MARGIN >= 2 ** 31) return
    if (this.#waiting) this.#heard = performance.now()
    const left = this.#heard + stall + MARGIN - performance.now()
    if (left <= 0) this.#move.stalled()
    else this.#silence = new Deadline(left, () => this.#listen())
  }

  #hand(start: Start, credit: Credit, ended: (failure: Failure | 'lost' | undefined) => void): Handed {
    const grant = async (wanted: number) => {
      this.#waiting = true
      const octets = await credit.next(wanted)
      this.#waiting = false
      this.#heard = performance.now()
      // The speed limit may have made it wait until after the end.
      if (!this.#over) this.#handed?.grant(this.#reserved(wanted, octets))
    }
    return handOver(start, {
      moved: (octets) => {
        this.#moved(octets)
        if (!this.#over && credit.revoked()) this.#handed?.hold()
      },
      asked: (wanted) => {
        grant(wanted).catch((error: unknown) => {
          this.#refused ??= { error }
          this.#cut()
        })
      },
      stalled: () => {
        if (!this.#over) this.#move.stalled()
      },
      ended,
    })
  }

  /** Takes octets from quota and disk; answers how many, which are fewer where only those wanted fit. */
  #reserved(wanted: number, octets: number): number {
    const upload = this.#upload
    // Somebody else may have taken what was there when the grant began.
    const fitting = !upload || octets <= wanted || octets <= (upload.headroom ?? 0) ? octets : wanted
    if (fitting > 0) upload?.reserve(fitting)
    return fitting
  }

  /** Descriptors of its own for the thread, which closes them in its own time. */
  #start(way: Way, credit: number): Start {
    const socket = this.#calls.duplicate(this.#socket() ?? -1)
    try {
      const own = { socket, file: this.#calls.duplicate(way.file) }
      // Given last: what fails before leaves it to whoever began it.
      const protection = this.#protection && { protection: { ...this.#protection, tls: this.#begun?.give() } }
      return { ...way, ...own, credit, stall: this.#move.stall, ...protection }
    } catch (error) {
      closeSync(socket)
      throw error
    }
  }

  #moved(octets: number): void {
    if (this.#over) return
    this.#heard = performance.now()
    this.octets += octets
    this.#upload?.wrote?.(octets)
    this.#move.moved(octets)
  }

  #cut(): void {
    // Asked again each time: once the connection is closed, its number may be somebody else's.
    const socket = this.#socket()
    if (socket !== undefined) this.#calls.shutdown(socket)
    this.#handed?.cut()
  }

  #errorOf(failure: Failure | 'lost' | undefined): unknown {
    if (this.#move.signal.aborted) return this.#move.signal.reason
    if (this.#refused) return this.#refused.error
    if (failure === 'lost') return new Error('The thread that moved the data has ended.')
    if (failure?.side === 'handshake') return handshakeFailed(failure.code)
    if (failure?.side === 'resumption') return notResumed()
    if (failure?.side === 'cut') return new DataLost('The data ended without a TLS close_notify.')
    if (failure?.side === 'network') return new DataLost('The data connection broke.', { cause: failure.code })
    return failure && fileError(failure.code)
  }
}

function fileError(code: string): FilesError {
  const full = code === 'ENOSPC' || code === 'EDQUOT'
  const kind = full ? 'no-space' : code === 'EFBIG' ? 'too-large' : 'input-output'
  return new FilesError(kind, refusedBy(`system.${kind}`, 'system', code))
}
