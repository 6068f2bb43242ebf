import { expect } from 'chai'
import * as fc from 'fast-check'
import { LineReader, type LineEvent } from '../../module/ftp/telnet.ts'

const IAC = '\xff'

const MAXIMUM = 24

/** The events of text (one character for each octet) that arrives in these segments. */
function read(...segments: string[]): string[] {
  const reader = new LineReader(MAXIMUM)
  return described(segments.flatMap((segment) => reader.push(Buffer.from(segment, 'latin1'))))
}

/** Lines as their text, answers that follow each other as one. */
function described(events: readonly LineEvent[]): string[] {
  const texts: string[] = []
  for (const event of events) {
    const text = event.kind === 'too-long' ? 'TOO LONG' : event.octets.toString('latin1')
    if (event.kind === 'answer' && texts.at(-1)?.startsWith('answer ')) texts[texts.length - 1] += text
    else texts.push(event.kind === 'answer' ? `answer ${text}` : text)
  }
  return texts
}

describe('LineReader', () => {
  describe('ends of lines', () => {
    const cases: [string, string[], string[]][] = [
      ['ends a line at CRLF', ['NOOP\r\n'], ['NOOP']],
      ['ends a line at a bare LF', ['NOOP\nPWD\n'], ['NOOP', 'PWD']],
      ['makes one line of CR CR LF', ['NOOP\r\r\nPWD\r\n'], ['NOOP', 'PWD']],
      ['joins CR and LF of different segments', ['NOOP\r', '\nPWD\r\n'], ['NOOP', 'PWD']],
      ['joins a line of many segments', ['R', 'ETR ', 'a b', '\r\n'], ['RETR a b']],
      ['gives pipelined lines in their order', ['USER a\r\nPASS b\r\nPWD\r\n'], ['USER a', 'PASS b', 'PWD']],
      ['keeps spaces at the end', ['RETR a \r\n'], ['RETR a ']],
      ['drops empty lines', ['\r\n\n\r\r\nNOOP\r\n\r\n'], ['NOOP']],
      ['keeps what is unfinished to itself', ['NOOP'], []],
      ['takes a bare CR as data', ['RETR a\rDELE b\r\n'], ['RETR a\rDELE b']],
      ['takes CR NUL as a CR', ['RETR a\r\0b\r\n'], ['RETR a\rb']],
      ['takes CR NUL before the end as a CR of the name', ['RETR a\r\0\r\n'], ['RETR a\r']],
      ['takes CR NUL of different segments as a CR', ['RETR a\r', '\0b\r\n'], ['RETR a\rb']],
      ['leaves any other NUL in the line, to be refused', ['RETR a\0b\r\n'], ['RETR a\0b']],
      ['does not take U+0085 and U+2028 as ends', ['RETR \xc2\x85\xe2\x80\xa8a\r\n'], ['RETR \xc2\x85\xe2\x80\xa8a']],
    ]
    for (const [name, segments, lines] of cases) it(name, () => expect(read(...segments)).to.deep.equal(lines))
  })

  describe('Telnet', () => {
    const cases: [string, string[], string[]][] = [
      ['takes IAC IAC as the octet 255', [`RETR a${IAC}${IAC}b\r\n`], [`RETR a${IAC}b`]],
      ['skips IAC IP IAC DM before ABOR', [`${IAC}\xf4${IAC}\xf2ABOR\r\n`], ['ABOR']],
      ['skips commands in the middle of a line', [`NO${IAC}\xf1OP${IAC}\xf9\r\n`], ['NOOP']],
      ['answers WILL with DONT', [`${IAC}\xfb\x01NOOP\r\n`], [`answer ${IAC}\xfe\x01`, 'NOOP']],
      ['answers DO with WONT', [`${IAC}\xfd\x06`], [`answer ${IAC}\xfc\x06`]],
      [
        'answers a flood of options in one piece',
        [`${IAC}\xfd\x06${IAC}\xfb\x07`],
        [`answer ${IAC}\xfc\x06${IAC}\xfe\x07`],
      ],
      ['does not answer WONT and DONT', [`${IAC}\xfc\x01${IAC}\xfe\x01NOOP\r\n`], ['NOOP']],
      [
        'takes an option equal to IAC or LF as an option',
        [`${IAC}\xfb\xff${IAC}\xfc\nNOOP\n`],
        [`answer ${IAC}\xfe\xff`, 'NOOP'],
      ],
      ['skips a subnegotiation', [`NO${IAC}\xfa\x01a\r\n${IAC}${IAC}b${IAC}\xf0OP\r\n`], ['NOOP']],
      [
        'joins an IAC split over segments',
        [`NO${IAC}`, '\xfb', '\x01OP', IAC, `${IAC}\r\n`],
        [`answer ${IAC}\xfe\x01`, `NOOP${IAC}`],
      ],
      ['drops what is left of a Synch without its DM', [`${IAC}\xf4${IAC}ABOR\r\n`], ['ABOR']],
      ['drops what is left of a Synch without its last IAC', [`${IAC}\xf4\xf2ABOR\r\n`], ['ABOR']],
      ['drops a stray IP and a stray IAC at the start', [`\xf4\xf2ABOR\r\n${IAC}${IAC}NOOP\r\n`], ['ABOR', 'NOOP']],
      ['keeps those octets inside a line', ['RETR \xf2\xf4\r\n'], ['RETR \xf2\xf4']],
    ]
    for (const [name, segments, lines] of cases) it(name, () => expect(read(...segments)).to.deep.equal(lines))

    it('stops waiting for the end of a subnegotiation after 1024 octets', () => {
      expect(read(`${IAC}\xfa${'x'.repeat(1024)}NOOP\r\n`)).to.deep.equal(['NOOP'])
    })
  })

  describe('ABOR as urgent data', () => {
    it('ends ABOR at its CR when the LF was lost', () => expect(read('ABOR\r')).to.deep.equal(['ABOR']))
    it('does so in any case of letters and behind a Synch', () => {
      expect(read(`${IAC}\xf4\xf2abor\r`, 'NOOP\r\n')).to.deep.equal(['abor', 'NOOP'])
    })
    it('swallows the LF when it comes yet', () => expect(read('ABOR\r', '\nNOOP\r\n')).to.deep.equal(['ABOR', 'NOOP']))
    it('waits for the LF of any other line', () => expect(read('XABOR\r', 'NOOP\r')).to.deep.equal([]))
    it('waits for the LF of ABOR with an argument', () => expect(read('ABOR \r')).to.deep.equal([]))
  })

  describe('bounds', () => {
    it('takes a line of exactly the maximum', () => {
      for (const end of ['\n', '\r\n']) {
        expect(read('x'.repeat(MAXIMUM) + end)).to.deep.equal(['x'.repeat(MAXIMUM)])
      }
    })

    it('never runs the tail of an over-long line as a command', () => {
      const attack = `${'A'.repeat(MAXIMUM + 1)}DELE x\r\nNOOP\r\n`
      expect(read(attack)).to.deep.equal(['TOO LONG', 'NOOP'])
      expect(read(...attack.split(''))).to.deep.equal(['TOO LONG', 'NOOP'])
    })

    it('says once that a line is too long and goes on', () => {
      expect(read('A'.repeat(500), 'A'.repeat(500), 'DELE x', '\r\nNOOP\r\n')).to.deep.equal(['TOO LONG', 'NOOP'])
    })

    it('is empty unless something of a line is unfinished', () => {
      const reader = new LineReader(MAXIMUM)
      expect(reader.empty).to.be.true
      for (const unfinished of ['N', 'x'.repeat(100), IAC, `${IAC}\xfa`]) {
        reader.push(Buffer.from(unfinished, 'latin1'))
        expect(reader.empty, unfinished).to.be.false
        reader.clear()
        expect(reader.empty).to.be.true
      }
      reader.push(Buffer.from('NOOP\r\n'))
      expect(reader.empty).to.be.true
    })

    it('forgets what was buffered when cleared', () => {
      const reader = new LineReader(MAXIMUM)
      reader.push(Buffer.from('USER x'))
      reader.clear()
      expect(described(reader.push(Buffer.from('NOOP\r\n')))).to.deep.equal(['NOOP'])
    })

    it('holds no more than one line of a flood without an end', () => {
      const reader = new LineReader(8192)
      const flood = Buffer.alloc(64 * 1024, 'A')
      const before = process.memoryUsage().arrayBuffers
      let tooLong = 0
      for (let times = 0; times < 1000; times += 1) tooLong += reader.push(flood).length
      expect(tooLong).to.equal(1)
      expect(process.memoryUsage().arrayBuffers - before).to.be.below(1024 * 1024)
    })
  })

  describe('properties', () => {
    const alphabet = fc.constantFrom(
      'A',
      'B',
      '\r',
      '\n',
      '\0',
      '\xff',
      '\xf0',
      '\xf2',
      '\xf4',
      '\xfa',
      '\xfb',
      '\xfd',
      '\x01',
      '\xc3',
    )
    const stream = fc.array(alphabet, { maxLength: 200 }).map((octets) => octets.join(''))

    it('reads the same lines however the octets are cut into segments', () => {
      fc.assert(
        fc.property(stream, fc.array(fc.nat(200), { maxLength: 20 }), (text, cuts) => {
          // The only thing a segment's border means anything to is an ABOR that ends there; the alphabet cannot spell it.
          const borders = [0, ...cuts.filter((cut) => cut <= text.length).sort((a, b) => a - b), text.length]
          const segments = borders.slice(1).map((border, index) => text.slice(borders[index], border))
          expect(read(...segments)).to.deep.equal(read(text))
        }),
        { numRuns: 2000 },
      )
    })

    it('survives random octets and never gives a line that is empty, too long or holds an LF', () => {
      fc.assert(
        fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 10 }), (chunks) => {
          const reader = new LineReader(32)
          for (const chunk of chunks) {
            for (const event of reader.push(Buffer.from(chunk))) {
              if (event.kind !== 'line') continue
              expect(event.octets.length).to.be.within(1, 32)
              expect(event.octets.includes(10)).to.be.false
            }
          }
        }),
        { numRuns: 1000 },
      )
    })
  })
})
