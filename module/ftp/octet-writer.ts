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
    const { length } = text
    const octets = this.#room(length)
    const end = this.#end
    for (let at = 0; at < length; at++) octets[end + at] = text.charCodeAt(at)
    this.#end = end + length
  }

  /** A name as text. */
  name(text: string): void {
    const octets = encodeOctets(text)
    this.copy(octets, 0, octets.length)
  }

  /** A piece of other octets. */
  copy(source: Uint8Array, from: number, to: number): void {
    const octets = this.#room(to - from)
    let end = this.#end
    for (let at = from; at < to; at++) octets[end++] = source[at] ?? 0
    this.#end = end
  }

  /** A whole number from 0 on, at least `width` characters wide. */
  number(value: number, width = 1, fill: ' ' | '0' = ' '): void {
    let digits = 1
    for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) digits += 1
    const whole = Math.max(digits, width)
    const octets = this.#room(whole)
    const start = this.#end
    this.#end = start + whole
    for (let at = start; at < this.#end - digits; at++) octets[at] = fill === '0' ? ZERO : SPACE
    for (let at = this.#end - 1, rest = value; at >= this.#end - digits; at--) {
      const tens = Math.floor(rest / 10)
      octets[at] = ZERO + rest - tens * 10
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

  /** The octets, with room for so many more. */
  #room(more: number): Buffer {
    if (this.#end + more <= this.#octets.length) return this.#octets
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#octets.length * 2, this.#end + more))
    this.#octets.copy(grown, 0, 0, this.#end)
    this.#octets = grown
    return grown
  }
}
