/** How many octets a thread may move before it asks again: a piece of the speed limits, or a fraction of a second without any. */
import type { Move } from '../mover.ts'

const SMALLEST = 1024 * 1024
const LARGEST = 256 * 1024 * 1024
/** Milliseconds: a grant that is used up faster is followed by a larger one, and one that lasts longer by a smaller one. */
const QUICK = 50
const SLOW = 200

export class Credit {
  readonly #move: Move
  readonly #left: () => number
  #ahead = SMALLEST
  #granted = -Infinity

  /** `left`: octets that may be granted ahead of need at most. */
  constructor(move: Move, left: () => number) {
    this.#move = move
    this.#left = left
  }

  /** The next grant: of `wanted` octets what the speed limits let pass, or more; waits for them, and rejects with the signal's reason. */
  async next(wanted: number): Promise<number> {
    const { share, signal } = this.#move
    const most = Math.max(wanted, this.#left())
    const piece = Math.min(most, share.quantum)
    const wait = share.take(piece, signal)
    if (!wait) return Math.min(most, this.#unlimited())
    await wait
    return piece
  }

  /** So much that a limit that is set now holds soon. */
  #unlimited(): number {
    const now = performance.now()
    const past = now - this.#granted
    this.#granted = now
    if (past < QUICK) this.#ahead = Math.min(LARGEST, this.#ahead * 2)
    else if (past > SLOW) this.#ahead = Math.max(SMALLEST, this.#ahead / 2)
    return this.#ahead
  }
}
