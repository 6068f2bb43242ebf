/** Domains (RFC 7151): each with its own words, commands, limits, listeners and certificate. */
import type { TLSSocket } from 'node:tls'
import { expect } from 'chai'
import { Domains } from '../../module/ftp/domains.ts'
import { DEFAULTS, type DomainOptions } from '../../module/ftp/options.ts'
import { allowedBy, refusedBy } from '../../module/ftp/verdict.ts'
import { certificate } from '../certificate.ts'
import { RawClient } from '../raw-client.ts'
import { serve, type Served } from '../serve.ts'

const SERVER: DomainOptions = { id: 'default', names: ['ftp.example.com'] }
const OFFICE: DomainOptions = { id: 'office', names: ['office.example'] }
const SHOP: DomainOptions = { id: 'shop', names: ['shop.example'] }

const two = (office: Partial<DomainOptions> = {}) => ({ domains: [SERVER, { ...OFFICE, ...office }, SHOP] as const })

describe('a domain', () => {
  const own = {
    welcome: ['Welcome to the office.'],
    goodbye: 'Bye from the office.',
    texts: new Map([[350, 'Go on, office.']] as const),
    disabled: new Set(['PORT', 'MKD']),
    disabledTexts: new Map([['MKD', 'No directories in the office.']]),
  }

  it('has its own words and commands, and FEAT and HELP follow', async () => {
    await using it = await serve({ options: { ...two({ own }), disabled: new Set(['SITE WHO']) } })
    const client = await it.connect()
    await client.say('HOST office.example', 220)
    await client.say('USER anna', 331)
    await client.say('PASS secret', /^230 Welcome to the office\.$/)
    await client.say('REST 5', /^350 Go on, office\.$/)
    await client.say('MKD x', /^502 No directories in the office\.$/)
    expect((await it.event('refused')).verdict).to.deep.equal(refusedBy('command.disabled', 'domain', 'MKD'))
    expect((await client.say('HELP')).text).to.not.match(/\bMKD\b/)
    await client.say('SITE WHO', /^2/)
    await client.say('QUIT', /^221 Bye from the office\.$/)
  })

  it('leaves the others as they are', async () => {
    await using it = await serve({ options: { ...two({ own }), disabled: new Set(['SITE WHO']) } })
    const client = await it.connect()
    await client.say('HOST shop.example', 220)
    await client.say('USER anna', 331)
    await client.say('PASS secret', /^230 Logged in\.$/)
    await client.say('MKD x', 257)
    await client.say('SITE WHO', 502)
    expect((await it.event('refused')).verdict.level).to.equal('server')
    expect((await client.say('HELP')).text).to.match(/\bMKD\b/)
  })

  it('is left by REIN', async () => {
    await using it = await serve({ options: two({ own }) })
    const client = await it.connect()
    await client.say('HOST office.example', 220)
    await client.say('REIN', 220)
    await client.say('USER anna', 331)
    await client.say('PASS secret', /Logged in/)
    expect(it.backend.logins.at(-1)?.domain).to.equal('default')
  })

  it('greets by its own words whoever names it by HOST', async () => {
    await using it = await serve({ options: two({ own: { greeting: ['The office', 'is open.'] } }) })
    const client = await it.connect()
    await client.say('HOST office.example', /^220-The office\n220 is open\.$/)
    await client.say('HOST shop.example', /^220 Host accepted\.$/)
  })

  it('changes its words and commands under sessions that live', async () => {
    await using it = await serve({ options: two() })
    const client = await it.connect()
    await client.say('HOST office.example', 220)
    await client.login()
    await client.say('MKD x', 257)
    await it.change(two({ own }))
    await client.say('MKD y', 502)
    await it.change(two())
    await client.say('MKD y', 257)
  })

  it('ends its sessions at their next command when it is removed, and leaves the transfer that runs', async () => {
    await using it = await serve({ options: two(), files: { 'a.txt': 'x'.repeat(4_000_000) } })
    const client = await it.connect()
    await client.say('HOST office.example', 220)
    await client.login()
    await client.say('TYPE I', 200)
    const other = await it.login()
    const data = await client.epsv()
    await client.say('RETR a.txt', 150)
    await it.change({ domains: [SERVER, SHOP] })
    expect((await data.all()).length).to.equal(4_000_000)
    await client.reply(226)
    await client.say('NOOP', 421)
    await client.ended()
    expect((await it.event('refused')).verdict).to.deep.equal(refusedBy('domain.removed', 'domain', 'office'))
    await other.say('NOOP', 200)
  })

  it('that is removed loses its idle sessions as soon as they are looked at', async () => {
    await using it = await serve({ options: two() })
    const client = await it.connect()
    await client.say('HOST office.example', 220)
    await it.change({ domains: [SERVER] })
    it.server.review(() => allowedBy('access.empty', 'system'))
    await client.reply(421)
    await client.ended()
  })

  it('is no choice after the login (503) and where no domain has the name (504)', async () => {
    await using it = await serve({ options: two() })
    const client = await it.connect()
    await client.say('HOST unknown.example', 504)
    await client.login()
    await client.say('HOST office.example', 503)
  })
})

describe('the limits of a domain', () => {
  it('count its sessions only, and a session that leaves makes room', async () => {
    await using it = await serve({ options: two({ sessions: 1 }) })
    const [first, second] = [await it.connect(), await it.connect()]
    await first.say('HOST office.example', 220)
    await first.say('HOST office.example', 220)
    await second.say('HOST shop.example', 220)
    await second.say('HOST office.example', /^421 Too many connections to this host, .*\(limit 1\)/)
    expect((await it.event('refused')).verdict).to.deep.equal(refusedBy('limit.sessions', 'domain', '1'))
    await second.ended()
    await first.say('REIN', 220)
    const third = await it.connect()
    await third.say('HOST office.example', 220)
  })

  it('count each address by itself', async () => {
    await using it = await serve({ options: two({ sessionsPerHost: 1 }) })
    const clients = [await it.connect(), await it.connect(), await it.connect({ localAddress: '127.0.0.2' })]
    const codes = []
    for (const client of clients) codes.push((await client.say('HOST office.example')).code)
    expect(codes).to.deep.equal([220, 421, 220])
  })

  it('are asked on its own listener before the greeting', async () => {
    await using it = await serve({ options: two({ sessions: 1 }) })
    const port = await listenFor(it, 'office')
    await using first = await RawClient.connect(port)
    await using second = await RawClient.open(port)
    await second.reply(421)
    await first.say('NOOP', 200)
    expect((await it.event('connection-refused')).domain).to.equal('office')
  })

  it('slow down all of its sessions together, and no others', async () => {
    const speeds = { download: [{ key: 'domain:office', bytesPerSecond: 250_000 }], upload: [] }
    const files = { 'a.bin': Buffer.alloc(200_000) }
    await using it = await serve({ options: two({ own: { speeds } }), files })
    const inside = [await it.connect(), await it.connect()]
    for (const client of inside) {
      await client.say('HOST office.example', 220)
      await client.login()
      await client.say('TYPE I', 200)
    }
    const outside = await it.login()
    const begun = performance.now()
    const both = Promise.all(inside.map((client) => client.retrieve('RETR a.bin')))
    await outside.retrieve('RETR a.bin')
    await both
    // 400,000 octets at 250,000 a second; the first piece of each may pass at once.
    expect((performance.now() - begun) / 1000).to.be.greaterThan(1)
    const [first] = it.all('transfer-ended')
    expect(it.server.sessions().find(({ id }) => id === first?.session.id)?.domain).to.equal('default')
  })

  it('share speeds beside those of the server', () => {
    const [everyone, office] = [[{ key: 'server', bytesPerSecond: 9 }], [{ key: 'office', bytesPerSecond: 5 }]] as const
    const limits = { ...DEFAULTS.limits, download: everyone, upload: everyone }
    const speeds = { download: office, upload: [] }
    const domains = new Domains({ ...DEFAULTS, limits, domains: [SERVER, { ...OFFICE, own: { speeds } }] })
    expect(domains.of('office').options.limits.download).to.deep.equal([...everyone, ...office])
    expect(domains.of('office').options.limits.upload).to.deep.equal(everyone)
    expect(domains.default.options.limits.download).to.deep.equal(everyone)
  })
})

describe('the listener of a domain', () => {
  it('begins sessions in it, with its greeting', async () => {
    await using it = await serve({ options: two({ own: { greeting: ['The office.'] } }) })
    await using client = await RawClient.open(await listenFor(it, 'office'))
    await client.reply(/^220 The office\.$/)
    await client.login()
    expect(it.backend.logins.at(-1)?.domain).to.equal('office')
  })

  it('may become one while sessions go on where they began', async () => {
    await using it = await serve({ options: two() })
    const address = { address: it.host, port: it.port, implicitTls: false }
    // The same place is told by its number.
    await it.server.listen([])
    await it.server.listen([{ ...address, domain: 'default' }])
    await using before = await RawClient.connect(address.port)
    await it.server.listen([{ ...address, domain: 'office' }])
    await using after = await RawClient.connect(address.port)
    for (const client of [before, after]) await client.login()
    expect(it.backend.logins.map(({ domain }) => domain)).to.deep.equal(['default', 'office'])
  })

  it('leads to no other domain: HOST with the name of another one is unknown there', async () => {
    await using it = await serve({ options: two() })
    await using client = await RawClient.connect(await listenFor(it, 'office'))
    await client.say('HOST shop.example', 504)
    await client.say('HOST ftp.example.com', 504)
    await client.say('HOST office.example', 220)
    await client.say('REIN', 220)
    await client.login()
    expect(it.backend.logins.at(-1)?.domain).to.equal('office')
  })

  it('of one without names answers to every name', async () => {
    await using it = await serve({ options: two({ names: [] }) })
    await using client = await RawClient.connect(await listenFor(it, 'office'))
    await client.say('HOST whatever.example', 220)
    await client.say('HOST 127.0.0.1', 220)
    await client.say('HOST 127.0.0.9', 504)
    await client.login()
    expect(it.backend.logins.at(-1)?.domain).to.equal('office')
  })

  it('shows its certificate to everybody, also to who names another domain (SNI to a foreign certificate)', async () => {
    const [office, shop] = [await certificate('office.example'), await certificate('shop.example')]
    const domains = [SERVER, { ...OFFICE, keyPair: office }, { ...SHOP, keyPair: shop }] as const
    await using it = await serve({ transport: 'explicit TLS', options: { domains } })
    const port = await listenFor(it, 'office')
    for (const servername of ['shop.example', 'office.example', '']) {
      await using client = await RawClient.connect(port)
      await client.startTls(servername === '' ? {} : { servername })
      expect(subject(client), servername).to.equal('office.example')
      if (servername !== 'shop.example') await client.login()
      else await client.say('HOST shop.example', 504)
    }
    expect(it.backend.logins.map(({ domain }) => domain)).to.deep.equal(['office', 'office'])
  })
})

describe('SNI', () => {
  it('chooses the domain as well: its greeting comes on an implicit listener', async () => {
    const keyPair = await certificate('office.example')
    const own = { greeting: ['The office.'] }
    await using it = await serve({ transport: 'implicit TLS', options: two({ keyPair, own }) })
    const client = await it.open({ tls: { servername: 'office.example' } })
    await client.reply(/^220 The office\.$/)
    expect(subject(client)).to.equal('office.example')
    await client.login()
    expect(it.backend.logins.at(-1)?.domain).to.equal('office')
  })

  it('wins over a HOST in clear text, which anybody on the way may have said', async () => {
    await using it = await serve({ transport: 'explicit TLS', options: two() })
    const client = await it.connect()
    await client.say('HOST shop.example', 220)
    await client.startTls({ servername: 'office.example' })
    await client.login()
    expect(it.backend.logins.at(-1)?.domain).to.equal('office')
    await client.say('REIN', 220)
    await client.say('HOST shop.example', 504)
    await client.login()
    expect(it.backend.logins.at(-1)?.domain).to.equal('office')
  })

  it('does not dodge the rules of the domain: who may not reach it is told and cut off', async () => {
    await using it = await serve({ transport: 'explicit TLS', options: two() })
    it.backend.admitsHost = (_client, domain) => (domain === 'office' ? refusedBy('access.rule', 'domain') : FINE)
    const client = await it.connect()
    await client.startTls({ servername: 'office.example' })
    await client.reply(421)
    await client.ended()
    expect((await it.event('refused')).verdict.rule).to.equal('access.rule')
    expect(it.backend.logins).to.have.lengthOf(0)
  })

  it('of no domain leaves the session where its listener is', async () => {
    await using it = await serve({ transport: 'explicit TLS', options: two() })
    for (const servername of ['else.example', '__proto__', 'constructor', 'xn--']) {
      const client = await it.connect()
      await client.startTls({ servername })
      await client.login()
    }
    expect(new Set(it.backend.logins.map(({ domain }) => domain))).to.deep.equal(new Set(['default']))
  })
})

describe('the certificate of a domain', () => {
  it('is shown after a HOST in clear text, also without SNI', async () => {
    const keyPair = await certificate('office.example')
    await using it = await serve({ transport: 'explicit TLS', options: two({ keyPair }) })
    const client = await it.connect()
    await client.say('HOST office.example', 220)
    await client.startTls()
    expect(subject(client)).to.equal('office.example')
    await client.login()
    expect(it.backend.logins.at(-1)?.domain).to.equal('office')
  })

  it('is on the data connection the one of the control connection, whatever HOST said since', async () => {
    const keyPair = await certificate('office.example')
    await using it = await serve({ transport: 'explicit TLS', options: two({ keyPair }), files: { 'a.txt': 'hello' } })
    const client = await it.connect()
    await client.startTls()
    await client.say('HOST office.example', 220)
    await client.login()
    await client.protect()
    // Without a session to resume the handshake of the data connection shows the certificate.
    client.session = undefined
    const data = await client.epsv()
    await client.say('RETR a.txt', 150)
    expect(((await data.ready) as TLSSocket).getPeerCertificate().subject.CN).to.equal('localhost')
    expect(String(await data.all())).to.equal('hello')
    await client.reply(226)
  })

  it('is renewed for the next handshake while sessions live', async () => {
    await using it = await serve({
      transport: 'explicit TLS',
      options: two({ keyPair: await certificate('office.example') }),
    })
    const [client, late] = [await it.connect(), await it.connect()]
    await client.startTls({ servername: 'office.example' })
    expect(subject(client)).to.equal('office.example')
    await it.change(two({ keyPair: await certificate('renewed.example') }))
    await late.startTls({ servername: 'office.example' })
    expect(subject(late)).to.equal('renewed.example')
    await client.login()
  })
})

const FINE = allowedBy('access.empty', 'system')

/** A further listener that belongs to a domain; its port. */
async function listenFor(it: Served, domain: string): Promise<number> {
  const { host: address, transport } = it
  const implicitTls = transport === 'implicit TLS'
  await it.server.listen(['default', domain].map((each) => ({ address, port: 0, implicitTls, domain: each })))
  return it.server.addresses().find((each) => each.domain === domain)?.port ?? 0
}

function subject(client: RawClient): unknown {
  return (client.socket as TLSSocket).getPeerCertificate().subject.CN
}
