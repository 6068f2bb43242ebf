/**
 * How many octets a thread may move before it asks again: a piece of the speed limits; or without any, all of a download behind
 * its beginning, and of an upload a fraction of a second, since quota and disk are asked, too.
 */
import type { Move } from '../mover.ts'

/**
 * The beginning of a download: behind it comes whoever asked at the same moment, and has a right to as much. Their transfers begin
 * while the first ones wait for an answer of the main thread.
 */
const BEGINNING = 8 * 1024 * 1024
const SMALLEST = 1024 * 1024
const LARGEST = 256 * 1024 * 1024
/** Milliseconds: a grant that is used up faster is followed by a larger one, and one that lasts longer by a smaller one. */
const QUICK = 50
const SLOW = 200

export class Credit {
  readonly #move: Move
  readonly #left: () => number
  readonly #whole: boolean
  /** Whether the last grant had no end. */
  #endless = false
  #ahead = SMALLEST
  #granted = -Infinity

  /** `left`: octets that may be granted ahead of need at most; `whole`: and all of them at once. */
  constructor(move: Move, left: () => number, whole: boolean) {
    this.#move = move
    this.#left = left
    this.#whole = whole
  }

  /** What may pass before anything is asked. */
  first(): number {
    if (this.#move.share.limited) return 0
    return this.#whole ? Math.min(BEGINNING, this.#left()) : this.#unlimited(this.#left())
  }

  /** The next grant: of `wanted` octets what the speed limits let pass, or more; waits for them, and rejects with the signal's reason. */
  async next(wanted: number): Promise<number> {
    const { share, signal } = this.#move
    const most = Math.max(wanted, this.#left())
    const piece = Math.min(most, share.quantum)
    const wait = share.take(piece, signal)
    if (!wait) return this.#unlimited(most)
    await wait
    return piece
  }

  /** Whether a speed limit has come since all was granted: no more than has passed may pass. Said once. */
  revoked(): boolean {
    if (!this.#endless || !this.#move.share.limited) return false
    this.#endless = false
    return true
  }

  /** So much that a limit that is set now holds soon. */
  #unlimited(most: number): number {
    this.#endless = this.#whole
    if (this.#whole) return Infinity
    const now = performance.now()
    const past = now - this.#granted
    this.#granted = now
    if (past < QUICK) this.#ahead = Math.min(LARGEST, this.#ahead * 2)
    else if (past > SLOW) this.#ahead = Math.max(SMALLEST, this.#ahead / 2)
    return Math.min(most, this.#ahead)
  }
}
