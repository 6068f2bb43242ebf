/** Numbers and names as octets: the same as their texts. */
import * as fc from 'fast-check'
import { expect } from 'chai'
import { OctetWriter } from '../../module/ftp/octet-writer.ts'
import { encodeOctets } from '../../module/ftp/octets.ts'

describe('OctetWriter', () => {
  it('writes numbers as their texts, also those beyond the safe integers', () => {
    const sizes = fc.oneof(fc.nat(), fc.bigInt(0n, 2n ** 64n).map(Number), fc.constantFrom(0, 9, 10, 2 ** 53, 2 ** 63))
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 12 }), fc.constantFrom(10, 36), (value, width, base) => {
        const out = new OctetWriter(1)
        out.number(value, width, base)
        expect(out.take().toString()).to.equal(value.toString(base).padStart(width))
      }),
    )
  })

  it('grows, and is empty once what it has was taken', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.nat(99), (texts, number) => {
        const out = new OctetWriter(2)
        for (let round = 0; round < 2; round++) {
          for (const text of texts) out.name(text)
          out.two(number)
          out.octet(0xff)
          const expected = [...texts.map(encodeOctets), Buffer.from(String(number).padStart(2, '0')), Buffer.of(0xff)]
          expect(out.length).to.equal(Buffer.concat(expected).length)
          expect(out.take()).to.deep.equal(Buffer.concat(expected))
          expect(out.length).to.equal(0)
        }
      }),
    )
  })
})
