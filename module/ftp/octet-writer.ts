/** Octets written one behind the other without any text in between, as fast as the thousands of lines of a listing need it. */
import { encodeOctets } from './octets.ts'

const ZERO = 0x30
const SPACE = 0x20
const [NOTHING, CR, LF] = [0, 0x0d, 0x0a]
/** What makes `a` of ten. */
const LETTERS = 0x61 - 10

export class OctetWriter {
  #octets: Buffer<ArrayBuffer>
  #end = 0
  /** Made for {@link append}: what was written when it was last called, or as much of it as has been written over since. */
  #whole: Uint8Array = new Uint8Array()

  /** `room`: octets to begin with, or the memory to write to first; it grows. */
  constructor(room: number | ArrayBuffer) {
    this.#octets = typeof room === 'number' ? Buffer.allocUnsafeSlow(room) : Buffer.from(room)
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
    this.octets(encodeOctets(text))
  }

  /** What another one has written, which keeps it. */
  append(other: OctetWriter): void {
    if (other.#end === 0) return
    if (other.#whole.length !== other.#end) other.#whole = new Uint8Array(other.#octets.buffer, 0, other.#end)
    this.octets(other.#whole)
  }

  octets(source: Uint8Array): void {
    this.#room(source.length).set(source, this.#end)
    this.#end += source.length
  }

  /** The name that stands there up to the octet 0, and the end of a line; false where the name itself would end one. */
  nameLine(source: Uint8Array, from: number, to: number): boolean {
    const octets = this.#room(to - from + 2)
    let end = this.#end
    for (let at = from; at < to; at++) {
      const octet = source[at] ?? NOTHING
      if (octet === NOTHING) break
      if (octet === CR || octet === LF) return false
      octets[end++] = octet
    }
    octets[end++] = CR
    octets[end++] = LF
    this.#end = end
    return true
  }

  octet(octet: number): void {
    this.#room(1)[this.#end++] = octet
  }

  /** A whole number from 0 to 99, in two digits. */
  two(value: number): void {
    const octets = this.#room(2)
    const tens = Math.floor(value / 10)
    octets[this.#end++] = ZERO + tens
    octets[this.#end++] = ZERO + value - tens * 10
  }

  /** A whole number from 0 on, at least `width` characters wide, in the digits of a base up to 36. */
  number(value: number, width = 1, base = 10): void {
    // Beyond, the remainders of a division are no digits any more.
    if (value > Number.MAX_SAFE_INTEGER) return this.ascii(value.toString(base).padStart(width))
    let digits = 1
    for (let least = base; value >= least; least *= base) digits += 1
    const whole = digits > width ? digits : width
    const octets = this.#room(whole)
    const start = this.#end
    const end = start + whole
    this.#end = end
    for (let at = start; at < end - digits; at++) octets[at] = SPACE
    for (let at = end - 1, rest = value; at >= end - digits; at--) {
      const higher = Math.floor(rest / base)
      const digit = rest - higher * base
      octets[at] = (digit < 10 ? ZERO : LETTERS) + digit
      rest = higher
    }
  }

  /** Goes back to where so many octets were written; what comes next stands in the place of what was there. */
  rewind(length: number): void {
    this.#end = length
  }

  /** What was written, as a buffer of its own; the writer is empty then. */
  take(): Buffer<ArrayBuffer> {
    const taken = Buffer.allocUnsafeSlow(this.#end)
    this.#octets.copy(taken, 0, 0, this.#end)
    this.#end = 0
    return taken
  }

  /** What was written, where it was written to: valid until more is. */
  get written(): Buffer<ArrayBuffer> {
    return this.#octets.subarray(0, this.#end)
  }

  /** The octets, with room for so many more. */
  #room(more: number): Buffer<ArrayBuffer> {
    if (this.#end + more <= this.#octets.length) return this.#octets
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#octets.length * 2, this.#end + more))
    this.#octets.copy(grown, 0, 0, this.#end)
    this.#octets = grown
    this.#whole = new Uint8Array()
    return grown
  }
}
