import { expect } from 'chai'
import * as fc from 'fast-check'
import { decodeOctets, encodeOctets, octetLength } from '../../module/ftp/octets.ts'

const mixed = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 3 }).map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 4 }),
    ),
  )
  .map((parts) => Buffer.concat(parts))

describe('octets of names', () => {
  it('come back unchanged, whatever they are', () => {
    fc.assert(
      fc.property(fc.oneof(mixed, fc.uint8Array({ maxLength: 50 })), (octets) => {
        const text = decodeOctets(Buffer.from(octets))
        expect(encodeOctets(text).equals(octets)).to.be.true
        expect(octetLength(text)).to.equal(octets.length)
      }),
      { numRuns: 5000 },
    )
  })

  it('make different texts where they differ', () => {
    fc.assert(
      fc.property(mixed, mixed, (one, other) => {
        expect(decodeOctets(one) === decodeOctets(other)).to.equal(one.equals(other))
      }),
    )
  })

  it('never become a replacement character', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), (octets) => {
        const given = Buffer.from(octets)
        if (!given.includes('\ufffd')) expect(decodeOctets(given)).not.to.include('\ufffd')
      }),
    )
  })

  it('are UTF-8 where the text is well formed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        if (!text.isWellFormed()) return
        expect(encodeOctets(text).equals(Buffer.from(text))).to.be.true
        expect(decodeOctets(Buffer.from(text))).to.equal(text)
      }),
    )
  })

  it('do not make a slash or a dot of an overlong sequence', () => {
    for (const overlong of [
      [0xc0, 0xaf],
      [0xc0, 0xae],
      [0xe0, 0x80, 0xae],
      [0xf0, 0x80, 0x80, 0xaf],
    ]) {
      const text = decodeOctets(Buffer.from(overlong))
      expect(text).not.to.match(/[./]/)
      expect(text).to.have.lengthOf(overlong.length)
    }
  })

  it('keep surrogates written as UTF-8 apart from stray octets', () => {
    const octets = Buffer.from([0xed, 0xb2, 0x80])
    expect(decodeOctets(octets)).to.equal('\udced\udcb2\udc80')
    expect(encodeOctets('\udced\udcb2\udc80').equals(octets)).to.be.true
  })
})
