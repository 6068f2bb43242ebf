/** Rules of DNS names, against a DNS server on loopback. */
import { expect } from 'chai'
import { Names } from '../../module/access/names.ts'
import { parseNameMask } from '../../module/access/mask-name.ts'
import { eventually } from '../cap.ts'
import { DnsServer, reverseRecord, type DnsRecord } from './dns-server.ts'
import { fakeClock } from './fake-clock.ts'
import { address } from './rules.ts'

const host = (name: string, value: string, ttl = 300): DnsRecord => ({
  name,
  type: value.includes(':') ? 'AAAA' : 'A',
  value,
  ttl,
})

async function setUp(records: DnsRecord[], options: { budget?: number } = {}) {
  const server = await new DnsServer(records).listen()
  const clock = fakeClock()
  const names = new Names({ servers: [server.address], clock, ...options })
  return {
    server,
    clock,
    names,
    belongs: (text: string, mask: string) => names.lookup().belongs(address(text), parseNameMask(mask)),
    lookup: () => names.lookup(),
    async [Symbol.asyncDispose]() {
      names.close()
      await server[Symbol.asyncDispose]()
    },
  }
}

describe('a rule with a host name', () => {
  it('holds for the addresses the name has, IPv4 and IPv6', async () => {
    await using dns = await setUp([host('office.example', '192.0.2.7'), host('office.example', '2001:db8::7')])
    expect(await dns.belongs('192.0.2.7', 'office.example')).to.be.true
    expect(await dns.belongs('2001:db8:0::7', 'office.example')).to.be.true
    expect(await dns.belongs('192.0.2.8', 'office.example')).to.be.false
    expect(await dns.belongs('192.0.2.7', 'nowhere.example')).to.be.false
  })

  it('follows a dynamic name when the TTL is over and asks nothing before', async () => {
    await using dns = await setUp([host('office.example', '192.0.2.7', 60)])
    expect(await dns.belongs('192.0.2.7', 'office.example')).to.be.true
    dns.server.records = [host('office.example', '198.51.100.9', 60)]
    dns.clock.pass(59)
    expect(await dns.belongs('192.0.2.7', 'office.example')).to.be.true
    expect(dns.server.questions).to.deep.equal(['A office.example'])
    dns.clock.pass(2)
    expect(await dns.belongs('192.0.2.7', 'office.example')).to.be.false
    expect(await dns.belongs('198.51.100.9', 'office.example')).to.be.true
    expect(dns.server.questions).to.have.lengthOf(2)
  })

  it('keeps an answer however the wall clock jumps', async () => {
    await using dns = await setUp([host('office.example', '192.0.2.7', 60)])
    await dns.belongs('192.0.2.7', 'office.example')
    dns.clock.jump(1_000_000)
    expect(await dns.belongs('192.0.2.7', 'office.example')).to.be.true
    expect(dns.server.questions).to.have.lengthOf(1)
  })

  it('shares one question between clients that come together', async () => {
    await using dns = await setUp([host('office.example', '192.0.2.7')])
    const all = await Promise.all(Array.from({ length: 20 }, () => dns.belongs('192.0.2.7', 'office.example')))
    expect(all.every(Boolean)).to.be.true
    expect(dns.server.questions).to.have.lengthOf(1)
  })

  it('does not hold without an answer, and all names of one decision share one budget', async () => {
    await using dns = await setUp([], { budget: 100 })
    for (const name of ['one.example', 'two.example', 'three.example']) dns.server.silent.add(name)
    const before = performance.now()
    const lookup = dns.lookup()
    expect(await lookup.belongs(address('192.0.2.7'), parseNameMask('one.example'))).to.be.false
    // The clock of the test stands still, so the budget is spent by hand.
    dns.clock.pass(1)
    expect(await lookup.belongs(address('192.0.2.7'), parseNameMask('two.example'))).to.be.false
    expect(await lookup.belongs(address('192.0.2.7'), parseNameMask('three.example'))).to.be.false
    expect(performance.now() - before).to.be.within(90, 1000)
    expect(dns.server.questions).to.deep.equal(['A one.example'])
  })
})

describe('a rule with a reverse name', () => {
  it('holds for confirmed names below the domain, not for the domain itself', async () => {
    await using dns = await setUp([
      reverseRecord('192.0.2.7', 'Client.Sub.example.com'),
      host('client.sub.example.com', '192.0.2.7'),
      reverseRecord('192.0.2.8', 'example.com'),
      host('example.com', '192.0.2.8'),
      reverseRecord('2001:db8::7', 'six.example.com'),
      host('six.example.com', '2001:db8::7'),
    ])
    expect(await dns.belongs('192.0.2.7', '*.example.com')).to.be.true
    expect(await dns.belongs('192.0.2.8', '*.example.com')).to.be.false
    expect(await dns.belongs('2001:db8::7', '*.example.com')).to.be.true
    expect(await dns.belongs('192.0.2.9', '*.example.com')).to.be.false
  })

  it('stops an attacker who gives his own address a name of ours', async () => {
    await using dns = await setUp([
      reverseRecord('203.0.113.66', 'client.example.com'),
      host('client.example.com', '192.0.2.7'),
    ])
    expect(await dns.belongs('203.0.113.66', '*.example.com')).to.be.false
  })

  it('ignores reverse names that could not be host names', async () => {
    await using dns = await setUp([
      reverseRecord('203.0.113.66', "x';drop.example.com"),
      host("x';drop.example.com", '203.0.113.66'),
    ])
    expect(await dns.belongs('203.0.113.66', '*.example.com')).to.be.false
    expect(dns.server.questions).to.have.lengthOf(1)
  })

  it('looks at the names of an address once for all patterns', async () => {
    await using dns = await setUp([
      reverseRecord('192.0.2.7', 'server1.example.com'),
      host('server1.example.com', '192.0.2.7'),
    ])
    const lookup = dns.lookup()
    const fits = (mask: string) => lookup.belongs(address('192.0.2.7'), parseNameMask(mask))
    expect(await fits('*.example.org')).to.be.false
    expect(await fits('server?.example.com')).to.be.true
    expect(await fits('server?.example.org')).to.be.false
    expect(dns.server.questions).to.have.lengthOf(2)
  })
})

describe('the name of an address for a list', () => {
  it('is known at the second look, and only when it leads back to the address', async () => {
    await using dns = await setUp([
      reverseRecord('192.0.2.7', 'printer.example.com'),
      host('printer.example.com', '192.0.2.7'),
      reverseRecord('203.0.113.66', 'printer.example.com'),
    ])
    expect(dns.names.nameOf('192.0.2.7')).to.equal(undefined)
    expect(dns.names.nameOf('203.0.113.66')).to.equal(undefined)
    await eventually(() => dns.names.nameOf('192.0.2.7') !== undefined, 'the name is known')
    expect(dns.names.nameOf('192.0.2.7')).to.equal('printer.example.com')
    expect(dns.names.knownName('192.0.2.7')).to.equal('printer.example.com')
    expect(dns.names.knownName('192.0.2.8')).to.equal(undefined)
    expect(dns.names.nameOf('203.0.113.66')).to.equal(undefined)
    expect(dns.names.nameOf('no address')).to.equal(undefined)
  })

  it('is asked for sparingly: a page full of strangers is no flood of questions', async () => {
    await using dns = await setUp([])
    for (let at = 0; at < 250; at++) expect(dns.names.nameOf(`192.0.2.${at}`)).to.equal(undefined)
    await eventually(() => dns.server.questions.length >= 16, 'some are asked')
    expect(dns.server.questions).to.have.lengthOf(16)
  })
})
