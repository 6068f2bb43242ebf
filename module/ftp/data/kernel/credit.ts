/**
 * How many octets a thread may move before it asks again: a piece of the speed limits; or without any, all of a download that
 * has settled, and of an upload a fraction of a second, since quota and disk are asked, too.
 */
import type { BareMove } from '../mover.ts'

/**
 * What a download is granted while others begin: they may have wanted a file at the same moment, and have a right to as much. It
 * is more than a connection takes at once, so that nothing waits for the next grant.
 */
const LITTLE = 4 * 1024 * 1024
/** Milliseconds since the last one began, after which no others are expected; and for which a download waits for others at most. */
const WAVE = 20
const PATIENCE = 200
/** Milliseconds until a download on which nobody else has followed is granted all. Until then it asks for more and more. */
const SETTLED = 50
const SMALLEST = 1024 * 1024
const LARGEST = 256 * 1024 * 1024
/** Milliseconds: a grant that is used up faster is followed by a larger one, and one that lasts longer by a smaller one. */
const QUICK = 50
const SLOW = 200

/** Downloads that have begun, and when the last one did, monotonic milliseconds. */
let begun = 0
let lastBegan = -Infinity

export class Credit {
  readonly #move: BareMove
  readonly #left: () => number
  readonly #whole: boolean
  readonly #number: number
  readonly #began = performance.now()
  /** Whether the last grant was one that a speed limit takes back. */
  #revocable = false
  #ahead: number
  #granted = performance.now()

  /** `left`: octets that may be granted ahead of need at most; `whole`: and all of them at once, in the end. */
  constructor(move: BareMove, left: () => number, whole: boolean) {
    this.#move = move
    this.#left = left
    this.#whole = whole
    this.#ahead = whole ? LITTLE : SMALLEST
    this.#number = whole ? ++begun : 0
    if (whole) lastBegan = this.#began
  }

  /** What may pass before anything is asked. */
  first(): number {
    if (this.#move.share.limited) return 0
    return this.#whole ? this.#ahead : Math.min(this.#left(), this.#ahead)
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
    if (!this.#revocable || !this.#move.share.limited) return false
    this.#revocable = false
    return true
  }

  /** So much that a limit that is set now holds soon. */
  #unlimited(most: number): number {
    const now = performance.now()
    if (this.#whole) return this.#untilEnd(now)
    const past = now - this.#granted
    this.#granted = now
    if (past < QUICK) this.#ahead = Math.min(LARGEST, this.#ahead * 2)
    else if (past > SLOW) this.#ahead = Math.max(SMALLEST, this.#ahead / 2)
    return Math.min(most, this.#ahead)
  }

  /** Not cut to the file: what is left over shows a download its end without another question. */
  #untilEnd(now: number): number {
    this.#revocable = true
    const age = now - this.#began
    if (this.#number !== begun && now - lastBegan < WAVE && age < PATIENCE) return LITTLE
    return age < SETTLED ? (this.#ahead *= 2) : Infinity
  }
}
