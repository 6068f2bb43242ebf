/** Numbers and names as octets: the same as their texts. */
import * as fc from 'fast-check'
import { expect } from 'chai'
import { OctetWriter } from '../../module/ftp/octet-writer.ts'
import { encodeOctets } from '../../module/ftp/octets.ts'

/** A name as a folder holds it, two octets behind the beginning. */
const entry = (name: string) => Buffer.from(`..${name}\0x\r\n`)

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

  it('takes over what another one has, also after that has changed or grown', () => {
    const texts = fc.array(fc.tuple(fc.nat(30), fc.stringMatching(/^[ -~]{0,30}$/)))
    fc.assert(
      fc.property(texts, (changes) => {
        const [piece, out] = [new OctetWriter(1), new OctetWriter(1)]
        let [told, all] = ['', '']
        for (const [at, text] of changes) {
          const kept = Math.min(at, told.length)
          const { length } = told
          piece.rewind(kept)
          piece.ascii(text)
          told = told.slice(0, kept) + text + told.slice(kept + text.length)
          // What stands behind the place that was written over is still there.
          piece.rewind(Math.max(length, kept + text.length))
          out.append(piece)
          all += told
        }
        expect(out.take().toString('latin1')).to.equal(all)
        expect(piece.length).to.equal(told.length)
      }),
    )
  })

  it('ends lines behind names, and refuses a name that ends one itself', () => {
    const out = new OctetWriter(1)
    expect(out.nameLine(entry('two words'), 2, 15)).to.equal(true)
    expect(out.nameLine(entry('a\nb'), 2, 9)).to.equal(false)
    expect(out.nameLine(entry('a\rb'), 2, 9)).to.equal(false)
    expect(out.nameLine(Buffer.from('to the end'), 3, 10)).to.equal(true)
    expect(out.take().toString()).to.equal('two words\r\nthe end\r\n')
  })
})
