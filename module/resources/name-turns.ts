/** Changes of one name follow each other, so that what each of them replaces or removes is what it looked at. */
import { contained } from './real-path.ts'

export class NameTurns {
  readonly #last = new Map<string, Promise<void>>()
  #begun = 0

  /** Does the work when nobody who asked earlier for any of the real paths is at work any more. */
  async alone<T>(paths: readonly string[], work: () => Promise<T>): Promise<T> {
    this.#begun += 1
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

  /** Rises with every work that begins. */
  get begun(): number {
    return this.#begun
  }

  /** Whether nobody is at work below a real folder. */
  idle(folder: string): boolean {
    return this.#below(folder).length === 0
  }

  /** Waits until all that is under way below a real folder has been done. */
  async settled(folder: string): Promise<void> {
    await Promise.all(this.#below(folder))
  }

  #below(folder: string): Promise<void>[] {
    return [...this.#last].flatMap(([path, work]) => (contained(path, folder) ? work : []))
  }
}
