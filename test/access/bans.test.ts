/** Bans given by an administrator: their reach, their end, and that they are no rules. */
import { expect } from 'chai'
import { MANUAL_BANS } from '../../module/access/bans.ts'
import { RuleList } from '../../module/access/ip-rules.ts'
import { rules } from './rules.ts'
import { setUp } from './set-up.ts'

describe('a ban given by hand', () => {
  it('refuses that address alone and does not turn an empty list into a deny-all', () => {
    const { bans, open } = setUp()
    bans.banMask({ mask: '198.51.100.7', minutes: 10, by: 'admin' })
    expect(open('198.51.100.7')).to.be.false
    expect(open('::ffff:198.51.100.7')).to.be.false
    expect(open('198.51.100.8')).to.be.true
    expect(open('2001:db8::1')).to.be.true
  })

  it('holds for a network, for one domain, and ends by itself', () => {
    const { clock, bans, open } = setUp()
    bans.banMask({ mask: '198.51.100.7/24', minutes: 10, by: 'admin', domain: 'shop', note: 'scans' })
    expect(open('198.51.100.200', 'shop')).to.be.false
    expect(open('198.51.100.200', 'default')).to.be.true
    expect(bans.rows()).to.deep.equal([
      {
        id: 'manual 198.51.100.0/24 in shop',
        reason: 'manual',
        subject: '198.51.100.0/24',
        domain: 'shop',
        since: Date.UTC(2030, 0, 1),
        expiresIn: 600,
        by: 'admin',
        note: 'scans',
      },
    ])
    clock.pass(601)
    expect(open('198.51.100.200', 'shop')).to.be.true
    expect(bans.rows()).to.deep.equal([])
  })

  it('holds also for addresses that automatic bans spare', () => {
    const { bans, open } = setUp({ policy: { server: new RuleList(rules('allow 198.51.100.7', 'allow *.*.*.*')) } })
    bans.banMask({ mask: '198.51.100.7', minutes: 10, by: 'admin' })
    bans.banMask({ mask: '192.168.1.9', minutes: 10, by: 'admin' })
    expect(open('198.51.100.7')).to.be.false
    expect(open('192.168.1.9')).to.be.false
  })

  it('can be lifted', () => {
    const { hammering, bans, open } = setUp()
    const { id } = bans.banMask({ mask: '198.51.100.7', minutes: 10, by: 'admin' })
    expect(hammering.lift(id)?.subject).to.equal('198.51.100.7')
    expect(open('198.51.100.7')).to.be.true
  })

  it('is refused for names and for what is no mask', () => {
    const { bans } = setUp()
    expect(() => bans.banMask({ mask: '*.example.com', minutes: 1, by: 'admin' })).to.throw(RangeError)
    expect(() => bans.banMask({ mask: '192.0.2.9-1', minutes: 1, by: 'admin' })).to.throw(RangeError)
  })

  it('is not pushed out by any number of attackers, and is bounded itself', () => {
    const { bans, fail, open } = setUp()
    for (let host = 0; host < MANUAL_BANS; host++) {
      bans.banMask({ mask: `10.0.${host >> 8}.${host & 255}`, minutes: 10, by: 'admin' })
    }
    expect(() => bans.banMask({ mask: '10.9.9.9', minutes: 10, by: 'admin' })).to.throw(RangeError)
    expect(bans.banMask({ mask: '10.0.0.0', minutes: 20, by: 'admin' }).expiresIn).to.equal(1200)
    for (let host = 0; host < 20_000; host++) fail(`20.0.${host >> 8}.${host & 255}`, 'root', 6)
    expect(open('10.0.0.0')).to.be.false
  })
})
