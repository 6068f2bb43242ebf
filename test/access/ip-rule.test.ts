/** The mask language: what masks hold, what they are called, and what is said of those that mean nothing. */
import { expect } from 'chai'
import * as fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { addressOf, parseAddress, type Address } from '../../module/access/address.ts'
import { parseMask } from '../../module/access/ip-rule.ts'
import { describeMask, holds, type AddressMask } from '../../module/access/mask.ts'
import { fits, parseNameMask } from '../../module/access/mask-name.ts'

/** The mask of a text that must mean addresses. */
function mask(text: string): AddressMask {
  const result = parseMask(text)
  if (!('mask' in result) || result.mask.kind !== 'addresses') throw new Error(`${text}: ${JSON.stringify(result)}`)
  return result.mask
}

function address(text: string): Address {
  const parsed = parseAddress(text)
  if (!parsed) throw new Error(`${text} is no address`)
  return parsed
}

function problem(text: string): { code?: string; meant?: string } {
  const result = parseMask(text)
  return 'problem' in result ? { ...result.problem } : {}
}

const part = (maximum: number) => {
  const value = fc.integer({ min: 0, max: maximum })
  return fc.oneof(
    value.map((at) => [at, at] as const),
    fc.tuple(value, value).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const),
    fc.constant([0, maximum] as const),
  )
}
const four = fc.array(part(255), { minLength: 4, maxLength: 4 })
const six = fc.array(part(0xffff), { minLength: 8, maxLength: 8 })
const written = (ranges: readonly (readonly [number, number])[]): string => {
  const [radix, maximum, glue] = ranges.length === 4 ? ([10, 255, '.'] as const) : ([16, 0xffff, ':'] as const)
  const texts = ranges.map(([low, high]) =>
    low === 0 && high === maximum
      ? '*'
      : low === high
        ? low.toString(radix)
        : `${low.toString(radix)}-${high.toString(radix)}`,
  )
  return texts.join(glue)
}
/** Values inside, at the edges of and just beside a range. */
const near = ([low, high]: readonly [number, number], maximum: number) =>
  fc.oneof(
    fc.integer({ min: low, max: high }),
    fc.constantFrom(low, high, Math.max(low - 1, 0), Math.min(high + 1, maximum)),
    fc.integer({ min: 0, max: maximum }),
  )

describe('a mask of addresses', () => {
  const examples: readonly (readonly [
    mask: string,
    count: bigint,
    first: string,
    last: string,
    in_: string,
    out: string,
  ])[] = [
    ['192.0.2.7', 1n, '192.0.2.7', '192.0.2.7', '::ffff:192.0.2.7', '192.0.2.8'],
    ['192.0.2.0-24', 25n, '192.0.2.0', '192.0.2.24', '192.0.2.24', '192.0.2.25'],
    ['152.2.200-202.103', 3n, '152.2.200.103', '152.2.202.103', '152.2.201.103', '152.2.201.104'],
    ['134.*.34.7', 256n, '134.0.34.7', '134.255.34.7', '134.9.34.7', '134.9.34.8'],
    ['192.0.2.*', 256n, '192.0.2.0', '192.0.2.255', '192.0.2.0', '192.0.3.0'],
    ['192.0.2.0/24', 256n, '192.0.2.0', '192.0.2.255', '192.0.2.255', '192.0.1.255'],
    ['*.*.*.*', 1n << 32n, '0.0.0.0', '255.255.255.255', '8.8.8.8', '::1'],
    ['*:*', 1n << 128n, '::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '2001:db8::1', '8.8.8.8'],
    [
      'fe80::a450:9a2e:ff9d:a915-a9aa',
      150n,
      'fe80::a450:9a2e:ff9d:a915',
      'fe80::a450:9a2e:ff9d:a9aa',
      'fe80::a450:9a2e:ff9d:a9aa%3',
      'fe80::a450:9a2e:ff9d:a9ab',
    ],
    [
      '2001:db8::/32',
      1n << 96n,
      '2001:db8::',
      '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff',
      '2001:db8:9::1',
      '2001:db9::1',
    ],
    [
      '2001:db8:*:*:*:*:*:1',
      1n << 80n,
      '2001:db8::1',
      '2001:db8:ffff:ffff:ffff:ffff:ffff:1',
      '2001:db8:9::1',
      '2001:db8::2',
    ],
  ]
  for (const [text, count, first, last, in_, out] of examples) {
    it(`${text} holds ${count > 1000n ? 'many' : count} from ${first} to ${last}`, () => {
      expect(describeMask(mask(text))).to.include({ count, first, last })
      expect(holds(mask(text), address(in_)), in_).to.be.true
      expect(holds(mask(text), address(out)), out).to.be.false
    })
  }

  it('192.0.2.0-24 is 25 addresses and not a /24', () => {
    expect(describeMask(mask('192.0.2.0-24'))?.count).to.equal(25n)
    expect(describeMask(mask('192.0.2.0/24'))?.count).to.equal(256n)
  })

  it('says whether it is one block', () => {
    expect(describeMask(mask('134.*.34.7'))?.contiguous).to.be.false
    expect(describeMask(mask('10.1-2.*.*'))?.contiguous).to.be.true
  })

  it('is shown normalised', () => {
    const texts: readonly (readonly [string, string])[] = [
      ['192.0.2.5/24', '192.0.2.0/24'],
      ['0-255.0-255.*.*', '*.*.*.*'],
      ['192.0.2.5-5', '192.0.2.5'],
      ['2001:0DB8::00ff', '2001:db8::ff'],
      ['2001:db8::0-ffff', '2001:db8::*'],
      ['fe80::1%eth0', 'fe80::1'],
      ['::ffff:192.0.2.0/120', '192.0.2.0/24'],
      ['::ffff:c000:200-218', '192.0.2.0-24'],
      ['0:0:0:0:0:ffff:192.0.2.0-24', '192.0.2.0-24'],
      ['::ffff:0:0/96', '0.0.0.0/0'],
      ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
      ['  192.0.2.1 ', '192.0.2.1'],
    ]
    for (const [typed, text] of texts) expect(mask(typed).text, typed).to.equal(text)
  })

  it('is exact only where one address is written', () => {
    for (const text of ['192.0.2.1', '::ffff:192.0.2.1', 'fe80::1%eth0']) expect(mask(text).form).to.equal('exact')
    for (const text of ['192.0.2.1/32', '192.0.2.*', 'fe80::/128', '192.0.2.1-2']) {
      expect(mask(text).form, text).not.to.equal('exact')
    }
  })

  it('of IPv6 never holds IPv4, also not IPv4-mapped', () => {
    for (const text of ['*:*', '::/0', '::/80'])
      expect(holds(mask(text), address('::ffff:192.0.2.1')), text).to.be.false
  })
})

describe('a mask that means nothing', () => {
  const mistakes: readonly (readonly [text: string, code: string, meant?: string])[] = [
    ['', 'empty'],
    ['192.0.2.24-0', 'reversed', '192.0.2.0-24'],
    ['fe80::9-1', 'reversed', 'fe80::1-9'],
    ['192.0.02.1', 'zeros', '192.0.2.1'],
    ['010.0.0.1', 'zeros', '10.0.0.1'],
    ['192.0.2.1/08', 'zeros', '192.0.0.0/8'],
    ['192.0.2', 'parts', '192.0.2.*'],
    ['192.0.2/24', 'parts', '192.0.2.0/24'],
    ['*.*', 'parts', '*.*.*.*'],
    ['192.0.2.1.5', 'parts'],
    ['2001:db8', 'parts', '2001:db8::/32'],
    ['2001:db8:*', 'parts', '2001:db8:*:*:*:*:*:*'],
    ['192.0.2.1-300', 'too-large', '192.0.2.1-255'],
    ['192.0.2.256', 'too-large'],
    ['12345::', 'too-large'],
    ['192.0.2.1/33', 'prefix'],
    ['2001:db8::/129', 'prefix'],
    ['192.0.*.0/24', 'prefix-and-range', '192.0.*.0'],
    ['192.0.2.0/255.255.255.0', 'netmask', '192.0.2.0/24'],
    ['192.0.2.0-192.0.2.24', 'full-range', '192.0.2.0-24'],
    ['10.0.0.0 - 10.3.255.255', 'full-range', '10.0-3.*.*'],
    ['192.0.2.9-192.0.3.4', 'full-range'],
    ['192.0.2.1, 192.0.2.2', 'several'],
    ['192.0.2.1:21', 'port', '192.0.2.1'],
    ['[2001:db8::1]:21', 'brackets', '2001:db8::1'],
    ['!192.0.2.1', 'negation', '192.0.2.1'],
    ['all', 'everyone', '*.*.*.*'],
    ['192.0.2.x', 'part', '192.0.2.*'],
    ['192.0.2.?', 'part', '192.0.2.0-9'],
    ['1--2.0.0.1', 'part'],
    ['::1::', 'part'],
    ['::ffff:fe01-ff02:5', 'mapped'],
    ['exa mple.com', 'several'],
    ['-example.com', 'name'],
    ['bücher*.example', 'name'],
    ['example.com/24', 'name'],
  ]
  for (const [text, code, meant] of mistakes) {
    it(`"${text}" is refused as ${code}${meant === undefined ? '' : `, meaning ${meant}`}`, () => {
      const found = problem(text)
      expect({ code: found.code, meant: found.meant }).to.deep.equal({ code, meant })
    })
  }
})

describe('masks in general', () => {
  for (const [name, ranges, maximum] of [
    ['IPv4', four, 255],
    ['IPv6', six, 0xffff],
  ] as const) {
    it(`hold exactly the ${name} addresses they claim`, () => {
      const claims = ranges.chain((box) =>
        fc.tuple(fc.constant(box), fc.tuple(...box.map((range) => near(range, maximum)))),
      )
      fc.assert(
        fc.property(claims, ([box, parts]) => {
          fc.pre(addressOf(parts).family === (parts.length === 4 ? 4 : 6))
          const claimed = box.every(([low, high], at) => (parts[at] ?? -1) >= low && (parts[at] ?? -1) <= high)
          expect(holds(mask(written(box)), addressOf(parts))).to.equal(claimed)
        }),
        { numRuns: 1000 },
      )
    })

    it(`of ${name} read back from their normalised text as themselves`, () => {
      fc.assert(
        fc.property(ranges, (box) => {
          expect(mask(mask(written(box)).text)).to.deep.equal(mask(written(box)))
        }),
      )
    })

    it(`as networks of ${name} agree with ipaddr.js`, () => {
      const parts = maximum === 255 ? 4 : 8
      const any = fc.array(fc.integer({ min: 0, max: maximum }), { minLength: parts, maxLength: parts })
      const network = fc.tuple(any, fc.integer({ min: 0, max: parts === 4 ? 32 : 128 }))
      const flipped = fc.option(fc.integer({ min: 0, max: parts === 4 ? 31 : 127 }))
      fc.assert(
        fc.property(network, any, flipped, ([base, length], other, flip) => {
          // Half of the candidates differ from the network's own address in a single bit.
          const bits = parts === 4 ? 8 : 16
          const candidate =
            flip === null
              ? other
              : base.map((value, at) => (at === Math.floor(flip / bits) ? value ^ (1 << (flip % bits)) : value))
          fc.pre(addressOf(base).family === (parts === 4 ? 4 : 6) && addressOf(candidate).parts.length === parts)
          const oracle = ipaddr.parse(addressOf(candidate).text).match(ipaddr.parse(addressOf(base).text), length)
          const read = mask(`${addressOf(base).text}/${length}`)
          expect(holds(read, addressOf(candidate))).to.equal(oracle)
          expect(describeMask(read)?.count).to.equal(1n << BigInt((parts === 4 ? 32 : 128) - length))
          expect(describeMask(read)?.contiguous).to.be.true
        }),
        { numRuns: 1000 },
      )
    })
  }

  it('count their addresses and name the first and the last', () => {
    const small = fc.array(
      fc
        .tuple(fc.integer({ min: 0, max: 250 }), fc.integer({ min: 0, max: 4 }))
        .map(([low, more]) => [low, low + more] as const),
      { minLength: 4, maxLength: 4 },
    )
    fc.assert(
      fc.property(small, (box) => {
        const all = box.reduce<number[][]>(
          (lists, [low, high]) =>
            lists.flatMap((list) => Array.from({ length: high - low + 1 }, (_, more) => [...list, low + more])),
          [[]],
        )
        const read = mask(written(box))
        expect(all.every((parts) => holds(read, addressOf(parts)))).to.be.true
        expect(describeMask(read)).to.include({
          count: BigInt(all.length),
          first: all[0]?.join('.'),
          last: all.at(-1)?.join('.'),
        })
      }),
      { numRuns: 50 },
    )
  })

  it('never make the parser throw, and what was meant can always be used', () => {
    const pieces = fc.array(
      fc.constantFrom(
        '*',
        '-',
        '.',
        ':',
        '/',
        '?',
        '0',
        '00',
        '1',
        '24',
        '255',
        '256',
        'ff',
        '::ffff:',
        '[',
        ']',
        '%e',
        ' ',
        '!',
        'a',
        'ü',
      ),
    )
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      pieces.map((all) => all.join('')),
    )
    fc.assert(
      fc.property(text, (typed) => {
        const { meant } = problem(typed)
        if (meant !== undefined) expect(parseMask(meant), `${typed} → ${meant}`).to.have.property('mask')
      }),
      { numRuns: 5000 },
    )
  })
})

describe('a mask of names', () => {
  it('is a host, or a pattern with wildcards', () => {
    expect(parseNameMask('Office.DynDNS.example.')).to.deep.equal({ kind: 'host', text: 'office.dyndns.example' })
    expect(parseNameMask('*.Example.com')).to.deep.equal({ kind: 'names', text: '*.example.com' })
    expect(parseNameMask('server?.example.com').kind).to.equal('names')
  })

  it('is written in ASCII for names of other scripts', () => {
    expect(parseNameMask('bücher.example').text).to.equal('xn--bcher-kva.example')
    expect(parseNameMask('*.пример.example').text).to.equal('*.xn--e1afmkfd.example')
  })

  it('fits names: * spans dots, ? is one character, and the domain itself is not below itself', () => {
    expect(fits('a.example.com', '*.example.com')).to.be.true
    expect(fits('a.b.example.com', '*.example.com')).to.be.true
    expect(fits('example.com', '*.example.com')).to.be.false
    expect(fits('notexample.com', '*.example.com')).to.be.false
    expect(fits('a.example.com.evil.example', '*.example.com')).to.be.false
    expect(fits('server1.example.com', 'server?.example.com')).to.be.true
    expect(fits('server12.example.com', 'server?.example.com')).to.be.false
    expect(fits('server.example.com', 'server?.example.com')).to.be.false
    expect(fits('server..example.com', 'server?.example.com')).to.be.false
  })

  it('fits as a regular expression would', () => {
    const name = fc.array(fc.constantFrom('a', 'b', '.'), { maxLength: 8 }).map((all) => all.join(''))
    const pattern = fc.array(fc.constantFrom('a', 'b', '.', '*', '?'), { maxLength: 6 }).map((all) => all.join(''))
    fc.assert(
      fc.property(name, pattern, (text, wild) => {
        const source = wild.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '[^.]')
        expect(fits(text, wild)).to.equal(new RegExp(`^${source}$`).test(text))
      }),
      { numRuns: 2000 },
    )
  })

  it('withstands a pattern bomb', () => {
    const before = performance.now()
    expect(fits('a'.repeat(253), `${'*a'.repeat(100)}*b`)).to.be.false
    expect(performance.now() - before).to.be.below(50)
  })
})
