/**
 * Speed limits: one bucket for each key, shared fairly by the transfers that name it. A transfer that names several waits for
 * all of them, so the tightest holds; what one does not use goes to the others.
 */
import type { SpeedLimit } from '../backend.ts'
import type { Signal } from './aborted.ts'
import { Bucket } from './bucket.ts'
import type { Clock, Place } from './bucket.ts'

/** One transfer's part in its speed limits. */
export interface Share {
  /**
   * Resolves when so many octets may pass, undefined when they may at once; rejects with the signal's reason. One call at a time. The limits are asked again
   * each time, and while it waits, so that a change counts at once.
   */
  take(octets: number, signal: Signal): Promise<void> | undefined
  /** Whether a limit holds now. */
  readonly limited: boolean
  /** The largest piece to ask for now, octets; larger ones pass but make the sharing uneven. */
  readonly quantum: number
  /** The transfer has ended. */
  leave(): void
}

const SMALLEST_PIECE = 1024
const LARGEST_PIECE = 512 * 1024

const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  after(milliseconds, action) {
    const timer = setTimeout(action, milliseconds)
    return { cancel: () => clearTimeout(timer) }
  },
}

/** All speed limits of a server. */
export class Throttle {
  readonly #buckets = new Map<string, Bucket>()
  readonly #clock: Clock

  constructor(clock: Clock = SYSTEM_CLOCK) {
    this.#clock = clock
  }

  /** Lets a transfer take part in all its limits, also in those that are set later. */
  join(limits: () => readonly SpeedLimit[]): Share {
    return new Membership(limits, (key) => this.#bucket(key))
  }

  /** Limits in which a transfer takes part now. */
  get size(): number {
    return this.#buckets.size
  }

  #bucket(key: string): Bucket {
    let bucket = this.#buckets.get(key)
    if (!bucket) {
      bucket = new Bucket(this.#clock, () => this.#buckets.delete(key))
      this.#buckets.set(key, bucket)
    }
    return bucket
  }
}

class Membership implements Share {
  readonly #limits: () => readonly SpeedLimit[]
  readonly #bucket: (key: string) => Bucket
  readonly #places = new Map<string, { readonly bucket: Bucket; readonly place: Place }>()
  /** The limits asked last: as long as they are the same ones, nothing has changed. */
  #asked: readonly SpeedLimit[] = []
  #signal: Signal | undefined
  readonly #aborted = () => this.#cancel?.(this.#signal?.reason)
  /** Ends the call of `take` that waits. */
  #cancel: ((reason: unknown) => void) | undefined

  constructor(limits: () => readonly SpeedLimit[], bucket: (key: string) => Bucket) {
    this.#limits = limits
    this.#bucket = bucket
    this.#refresh()
  }

  get quantum(): number {
    let smallest = LARGEST_PIECE
    for (const { bucket } of this.#places.values()) smallest = Math.min(smallest, bucket.piece)
    return Math.max(SMALLEST_PIECE, Math.floor(smallest))
  }

  get limited(): boolean {
    this.#refresh()
    return this.#places.size > 0
  }

  take(octets: number, signal: Signal): Promise<void> | undefined {
    return !this.limited && !signal.aborted ? undefined : this.#wait(octets, signal)
  }

  async #wait(octets: number, signal: Signal): Promise<void> {
    signal.throwIfAborted()
    if (this.#cancel) throw new Error('A share takes one piece at a time.')
    let open = this.#places.size
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const granted = () => {
      open -= 1
      if (open === 0) resolve()
    }
    for (const { bucket, place } of this.#places.values()) bucket.ask(place, { octets, granted })
    if (open === 0) return
    this.#heed(signal)
    this.#cancel = (reason) => {
      for (const { bucket, place } of this.#places.values()) bucket.cancel(place)
      reject(reason)
    }
    try {
      await promise
    } finally {
      this.#cancel = undefined
    }
  }

  /** A transfer has one signal: to listen anew for each piece would cost more than the piece. */
  #heed(signal: Signal): void {
    if (signal === this.#signal) return
    this.#signal?.removeEventListener('abort', this.#aborted)
    signal.addEventListener('abort', this.#aborted, { once: true })
    this.#signal = signal
  }

  leave(): void {
    this.#signal?.removeEventListener('abort', this.#aborted)
    this.#cancel?.(new Error('The transfer has left its speed limits.'))
    for (const { bucket, place } of this.#places.values()) bucket.leave(place)
    this.#places.clear()
  }

  /** Takes part in exactly the limits that hold now. */
  #refresh(): void {
    const limits = this.#limits()
    if (limits.length === this.#asked.length && limits.every((limit, at) => limit === this.#asked[at])) return
    this.#asked = limits
    const rates = new Map<string, number>()
    for (const { key, bytesPerSecond } of limits) {
      if (Number.isFinite(bytesPerSecond)) rates.set(key, Math.min(bytesPerSecond, rates.get(key) ?? Infinity))
    }
    for (const [key, { bucket, place }] of this.#places) {
      if (rates.has(key)) continue
      this.#places.delete(key)
      bucket.leave(place)
    }
    for (const [key, rate] of rates) {
      const { bucket } = this.#places.get(key) ?? this.#enter(key)
      bucket.limit(Math.max(1, rate))
    }
  }

  #enter(key: string) {
    const place: Place = { refresh: () => this.#refresh(), request: undefined, start: 0, next: 0 }
    const entered = { bucket: this.#bucket(key), place }
    entered.bucket.enter(place)
    this.#places.set(key, entered)
    return entered
  }
}
