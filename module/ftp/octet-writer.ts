/** Octets written one behind the other without any text in between, as fast as the thousands of lines of a listing need it. */
import { encodeOctets } from './octets.ts'

const ZERO = 0x30
const SPACE = 0x20

export class OctetWriter {
  #octets: Buffer
  #end = 0

  /** `room`: octets to begin with; it grows. */
  constructor(room: number) {
    this.#octets = Buffer.allocUnsafeSlow(room)
  }

  /** Octets written so far. */
  get length(): number {
    return this.#end
  }

  /** Characters below U+0080. */
  ascii(text: string): void {
    this.#reserve(text.length)
    for (let at = 0; at < text.length; at++) this.#octets[this.#end++] = text.charCodeAt(at)
  }

  /** A name as text. */
  name(text: string): void {
    const octets = encodeOctets(text)
    this.copy(octets, 0, octets.length)
  }

  /** A piece of other octets. */
  copy(octets: Uint8Array, from: number, to: number): void {
    this.#reserve(to - from)
    for (let at = from; at < to; at++) this.#octets[this.#end++] = octets[at] ?? 0
  }

  /** A whole number from 0 on, at least `width` characters wide. */
  number(value: number, width = 1, fill: ' ' | '0' = ' '): void {
    let digits = 1
    for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) digits += 1
    this.#reserve(Math.max(digits, width))
    for (let more = width - digits; more > 0; more--) this.#octets[this.#end++] = fill === '0' ? ZERO : SPACE
    const before = this.#end
    this.#end += digits
    for (let at = this.#end - 1, rest = value; at >= before; at--) {
      const tens = Math.floor(rest / 10)
      this.#octets[at] = ZERO + rest - tens * 10
      rest = tens
    }
  }

  /** What was written, as a buffer of its own; the writer is empty then. */
  take(): Buffer<ArrayBuffer> {
    const taken = Buffer.allocUnsafeSlow(this.#end)
    this.#octets.copy(taken, 0, 0, this.#end)
    this.#end = 0
    return taken
  }

  #reserve(more: number): void {
    if (this.#end + more <= this.#octets.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#octets.length * 2, this.#end + more))
    this.#octets.copy(grown, 0, 0, this.#end)
    this.#octets = grown
  }
}
