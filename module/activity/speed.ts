/** The speed of a transfer as people want to see it: smoothed over about two seconds, and falling when nothing moves. */

/** Seconds over which it is smoothed. */
const SMOOTHING = 2
/** Seconds without news after which the transfer counts as standing still; news comes every quarter second. */
const PATIENCE = 0.5

export class Speed {
  #bytes = 0
  #at: number
  #perSecond: number | undefined

  /** Time in monotonic milliseconds. */
  constructor(now: number) {
    this.#at = now
  }

  /** Bytes moved so far, in all. */
  moved(bytes: number, now: number): void {
    const seconds = (now - this.#at) / 1000
    if (seconds <= 0) return
    const latest = (bytes - this.#bytes) / seconds
    const weight = 1 - Math.exp(-seconds / SMOOTHING)
    this.#perSecond = this.#perSecond === undefined ? latest : this.#perSecond + (latest - this.#perSecond) * weight
    this.#bytes = bytes
    this.#at = now
  }

  /** Bytes a second. */
  perSecond(now: number): number {
    const silence = (now - this.#at) / 1000 - PATIENCE
    return Math.round((this.#perSecond ?? 0) * (silence > 0 ? Math.exp(-silence / SMOOTHING) : 1))
  }
}
