/** Lines taken apart, and the parsers of arguments: typed or refused, never anything between (fast-check). */
import { expect } from 'chai'
import * as fc from 'fast-check'
import { octets, wordAndPathname } from '../../module/ftp/argument.ts'
import { commandTable } from '../../module/ftp/commands/table.ts'
import { hostname } from '../../module/ftp/hostname.ts'
import { parseLine } from '../../module/ftp/line.ts'
import { Refusal } from '../../module/ftp/reply.ts'
import type { Session } from '../../module/ftp/session.ts'

const text = fc.string({ unit: 'binary', maxLength: 60 })

describe('a command line', () => {
  it('is verb, one space and an argument that keeps every further space', () => {
    fc.assert(
      fc.property(text, (argument) => {
        const line = parseLine(`retr ${argument}`, commandTable)
        expect(line).to.include({ verb: 'RETR', argument, hostile: false })
        expect(line.command).to.equal(commandTable.get('RETR'))
      }),
    )
  })

  it('never throws, and knows only commands of the table', () => {
    fc.assert(
      fc.property(
        fc.oneof(text, fc.constantFrom('__proto__', 'constructor x', 'SITE __proto__', 'OPTS toString')),
        (line) => {
          const { verb, command } = parseLine(line, commandTable)
          expect(command).to.equal(commandTable.get(verb))
        },
      ),
    )
  })

  it('of a family names both words, whatever the case', () => {
    expect(parseLine('site chmod 644 a b', commandTable)).to.include({ verb: 'SITE CHMOD', argument: '644 a b' })
    expect(parseLine('OPTS utf8 on', commandTable)).to.include({ verb: 'OPTS UTF8', argument: 'on' })
    expect(parseLine('SITE nothing x', commandTable)).to.include({
      verb: 'SITE',
      argument: 'nothing x',
      family: 'SITE',
    })
  })

  it('of another protocol is known as hostile (ALPACA)', () => {
    for (const line of [
      'GET / HTTP/1.1',
      'post / x',
      'EHLO a',
      'Host: x',
      'Content-Type: text/html',
      'User-Agent: x',
    ]) {
      expect(parseLine(line, commandTable).hostile, line).to.be.true
    }
    for (const verb of commandTable.keys()) expect(parseLine(verb, commandTable).hostile, verb).to.be.false
  })
})

describe('a number of octets', () => {
  it('is what it says, up to 2^53 - 1', () => {
    fc.assert(fc.property(fc.maxSafeNat(), (number) => octets(String(number)) === number))
  })

  it('is refused in every other form', () => {
    const wrong = fc.oneof(
      text.filter((each) => !/^[0-9]+$/.test(each)),
      fc.bigInt({ min: 2n ** 53n, max: 2n ** 70n }).map(String),
      fc
        .double()
        .map(String)
        .filter((each) => !/^[0-9]+$/.test(each)),
    )
    fc.assert(fc.property(wrong, (each) => refusal(() => octets(each)) === 501))
  })
})

describe('a word and a pathname', () => {
  it('are parted at the first space', () => {
    const word = fc.string({ minLength: 1 }).filter((each) => !/[ \0]/.test(each))
    const path = fc.string({ minLength: 1 })
    fc.assert(
      fc.property(word, path, (first, rest) => {
        expect(wordAndPathname(`${first} ${rest}`)).to.deep.equal({ first, rest })
      }),
    )
  })

  it('are both needed', () => {
    for (const line of ['', ' ', 'word', 'word ', ' path', 'w\0rd path']) {
      expect(
        refusal(() => wordAndPathname(line)),
        JSON.stringify(line),
      ).to.equal(501)
    }
  })
})

describe('a host name', () => {
  const label = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,20}[a-z0-9])?$/)

  it('is taken in any case, with and without the last dot', () => {
    fc.assert(
      fc.property(fc.array(label, { minLength: 1, maxLength: 5 }), (labels) => {
        const name = labels.join('.')
        // Four numbers are an address.
        fc.pre(!/^[\d.]+$/.test(name))
        expect(parsed(name.toUpperCase())).to.deep.equal({ text: name, literal: false })
        expect(parsed(`${name}.`)).to.deep.equal({ text: name, literal: false })
      }),
    )
  })

  it('may be an address in the spelling of RFC 7151', () => {
    expect(parsed('192.0.2.1')).to.deep.equal({ text: '192.0.2.1', literal: true })
    expect(parsed('[2001:DB8:0:0::1]')).to.deep.equal({ text: '2001:db8::1', literal: true })
    expect(parsed('[::ffff:192.0.2.1]')).to.deep.equal({ text: '192.0.2.1', literal: true })
  })

  it('is refused in every other form', () => {
    const wrong =
      '.|..|a..b|-a|a-|a_b|a b|a:21|[::1|::1]|[]|[192.0.2.1]|[::1]:21|[fe80::1%eth0]|[::ffff:999.0.0.1]|é.example|a/b|a\0b'
    for (const name of wrong.split('|'))
      expect(
        refusal(() => parsed(name)),
        name,
      ).to.equal(501)
    expect(refusal(() => parsed(`${'a'.repeat(64)}.example`))).to.equal(501)
    expect(refusal(() => parsed(Array(60).fill('abcde').join('.')))).to.equal(501)
  })
})

/** The parsers of host names look at no session. */
function parsed(name: string): ReturnType<typeof hostname> {
  return hostname(name, undefined as unknown as Session)
}

function refusal(work: () => unknown): number | undefined {
  try {
    work()
  } catch (error) {
    if (error instanceof Refusal) return error.reply.code
    throw error
  }
  return undefined
}
