/** Changes of one name follow each other, so that what each of them replaces or removes is what it looked at. */

export class NameTurns {
  readonly #last = new Map<string, Promise<void>>()

  /** Does the work when nobody who asked earlier for any of the real paths is at work any more. */
  async alone<T>(paths: readonly string[], work: () => Promise<T>): Promise<T> {
    const before = paths.flatMap((path) => this.#last.get(path) ?? [])
    const { promise, resolve } = Promise.withResolvers<void>()
    // All at once: who comes later waits for whoever came earlier, and nobody for each other.
    for (const path of paths) this.#last.set(path, promise)
    try {
      if (before.length > 0) await Promise.all(before)
      return await work()
    } finally {
      for (const path of paths) if (this.#last.get(path) === promise) this.#last.delete(path)
      resolve()
    }
  }
}
