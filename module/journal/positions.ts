/** Ascending positions, kept packed: four octets each. */

export class Positions {
  #numbers = new Uint32Array(1024)
  #length = 0

  get length(): number {
    return this.#length
  }

  push(position: number): void {
    if (this.#length === this.#numbers.length) {
      const larger = new Uint32Array(this.#length * 2)
      larger.set(this.#numbers)
      this.#numbers = larger
    }
    this.#numbers[this.#length++] = position
  }

  at(index: number): number {
    return this.#numbers[index] ?? 0
  }

  /** How many lie at or before a position. */
  countThrough(position: number): number {
    let low = 0
    let high = this.#length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.at(middle) <= position) low = middle + 1
      else high = middle
    }
    return low
  }
}
