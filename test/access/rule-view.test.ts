/** What pages show of a rule list: rules that are never reached, and an order for reading. */
import { expect } from 'chai'
import * as fc from 'fast-check'
import { addressOf } from '../../module/access/address.ts'
import { compileRules, RuleList } from '../../module/access/ip-rules.ts'
import { admitsNobody, neverReached, sortedView } from '../../module/access/rule-view.ts'
import { noNames, rules } from './rules.ts'

const now = Date.UTC(2030, 0, 1)
const shadowed = (...lines: string[]) => [...neverReached(compileRules(rules(...lines)), now)]
const nobody = (...lines: string[]) => admitsNobody(compileRules(rules(...lines)), now)

describe('a rule that is never reached', () => {
  it('stands behind one that takes all its addresses', () => {
    expect(shadowed('allow *.*.*.*', 'deny 192.0.2.0-24')).to.deep.equal([[1, [0]]])
    expect(shadowed('deny 192.0.2.0-24', 'allow *.*.*.*')).to.deep.equal([])
    expect(shadowed('allow *.*.*.*', 'deny 2001:db8::1')).to.deep.equal([])
  })

  it('may stand behind several that do so together', () => {
    expect(shadowed('allow 10.0.0.0/25', 'deny 10.0.0.128-255', 'deny 10.0.0.7', 'allow 10.0.0.0/24')).to.deep.equal([
      [2, [0]],
      [3, [0, 1]],
    ])
    expect(shadowed('allow 10.0.0.0/25', 'deny 10.0.0.129-255', 'allow 10.0.0.0/24')).to.deep.equal([])
  })

  it('may repeat an earlier one in another spelling', () => {
    expect(
      shadowed('allow 192.0.2.*', 'deny ::ffff:192.0.2.0/120', 'allow 2001:db8::1', 'deny 2001:0DB8:0::1'),
    ).to.deep.equal([
      [1, [0]],
      [3, [2]],
    ])
  })

  it('is one of names only behind the same name or behind everything', () => {
    expect(shadowed('allow *.example.com', 'deny *.EXAMPLE.com')).to.deep.equal([[1, [0]]])
    expect(shadowed('allow *.*.*.*', 'deny *.example.com')).to.deep.equal([])
    expect(shadowed('allow *.*.*.*', 'allow *:*', 'deny *.example.com')).to.deep.equal([[2, [0, 1]]])
    expect(shadowed('allow *.example.com', 'deny 192.0.2.1')).to.deep.equal([])
  })

  it('is reached once a rule before it expires', () => {
    const soon = '2030-02-01T00:00:00Z'
    expect(shadowed(`allow *.*.*.* until ${soon}`, 'deny 192.0.2.1')).to.deep.equal([])
    expect(shadowed(`allow *.*.*.* until ${soon}`, 'deny 192.0.2.1 until 2030-01-15T00:00:00Z')).to.deep.equal([
      [1, [0]],
    ])
    expect(shadowed('allow *.*.*.* until 2029-01-01T00:00:00Z', 'deny 192.0.2.1')).to.deep.equal([])
  })

  it('never decides, whatever the address', () => {
    const octet = fc.constantFrom('*', '0', '1', '2', '0-1', '1-2', '2-255', '0-127', '128-255')
    const four = fc.array(octet, { minLength: 4, maxLength: 4 }).map((parts) => parts.join('.'))
    const rule = fc.tuple(fc.constantFrom('allow', 'deny'), four).map(([action, text]) => `${action} ${text}`)
    const value = fc.constantFrom(0, 1, 2, 3, 127, 128, 255)
    const candidates = fc.array(fc.array(value, { minLength: 4, maxLength: 4 }), { minLength: 50, maxLength: 50 })
    let marked = 0
    fc.assert(
      fc.property(fc.array(rule, { minLength: 2, maxLength: 25 }), candidates, (lines, addresses) => {
        const list = new RuleList(rules(...lines))
        const never = neverReached(list.rules, now)
        marked += never.size
        for (const parts of addresses) {
          const decision = list.decide(addressOf(parts), now, noNames)
          expect('index' in decision && never.has(decision.index ?? -1)).to.be.false
        }
      }),
      { numRuns: 300 },
    )
    expect(marked).to.be.above(100)
  })
})

describe('a list that admits nobody', () => {
  it('has rules, and none that allows and is reached', () => {
    expect(nobody()).to.be.false
    expect(nobody('deny 192.0.2.1')).to.be.true
    expect(nobody('deny *.*.*.*', 'allow 192.0.2.1')).to.be.true
    expect(nobody('deny *.*.*.*', 'allow 2001:db8::1')).to.be.false
    expect(nobody('allow 192.0.2.1 until 2029-01-01T00:00:00Z')).to.be.true
  })
})

describe('the sorted view', () => {
  it('orders by number, larger blocks first, names at the end, and leaves the rules where they are', () => {
    const list = compileRules(
      rules(
        'allow *.example.com',
        'allow 192.0.2.10',
        'deny 2001:db8::1',
        'allow 192.0.2.9',
        'deny 192.0.2.*',
        'allow 10.0.0.1',
        'allow a.example',
      ),
    )
    expect(sortedView(list).map((index) => list[index]?.typed)).to.deep.equal([
      '10.0.0.1',
      '192.0.2.*',
      '192.0.2.9',
      '192.0.2.10',
      '2001:db8::1',
      '*.example.com',
      'a.example',
    ])
    expect(list.map(({ index }) => index)).to.deep.equal([0, 1, 2, 3, 4, 5, 6])
  })
})
