/** The gate: bans, then server, domain, group and user, each at its moment; the examples that administrators start from. */
import { expect } from 'chai'
import { RuleList } from '../../module/access/ip-rules.ts'
import { Names } from '../../module/access/names.ts'
import { DnsServer, reverseRecord } from './dns-server.ts'
import { rules } from './rules.ts'
import { lists, setUp } from './set-up.ts'

const from = (address: string) => ({ address })

describe('the gate', () => {
  it('admits everyone while there are no rules', () => {
    expect(setUp().gate.admit(from('192.0.2.1'), 'default')).to.deep.equal({
      allowed: true,
      rule: 'access.empty',
      level: 'system',
    })
  })

  it('office only: a contractor may log in from 192.0.2.0 to 192.0.2.24 and from nowhere else', async () => {
    const { gate } = setUp({ policy: { groups: lists({ Contractors: ['allow 192.0.2.0-24'] }) } })
    const login = async (address: string, groups: string[]) =>
      gate.admitLogin(from(address), { domain: 'default', user: 'carl', groups })
    for (const inside of ['192.0.2.0', '192.0.2.24']) expect((await login(inside, ['Contractors'])).allowed).to.be.true
    for (const outside of ['192.0.2.25', '192.0.1.255', '2001:db8::1']) {
      // The connection itself tells nothing: whether the account exists stays secret until the password was sent.
      expect(await gate.admit(from(outside), 'default')).to.include({ allowed: true })
      expect(await login(outside, ['Contractors'])).to.deep.equal({
        allowed: false,
        rule: 'access.unlisted',
        level: 'group',
        detail: 'group Contractors',
      })
      expect((await login(outside, ['staff'])).allowed).to.be.true
    }
  })

  it('prohibited computers: 192.0.2.0 to 192.0.2.24 get no greeting, everyone else on IPv4 does', async () => {
    const server = new RuleList(rules('deny 192.0.2.0-24', 'allow *.*.*.*'))
    const { gate, open } = setUp({ policy: { server } })
    expect(await gate.admit(from('192.0.2.24'), 'default')).to.deep.equal({
      allowed: false,
      rule: 'access.rule',
      level: 'server',
      detail: '192.0.2.0-24',
    })
    expect(open('192.0.2.25')).to.be.true
    expect(open('2001:db8::1')).to.be.false
  })

  it('DNS-based: only clients below example.com and example1.com reach the domain, in any order of the rules', async () => {
    await using server = await new DnsServer([
      reverseRecord('198.51.100.1', 'a.example.com'),
      { name: 'a.example.com', type: 'A', value: '198.51.100.1' },
      reverseRecord('198.51.100.2', 'b.c.example1.com'),
      { name: 'b.c.example1.com', type: 'A', value: '198.51.100.2' },
      reverseRecord('198.51.100.3', 'example.com'),
      { name: 'example.com', type: 'A', value: '198.51.100.3' },
      reverseRecord('203.0.113.66', 'fake.example.com'),
      { name: 'fake.example.com', type: 'A', value: '198.51.100.1' },
    ]).listen()
    for (const order of [
      ['allow *.example.com', 'allow *.example1.com'],
      ['allow *.example1.com', 'allow *.example.com'],
    ]) {
      const names = new Names({ servers: [server.address] })
      const { gate } = setUp({ names, policy: { domains: lists({ partners: order }) } })
      const admitted = async (address: string, domain = 'partners') => (await gate.admit(from(address), domain)).allowed
      expect(await admitted('198.51.100.1')).to.be.true
      expect(await admitted('198.51.100.2')).to.be.true
      expect(await admitted('198.51.100.3')).to.be.false
      expect(await admitted('203.0.113.66')).to.be.false
      expect(await admitted('192.0.2.1')).to.be.false
      expect(await admitted('192.0.2.1', 'default')).to.be.true
      expect(await gate.admit(from('198.51.100.2'), 'partners')).to.include({ level: 'domain', rule: 'access.rule' })
      names.close()
    }
  })

  it('empty list and a kick with a ban: only that address is refused', () => {
    const { bans, open } = setUp()
    bans.banMask({ mask: '198.51.100.7', minutes: 5, by: 'admin' })
    expect(open('198.51.100.7')).to.be.false
    expect(open('198.51.100.8')).to.be.true
  })

  it('asks the rules of a domain again when HOST moves there, and only those', async () => {
    const { gate } = setUp({
      policy: {
        server: new RuleList(rules('allow 192.0.2.1')),
        domains: lists({ shop: ['deny 192.0.2.1', 'allow *.*.*.*'] }),
      },
    })
    expect(await gate.admitHost(from('192.0.2.1'), 'shop')).to.include({ allowed: false, level: 'domain' })
    expect(await gate.admitHost(from('192.0.2.2'), 'shop')).to.include({ allowed: true })
    expect(await gate.admitHost(from('192.0.2.1'), 'other')).to.include({ allowed: true })
  })

  it('wants every level passed that has rules', async () => {
    const { gate } = setUp({
      policy: {
        server: new RuleList(rules('allow *.*.*.*')),
        domains: lists({ default: ['allow 192.0.0.0/16'] }),
        groups: lists({ staff: ['allow 192.0.2.*'], night: ['allow 192.0.2.0-9'] }),
        users: lists({ anna: ['deny 192.0.2.5', 'allow 192.0.2.*'] }),
      },
    })
    const level = async (address: string) => {
      const verdict = await gate.admitLogin(from(address), {
        domain: 'default',
        user: 'anna',
        groups: ['staff', 'night'],
      })
      return verdict.allowed ? 'admitted' : `${verdict.level} ${verdict.detail}`
    }
    expect(await level('2001:db8::1')).to.equal('server undefined')
    expect(await level('192.1.0.1')).to.equal('domain domain default')
    expect(await level('192.0.3.1')).to.equal('group group staff')
    expect(await level('192.0.2.10')).to.equal('group group night')
    expect(await level('192.0.2.5')).to.equal('user user anna: 192.0.2.5')
    expect(await level('192.0.2.6')).to.equal('admitted')
  })

  it('looks at bans before anything else, also at a login on a connection that was open before', async () => {
    const { gate, fail } = setUp({ policy: { server: new RuleList(rules('allow *.*.*.*')) } })
    fail('203.0.113.66', 'root', 6)
    const verdict = { allowed: false, rule: 'access.hammering', level: 'server', detail: '203.0.113.66' }
    expect(await gate.admit(from('203.0.113.66'), 'default')).to.deep.equal(verdict)
    expect(await gate.admitLogin(from('203.0.113.66'), { domain: 'default', user: 'anna' })).to.deep.equal(verdict)
  })

  it('refuses a connection whose address is gone already', async () => {
    expect(await setUp().gate.admit(from(''), 'default')).to.include({ allowed: false, rule: 'access.address' })
  })

  it('does not take a user or a domain for what every object has', async () => {
    const { gate } = setUp({ policy: { server: new RuleList(rules('allow *.*.*.*')) } })
    const visitor = { domain: 'constructor', user: '__proto__', groups: ['toString'] }
    expect(await gate.admitLogin(from('192.0.2.1'), visitor)).to.include({ allowed: true })
  })

  it('explains the way in with the rule of each level, up to the one that refuses', async () => {
    const { gate, bans } = setUp({
      policy: {
        server: new RuleList(rules('deny 10.0.0.1', 'allow *.*.*.*')),
        users: lists({ anna: ['allow 192.0.2.*'] }),
      },
    })
    expect(await gate.explain('192.0.2.9', { domain: 'default', user: 'anna' })).to.deep.equal([
      {
        level: 'server',
        index: 1,
        verdict: { allowed: true, rule: 'access.rule', level: 'server', detail: '*.*.*.*' },
      },
      {
        level: 'user',
        owner: 'anna',
        index: 0,
        verdict: { allowed: true, rule: 'access.rule', level: 'user', detail: 'user anna: 192.0.2.*' },
      },
    ])
    expect(await gate.explain('10.0.0.1', { domain: 'default', user: 'anna' })).to.have.lengthOf(1)
    bans.banMask({ mask: '192.0.2.9', minutes: 5, by: 'admin' })
    expect((await gate.explain('192.0.2.9', { domain: 'default' }))[0]?.verdict.rule).to.equal('access.ban')
  })
})
