/** Anti-hammering: what is counted, who is banned and for how long. */
import { expect } from 'chai'
import { AUTOMATIC_BANS } from '../../module/access/bans.ts'
import { COUNTED_ORIGINS } from '../../module/access/hammering.ts'
import { RuleList } from '../../module/access/ip-rules.ts'
import { hammering as hammeringSettings } from '../../module/settings/access.ts'
import { rules } from './rules.ts'
import { setUp } from './set-up.ts'

const ATTACKER = '203.0.113.66'

describe('anti-hammering', () => {
  it('stops a brute force after six failures within five minutes, for half an hour', () => {
    const { clock, fail, open } = setUp()
    fail(ATTACKER, 'root', 5)
    expect(open(ATTACKER)).to.be.true
    expect(fail(ATTACKER, 'admin')).to.include({ failures: 6, bannedMinutes: 30 })
    expect(open(ATTACKER)).to.be.false
    expect(open('203.0.113.67')).to.be.true
    clock.pass(29 * 60)
    expect(open(ATTACKER)).to.be.false
    clock.pass(61)
    expect(open(ATTACKER)).to.be.true
  })

  it('counts in a sliding window', () => {
    const { clock, fail, open } = setUp()
    for (let guess = 0; guess < 30; guess++) {
      fail(ATTACKER, 'root')
      clock.pass(61)
    }
    expect(open(ATTACKER)).to.be.true
    fail(ATTACKER, 'root', 2)
    expect(open(ATTACKER)).to.be.false
  })

  it('stops an attacker who logs in as guest between guesses (CVE-2000-1033)', () => {
    const { hammering, fail, open } = setUp()
    for (let guess = 0; guess < 6; guess++) {
      fail(ATTACKER, 'root')
      hammering.succeeded(ATTACKER, 'anonymous', true)
    }
    expect(open(ATTACKER)).to.be.false
  })

  it('stops an attacker who logs in with an account of his own between guesses', () => {
    const { hammering, fail, open } = setUp()
    for (let guess = 0; guess < 6; guess++) {
      hammering.succeeded(ATTACKER, 'mallory', false)
      fail(ATTACKER, 'root')
    }
    expect(open(ATTACKER)).to.be.false
  })

  it('forgives the typing errors of who then gets it right, at that address alone', () => {
    const { hammering, fail } = setUp()
    fail('198.51.100.1', 'anna', 3)
    fail('198.51.100.1', 'boris', 2)
    fail('198.51.100.2', 'anna', 4)
    hammering.succeeded('198.51.100.1', 'anna', false)
    expect(hammering.count('198.51.100.1', 'anna')).to.equal(0)
    expect(hammering.count('198.51.100.1', 'boris')).to.equal(2)
    expect(hammering.count('198.51.100.1')).to.equal(2)
    expect(hammering.count('198.51.100.2', 'anna')).to.equal(4)
  })

  it('does not lock an account: another address may still try', () => {
    const { hammering, fail, open } = setUp()
    for (let host = 1; host < 200; host++) fail(`203.0.113.${host}`, 'anna', 6)
    expect(open('198.51.100.1')).to.be.true
    expect(hammering.count('198.51.100.1', 'anna')).to.equal(0)
  })

  it('tells long names apart that begin alike', () => {
    const { hammering, fail } = setUp()
    fail(ATTACKER, `${'x'.repeat(250)}1`, 3)
    hammering.succeeded(ATTACKER, `${'x'.repeat(250)}2`, false)
    expect(hammering.count(ATTACKER)).to.equal(3)
  })

  it('doubles the ban of a repeater up to a day, and forgets after a quiet day', () => {
    const { clock, fail } = setUp()
    const minutes: (number | undefined)[] = []
    for (let round = 0; round < 8; round++) {
      const { bannedMinutes } = fail(ATTACKER, 'root', 6)
      minutes.push(bannedMinutes)
      clock.pass((bannedMinutes ?? 0) * 60 + 1)
    }
    expect(minutes).to.deep.equal([30, 60, 120, 240, 480, 960, 1440, 1440])
    clock.pass(24 * 3600)
    expect(fail(ATTACKER, 'root', 6).bannedMinutes).to.equal(30)
  })

  it('lets no attempt during a ban make it longer', () => {
    const { clock, bans, fail } = setUp()
    fail(ATTACKER, 'root', 6)
    clock.pass(600)
    fail(ATTACKER, 'root', 50)
    expect(bans.rows()[0]).to.include({ expiresIn: 1200, times: 1, failures: 6 })
  })

  it('stops an attacker who changes the address within his IPv6 /64', () => {
    const { fail, open } = setUp()
    for (let guess = 1; guess <= 6; guess++) fail(`2001:db8:1:2::${guess}`, 'root')
    expect(open('2001:db8:1:2:ffff::1')).to.be.false
    expect(open('2001:db8:1:3::1')).to.be.true
  })

  it('takes an IPv4-mapped client for the same as the IPv4 one', () => {
    const { fail, open } = setUp()
    for (let guess = 0; guess < 3; guess++) {
      fail(ATTACKER, 'root')
      fail(`::ffff:${ATTACKER}`, 'root')
    }
    expect(open(ATTACKER)).to.be.false
    expect(open(`::FFFF:${ATTACKER}`)).to.be.false
  })

  it('never bans an address that an allow rule names exactly; ranges, wildcards and networks protect nobody', () => {
    const server = new RuleList(
      rules('allow 198.51.100.1', 'allow 198.51.100.2/32', 'allow 198.51.100.3-4', 'allow *.*.*.*'),
    )
    const { fail, open } = setUp({ policy: { server } })
    for (const host of [1, 2, 3, 9]) fail(`198.51.100.${host}`, 'robot', 10)
    expect([1, 2, 3, 9].filter((host) => open(`198.51.100.${host}`))).to.deep.equal([1])
  })

  it('lets a ban go as soon as an allow rule names the address', () => {
    const { gate, fail, open } = setUp()
    fail(ATTACKER, 'robot', 6)
    const server = new RuleList(rules(`allow ${ATTACKER}`))
    gate.replace({ server, domains: new Map(), groups: new Map(), users: new Map() })
    expect(open(ATTACKER)).to.be.true
  })

  it('delays the LAN and does not ban it, unless it is told to', () => {
    const { fail, open } = setUp()
    expect(fail('192.168.1.9', 'anna', 20).delay).to.equal(10_000)
    expect(open('192.168.1.9')).to.be.true
    const strict = setUp({ numbers: { banLan: true } })
    strict.fail('192.168.1.9', 'anna', 6)
    expect(strict.open('192.168.1.9')).to.be.false
  })

  it('delays each failure longer than the one before', () => {
    const { fail } = setUp({ numbers: { failures: 20 } })
    const delays = Array.from({ length: 9 }, () => fail(ATTACKER, 'root').delay)
    expect(delays).to.deep.equal([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000])
  })

  it('counts nothing while it is off, and switching it off lets everybody back in', () => {
    const { hammering, bans, fail, open } = setUp()
    fail(ATTACKER, 'root', 6)
    hammering.configure({ ...hammeringSettings.parse({}), enabled: false })
    expect(open(ATTACKER)).to.be.true
    expect(bans.rows()).to.deep.equal([])
    expect(fail(ATTACKER, 'root', 100)).to.deep.equal({ failures: 0, delay: 0 })
    expect(open(ATTACKER)).to.be.true
  })

  it('takes over changed numbers at once', () => {
    const { hammering, fail, open } = setUp()
    fail(ATTACKER, 'root', 4)
    hammering.configure({ ...hammeringSettings.parse({}), failures: 3 })
    fail(ATTACKER, 'root')
    expect(open(ATTACKER)).to.be.false
  })

  it('lists a ban with its reason, the last name tried, the count and what is left of it', () => {
    const { clock, bans, fail } = setUp()
    fail(ATTACKER, 'root', 5)
    fail(ATTACKER, `admin\x1b[2J${'x'.repeat(300)}`)
    clock.pass(60)
    clock.jump(-1_000_000)
    const [row] = bans.rows()
    expect(row).to.include({ id: `failures ${ATTACKER}`, reason: 'failures', subject: ATTACKER, failures: 6, times: 1 })
    expect(row).to.include({ expiresIn: 29 * 60, since: Date.UTC(2030, 0, 1), domain: 'default' })
    expect(row?.user).to.have.lengthOf(64)
  })

  it('lifts a ban and starts the count and the length anew', () => {
    const { hammering, fail, open } = setUp()
    fail(ATTACKER, 'root', 6)
    expect(hammering.lift(`failures ${ATTACKER}`)?.subject).to.equal(ATTACKER)
    expect(open(ATTACKER)).to.be.true
    expect(hammering.lift(`failures ${ATTACKER}`)).to.equal(undefined)
    expect(fail(ATTACKER, 'root', 6).bannedMinutes).to.equal(30)
  })

  it('ends no ban early and forgets no failure when the clock jumps', () => {
    const { clock, fail, open } = setUp()
    fail(ATTACKER, 'root', 6)
    fail('203.0.113.67', 'root', 5)
    clock.jump(10 * 365 * 86_400)
    expect(open(ATTACKER)).to.be.false
    fail('203.0.113.67', 'root')
    expect(open('203.0.113.67')).to.be.false
    clock.jump(-20 * 365 * 86_400)
    clock.pass(30 * 60 + 1)
    expect(open(ATTACKER)).to.be.true
  })

  it('keeps its tables bounded against 100,000 attackers, and a clean address is served', () => {
    const { hammering, bans, fail, open } = setUp()
    for (let attacker = 0; attacker < 100_000; attacker++) {
      const address = `${20 + (attacker >> 16)}.${(attacker >> 8) & 255}.${attacker & 255}.1`
      fail(address, 'root', attacker % 2 === 0 ? 6 : 5)
    }
    expect(hammering.size).to.equal(COUNTED_ORIGINS)
    expect(bans.count).to.equal(50_000).and.be.at.most(AUTOMATIC_BANS)
    expect(open('198.51.100.1')).to.be.true
    expect(fail('198.51.100.1', 'anna')).to.include({ failures: 1, delay: 100 })
    expect(open('198.51.100.1')).to.be.true
  })

  it('stops an IPv6 attacker who burns through networks, and keeps the bans given last', () => {
    const { bans, fail, open } = setUp({ most: 10_000 })
    for (let network = 45_536; network < 65_536; network++) fail(`2001:db8:0:${network.toString(16)}::1`, 'root', 6)
    expect(bans.rows()).to.have.lengthOf(10_000)
    expect(open('2001:db8:0:b1e0::2'), 'forgotten').to.be.true
    expect(open('2001:db8:0:ffff::2')).to.be.false
  })

  it('does not stumble over an address that is none', () => {
    expect(setUp().fail('', 'root')).to.deep.equal({ failures: 0, delay: 0 })
  })
})
