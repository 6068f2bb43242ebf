/** Work that changes something, one piece after the other. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve()

  /** Does it when what was asked for before is done, whether that failed or not. */
  take<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => undefined)
    return done
  }
}
