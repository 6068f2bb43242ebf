/** Runs costly work a few at a time; a bounded number may wait, the rest is turned away at once. */

/** Thrown when too many wait already. */
export class WaitingRoomFull extends Error {
  override readonly name = 'WaitingRoomFull'
}

export class WaitingRoom {
  readonly #places: number
  readonly #seats: number
  readonly #waiting: (() => void)[] = []
  #working = 0

  /** `places` work at the same time, `seats` wait. */
  constructor(places: number, seats: number) {
    this.#places = places
    this.#seats = seats
  }

  /** Does the work when its turn comes. Throws {@link WaitingRoomFull} when there is no seat. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#working >= this.#places) {
      if (this.#waiting.length >= this.#seats) throw new WaitingRoomFull('Too many logins are waiting.')
      // Whoever ends hands over the place: the count stays as it is.
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    } else {
      this.#working += 1
    }
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#working -= 1
    }
  }
}
