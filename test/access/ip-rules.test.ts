/** Ordered lists of rules: first match, implicit deny, expiry. */
import { expect } from 'chai'
import * as fc from 'fast-check'
import { addressOf } from '../../module/access/address.ts'
import { checkRules, RuleList, type Decision, type NameLookup } from '../../module/access/ip-rules.ts'
import { parseMask } from '../../module/access/ip-rule.ts'
import { holds } from '../../module/access/mask.ts'
import { address, noNames, rules } from './rules.ts'

const now = Date.UTC(2030, 0, 1)

function decide(list: RuleList, text: string, names: NameLookup = noNames): Decision {
  const decision = list.decide(address(text), now, names)
  if (decision instanceof Promise) throw new Error('the decision waits')
  return decision
}

describe('a rule list', () => {
  it('admits everyone while it is empty', () => {
    expect(decide(new RuleList([]), '192.0.2.1')).to.deep.equal({ allowed: true, by: 'empty' })
  })

  it('denies what no rule admits', () => {
    const list = new RuleList(rules('deny 198.51.100.7'))
    expect(decide(list, '192.0.2.1')).to.deep.equal({ allowed: false, by: 'unlisted' })
  })

  it('lets the first match decide and says which it was', () => {
    const list = new RuleList(rules('deny 192.0.2.0-24', 'allow *.*.*.*'))
    expect(decide(list, '192.0.2.24')).to.deep.equal({ allowed: false, by: 'rule', index: 0, mask: '192.0.2.0-24' })
    expect(decide(list, '192.0.2.25')).to.deep.equal({ allowed: true, by: 'rule', index: 1, mask: '*.*.*.*' })
    const swapped = new RuleList(rules('allow *.*.*.*', 'deny 192.0.2.0-24'))
    expect(decide(swapped, '192.0.2.24').allowed).to.be.true
  })

  it('needs a rule for each family', () => {
    const list = new RuleList(rules('allow *.*.*.*'))
    expect(decide(list, '2001:db8::1').allowed).to.be.false
    expect(decide(new RuleList(rules('allow *.*.*.*', 'allow *:*')), '2001:db8::1').allowed).to.be.true
  })

  it('stops an IPv4-mapped client that hopes to slip past a rule of IPv4', () => {
    const list = new RuleList(rules('deny 127.0.0.0/8', 'allow *.*.*.*', 'allow *:*'))
    expect(decide(list, '::ffff:127.0.0.1').allowed).to.be.false
    expect(decide(list, '::FFFF:7f00:1').allowed).to.be.false
  })

  it('passes over rules that have expired', () => {
    const list = new RuleList(rules('deny 192.0.2.1 until 2029-12-31T23:59:59Z', 'allow *.*.*.*'))
    expect(decide(list, '192.0.2.1').index).to.equal(1)
    const lasting = new RuleList(rules('deny 192.0.2.1 until 2030-01-01T01:00:01+01:00', 'allow *.*.*.*'))
    expect(decide(lasting, '192.0.2.1').index).to.equal(0)
  })

  it('stays closed when its last rule expires', () => {
    const list = new RuleList(rules('allow 192.0.2.1 until 2029-12-31T00:00:00Z'))
    expect(decide(list, '192.0.2.1')).to.deep.equal({ allowed: false, by: 'unlisted' })
  })

  it('asks for names only when a rule of names is reached', async () => {
    const asked: string[] = []
    const names: NameLookup = {
      belongs: async (_, mask) => {
        asked.push(mask.text)
        return mask.text === 'office.example'
      },
    }
    const list = new RuleList(rules('deny 192.0.2.1', 'allow *.example.com', 'allow office.example', 'allow *.*.*.*'))
    expect(decide(list, '192.0.2.1', names).index).to.equal(0)
    expect(asked).to.deep.equal([])
    expect((await list.decide(address('192.0.2.2'), now, names)).index).to.equal(2)
    expect(asked).to.deep.equal(['*.example.com', 'office.example'])
  })

  it('knows the addresses that allow rules name exactly', () => {
    const list = new RuleList(
      rules(
        'allow 192.0.2.1',
        'allow 192.0.2.2/32',
        'allow 192.0.2.3-4',
        'deny 192.0.2.5',
        'allow 2001:DB8::1',
        'allow 192.0.2.6 until 2029-01-01T00:00:00Z',
      ),
    )
    const exact = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.5', '192.0.2.6', '2001:db8::1'].filter((text) =>
      list.namesExactly(address(text), now),
    )
    expect(exact).to.deep.equal(['192.0.2.1', '2001:db8::1'])
  })

  it('is not made of masks that mean nothing: a deny rule that matches nothing would let people in', () => {
    const broken = rules('allow *.*.*.*', 'deny 192.0.2.24-0')
    expect(() => new RuleList(broken)).to.throw('Rule 2')
    expect(checkRules(broken)).to.have.lengthOf(1)
    expect(checkRules(broken)[0]).to.deep.include({ index: 1 })
    expect(checkRules(broken)[0]?.problem.meant).to.equal('192.0.2.0-24')
  })

  it('obeys the law of the first match for any rules and addresses', () => {
    const octet = fc.constantFrom('*', '0', '1', '2', '0-1', '1-2')
    const four = fc.array(octet, { minLength: 4, maxLength: 4 }).map((parts) => parts.join('.'))
    const six = fc.array(octet, { minLength: 8, maxLength: 8 }).map((parts) => parts.join(':'))
    const mask = fc.oneof(four, six, fc.constantFrom('*:*', '0.0.0.0/7', '::/15', '::ffff:0.1.0.0/112'))
    const rule = fc.tuple(fc.constantFrom('allow', 'deny'), mask).map(([action, text]) => `${action} ${text}`)
    const value = fc.integer({ min: 0, max: 2 })
    const candidate = fc.oneof(
      fc.array(value, { minLength: 4, maxLength: 4 }),
      fc.array(value, { minLength: 8, maxLength: 8 }),
    )
    fc.assert(
      fc.property(fc.array(rule, { minLength: 1, maxLength: 12 }), candidate, (lines, parts) => {
        const list = rules(...lines)
        const index = list.findIndex((entry) => {
          const read = parseMask(entry.mask)
          return 'mask' in read && read.mask.kind === 'addresses' && holds(read.mask, addressOf(parts))
        })
        const decision = new RuleList(list).decide(addressOf(parts), now, noNames)
        expect(decision).to.include(
          index < 0
            ? { allowed: false, by: 'unlisted' }
            : { allowed: list[index]?.action === 'allow', by: 'rule', index },
        )
      }),
      { numRuns: 1000 },
    )
  })
})
