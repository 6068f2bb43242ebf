/** A map that holds a bounded number of entries: what was set longest ago goes first. */

export class BoundedMap<Key, Value> {
  readonly #limit: number
  readonly #entries = new Map<Key, Value>()
  /**
   * Stands before the oldest entry. Kept between calls: a new iterator would first have to pass over everything that was
   * deleted since the table was last rebuilt, which under attack is thousands of entries each time.
   */
  #oldest = this.#entries.keys()

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: Key): Value | undefined {
    return this.#entries.get(key)
  }

  /** Makes the entry the youngest one. */
  set(key: Key, value: Value): void {
    this.#entries.delete(key)
    this.#entries.set(key, value)
    while (this.#entries.size > this.#limit) {
      const { value: oldest, done } = this.#oldest.next()
      if (done) this.#oldest = this.#entries.keys()
      else this.#entries.delete(oldest)
    }
  }

  /** Changes the value of an entry and leaves its age as it is. */
  replace(key: Key, value: Value): void {
    if (this.#entries.has(key)) this.#entries.set(key, value)
  }

  delete(key: Key): void {
    this.#entries.delete(key)
  }

  clear(): void {
    this.#entries.clear()
    this.#oldest = this.#entries.keys()
  }

  /** Oldest first. */
  keys(): IterableIterator<Key> {
    return this.#entries.keys()
  }

  /** Oldest first. */
  values(): IterableIterator<Value> {
    return this.#entries.values()
  }
}
