/**
 * Text and octets of names. A name is UTF-8 (RFC 2640 section 3.1); octets that are not stay what they are: each becomes a
 * lone surrogate U+DC80 to U+DCFF and goes back to the same octet, so no name is lost or changed by passing through.
 */
import { isUtf8 } from 'node:buffer'

const STRAY = /[\udc80-\udcff]/
// A low surrogate that follows a high one is half of an ordinary character, not a stray octet.
const LONE_STRAY = /(?<![\ud800-\udbff])[\udc80-\udcff]/

/** Text of octets. */
export function decodeOctets(octets: Buffer): string {
  if (isUtf8(octets)) return octets.toString('utf8')
  let text = ''
  let from = 0
  while (from < octets.length) {
    const length = sequenceLength(octets, from)
    if (length === 0) text += String.fromCharCode(0xdc00 + octets.readUInt8(from))
    else text += octets.toString('utf8', from, from + length)
    from += length || 1
  }
  return text
}

/** Octets of text, the inverse of {@link decodeOctets}. */
export function encodeOctets(text: string): Buffer {
  if (!STRAY.test(text) || !LONE_STRAY.test(text)) return Buffer.from(text, 'utf8')
  const pieces: Buffer[] = []
  for (const piece of text.split(/((?<![\ud800-\udbff])[\udc80-\udcff])/)) {
    const stray = piece.length === 1 && LONE_STRAY.test(piece)
    pieces.push(stray ? Buffer.of(piece.charCodeAt(0) - 0xdc00) : Buffer.from(piece, 'utf8'))
  }
  return Buffer.concat(pieces)
}

/** How many octets a text takes. */
export function octetLength(text: string): number {
  return STRAY.test(text) ? encodeOctets(text).length : Buffer.byteLength(text, 'utf8')
}

/** Length of the well-formed UTF-8 sequence that starts here, 0 if there is none. */
function sequenceLength(octets: Buffer, at: number): number {
  const first = octets.readUInt8(at)
  if (first < 0x80) return 1
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
  if (first < 0xc2 || first > 0xf4 || at + length > octets.length) return 0
  return isUtf8(octets.subarray(at, at + length)) ? length : 0
}
