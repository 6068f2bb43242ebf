/** Octets between a connection and a file, in buffers that the transfers of a thread share out. */

/** Octets of a buffer. */
const BUFFER = 512 * 1024
const SPARE_LIMIT = 8

/** Buffers of nobody, for the next transfer. */
const spare: Buffer[] = []

/** What one transfer holds at the moment; has a buffer only while it holds something. */
export class Held {
  #buffer: Buffer | undefined
  #from = 0
  #to = 0

  get length(): number {
    return this.#to - this.#from
  }

  /** Where more can be put; empty when there is no room before all has been taken. */
  room(): Buffer {
    return (this.#buffer ??= spare.pop() ?? Buffer.allocUnsafeSlow(BUFFER)).subarray(this.#to)
  }

  /** So many octets were put into the room. */
  put(octets: number): void {
    this.#to += octets
  }

  /** The oldest ones. */
  octets(most = Infinity): Buffer {
    if (!this.#buffer) return Buffer.alloc(0)
    return this.#buffer.subarray(this.#from, Math.min(this.#to, this.#from + most))
  }

  /** So many of the oldest ones have gone. */
  took(octets: number): void {
    this.#from += octets
    if (this.#from === this.#to) this.release()
  }

  release(): void {
    if (this.#buffer && spare.length < SPARE_LIMIT) spare.push(this.#buffer)
    this.#buffer = undefined
    this.#from = this.#to = 0
  }
}
