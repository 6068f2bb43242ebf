import { expect } from 'chai'
import * as fc from 'fast-check'
import { fromNetwork, NetworkCounter, toNetwork, type Converter } from '../../../module/ftp/data/ascii.ts'

/** What a converter makes of text in these pieces, one character for each octet. */
function run(converter: Converter, ...pieces: string[]): string {
  const parts = pieces.map((piece) => Buffer.from(converter.convert(Buffer.from(piece, 'latin1'))))
  return Buffer.concat([...parts, converter.end()]).toString('latin1')
}

const octets = fc
  .array(fc.constantFrom('\r', '\n', '\r\n', 'a', '\0', '\xff'), { maxLength: 100 })
  .map((parts) => parts.join(''))

/** Text and the same text cut into pieces, some of them empty. */
const pieces = fc.tuple(octets, fc.array(fc.nat(100), { maxLength: 10 })).map(([text, cuts]) => {
  const borders = [0, ...cuts.map((cut) => Math.min(cut, text.length)).sort((a, b) => a - b), text.length]
  return { text, parts: borders.slice(1).map((border, index) => text.slice(borders[index], border)) }
})

describe('TYPE A', () => {
  it('sends LF as CRLF and never as CR CR LF', () => {
    expect(run(toNetwork(), 'a\nb\r\nc\rd\n\n')).to.equal('a\r\nb\r\nc\rd\r\n\r\n')
  })

  it('sends a CRLF of the file once when it is cut in the middle', () => {
    expect(run(toNetwork(), 'a\r', '\nb', '\n', '\n')).to.equal('a\r\nb\r\n\r\n')
  })

  it('stores CRLF as LF and keeps bare CR and bare LF', () => {
    expect(run(fromNetwork(), 'a\r\nb\rc\nd\r\r\n')).to.equal('a\nb\rc\nd\r\n')
  })

  it('stores one end of line when CR and LF come in different chunks', () => {
    expect(run(fromNetwork(), 'a\r', '\nb\r', '', 'c\r', '\r', '\n')).to.equal('a\nb\rc\r\n')
  })

  it('keeps a CR at the very end', () => {
    expect(run(fromNetwork(), 'a\r')).to.equal('a\r')
  })

  it('passes a chunk on as it is when nothing changes', () => {
    const chunk = Buffer.from('no end of line')
    const dos = Buffer.from('one\r\ntwo\r\n')
    expect(toNetwork().convert(chunk)).to.equal(chunk)
    expect(toNetwork().convert(dos)).to.equal(dos)
    expect(fromNetwork().convert(chunk)).to.equal(chunk)
  })

  it('converts the same however the data is cut, in both directions', () => {
    fc.assert(
      fc.property(pieces, ({ text, parts }) => {
        expect(run(toNetwork(), ...parts)).to.equal(text.replaceAll(/(?<!\r)\n/g, '\r\n'))
        expect(run(fromNetwork(), ...parts)).to.equal(text.replaceAll('\r\n', '\n'))
      }),
      { numRuns: 2000 },
    )
  })

  it('brings a file back unchanged unless it held a CRLF', () => {
    fc.assert(
      fc.property(octets, (text) => {
        expect(run(fromNetwork(), run(toNetwork(), text))).to.equal(text.replaceAll('\r\n', '\n'))
      }),
    )
  })

  it('counts exactly the octets that it would send', () => {
    fc.assert(
      fc.property(pieces, ({ text, parts }) => {
        const counter = new NetworkCounter()
        for (const part of parts) counter.count(Buffer.from(part, 'latin1'))
        expect(counter.total).to.equal(run(toNetwork(), text).length)
      }),
      { numRuns: 2000 },
    )
  })
})
