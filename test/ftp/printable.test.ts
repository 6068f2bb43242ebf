import { expect } from 'chai'
import * as fc from 'fast-check'
import { decodeOctets } from '../../module/ftp/octets.ts'
import { printable } from '../../module/ftp/printable.ts'

describe('printable', () => {
  const cases: [string, string, string][] = [
    ['ends of lines, so that nothing forges a second log line', 'a\r\nb', 'a\\x0d\\x0ab'],
    ['ends of lines of Unicode', 'a\u0085b\u2028c\u2029', 'a\\x85b\\u{2028}c\\u{2029}'],
    ['ESC, so that nothing commands a terminal', '\u001b[2J\u009b2J', '\\x1b[2J\\x9b2J'],
    ['NUL and DEL', '\0\u007f', '\\x00\\x7f'],
    ['what turns the direction of writing', 'gpj\u202e.exe\u2066\u200f', 'gpj\\u{202e}.exe\\u{2066}\\u{200f}'],
    ['octets that are no UTF-8', decodeOctets(Buffer.from([0x61, 0xff, 0x80])), 'a\\xff\\x80'],
    ['halves of characters', 'a\ud83d', 'a\\u{d83d}'],
  ]
  for (const [what, text, shown] of cases) it(`escapes ${what}`, () => expect(printable(text)).to.equal(shown))

  it('leaves letters of every script and emoji alone', () => {
    for (const text of ['Größe 12 €', 'Отчёт', '報告', '👍🏽', 'a\\b']) expect(printable(text)).to.equal(text)
  })

  it('gives one line that UTF-8 can hold for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = printable(text)
        // oxlint-disable-next-line no-control-regex
        expect(shown).not.to.match(/[\0-\x1f\x7f-\x9f\u2028\u2029]/)
        expect(shown.isWellFormed()).to.be.true
      }),
    )
  })
})
