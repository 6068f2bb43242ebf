/** Text from clients as it may stand in a log or on a screen: one line, no control over a terminal, no letters in another order. */

// Controls of both ranges (U+0085 among them), the separators of lines and paragraphs, whatever changes the direction of
// writing, and surrogates that are alone.
// oxlint-disable-next-line no-control-regex
const UNPRINTABLE = /[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]/gu

/** What most text consists of; looked for first, because every command and reply comes by here. */
const PLAIN = /^[\x20-\x7e]*$/

/** The text with everything unprintable as `\xHH` or `\u{H}`; an octet that was no UTF-8 (see `octets.ts`) as itself, `\xHH`. */
export function printable(text: string): string {
  if (PLAIN.test(text)) return text
  return text.replace(UNPRINTABLE, (character) => {
    const code = character.charCodeAt(0)
    const octet = code >= 0xdc80 && code <= 0xdcff ? code - 0xdc00 : code
    return octet < 0x100 ? `\\x${octet.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
  })
}
