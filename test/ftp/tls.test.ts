/** AUTH, PBSZ, PROT and the protection of data connections (RFC 2228, RFC 4217). */
import type { TLSSocket } from 'node:tls'
import { expect } from 'chai'
import { certificate } from '../certificate.ts'
import type { RawClient } from '../raw-client.ts'
import { serve } from '../serve.ts'

const files = { 'a.txt': 'hello' }
const explicit = { transport: 'explicit TLS', files } as const

describe('AUTH', () => {
  it('starts TLS for the mechanisms there are', async () => {
    for (const mechanism of ['TLS', 'tls', 'TLS-C', 'SSL']) {
      await using it = await serve(explicit)
      const client = await it.connect()
      await client.say(`AUTH ${mechanism}`, 234)
      await client.handshake()
      await client.say('NOOP', 200)
      expect((await it.event('secured')).protocol).to.match(/^TLSv1\.[23]$/)
    }
  })

  it('refuses other mechanisms, a second AUTH and a missing one', async () => {
    await using it = await serve(explicit)
    const client = await it.connect()
    for (const mechanism of ['KERBEROS_V4', 'GSSAPI', '__proto__']) await client.say(`AUTH ${mechanism}`, 504)
    await client.say('AUTH', 501)
    await client.startTls()
    await client.say('AUTH TLS', [503, 534])
    await client.say('NOOP', 200)
  })

  it('forgets login, type, directory, REST and RNFR', async () => {
    await using it = await serve({ ...explicit, files: { 'd/a.txt': 'one\ntwo' } })
    const client = await it.connect()
    await client.login()
    for (const line of ['TYPE I', 'CWD d', 'REST 3']) await client.say(line)
    await client.startTls()
    await client.say('PWD', 530)
    await client.login()
    await client.say('PWD', /"\/"/)
    expect(String(await client.retrieve('RETR d/a.txt'))).to.equal('one\r\ntwo')
  })
})

describe('PBSZ and PROT', () => {
  it('need TLS, and PROT needs PBSZ', async () => {
    await using it = await serve(explicit)
    const client = await it.connect()
    await client.say('PBSZ 0', 503)
    await client.say('PROT P', 503)
    await client.startTls()
    await client.login()
    await client.say('PROT P', 503)
    for (const text of ['x', '-1', '4294967296', '1.5', '']) await client.say(`PBSZ ${text}`.trimEnd(), 501)
    expect((await client.say('PBSZ 65536', 200)).text).to.include('PBSZ=0')
    await client.say('PBSZ 0', 200)
    for (const [level, code] of Object.entries({ S: 536, E: 536, X: 504, PP: 504, p: 200, C: 200, P: 200 })) {
      expect((await client.say(`PROT ${level}`)).code, level).to.equal(code)
    }
  })

  it('decide whether data is protected', async () => {
    await using it = await serve(explicit)
    const client = await it.connect()
    await client.startTls()
    await client.login()
    expect(String(await client.retrieve('RETR a.txt'))).to.equal('hello')
    await client.protect()
    expect(String(await client.retrieve('RETR a.txt'))).to.equal('hello')
    await client.say('PROT C', 200)
    client.private = false
    expect(String(await client.retrieve('RETR a.txt'))).to.equal('hello')
    expect(it.all('transfer-started').map(({ transfer }) => transfer.secure)).to.deep.equal([false, true, false])
  })

  it('are private from the start on an implicit listener', async () => {
    await using it = await serve({ transport: 'implicit TLS', files })
    const client = await it.connect()
    await client.login()
    client.private = true
    expect(String(await client.retrieve('RETR a.txt'))).to.equal('hello')
  })

  it('stay private behind REIN on an implicit listener: nothing leaves in clear that was private before', async () => {
    await using it = await serve({ transport: 'implicit TLS', files: { 'a.txt': 'hello' } })
    const client = await it.connect()
    await client.login()
    await client.say('REIN', 220)
    await client.login()
    client.private = true
    expect(String(await client.retrieve('RETR a.txt'))).to.equal('hello')
  })

  it('are set back by REIN, while the control connection stays protected (RFC 4217 section 9)', async () => {
    await using it = await serve(explicit)
    const client = await it.login()
    await client.say('REIN', 220)
    await client.login()
    await client.say('TYPE I', 200)
    expect(client.secure).to.be.true
    client.private = false
    expect(String(await client.retrieve('RETR a.txt'))).to.equal('hello')
  })

  it('leave MIC, CONF, ENC and CCC refused', async () => {
    await using it = await serve(explicit)
    const client = await it.connect()
    await client.say('CCC', [533, 500, 502])
    await client.startTls()
    for (const [line, codes] of Object.entries({ 'MIC x': [500, 502, 503, 537], 'CONF x': [500, 502, 503, 537] })) {
      await client.say(line, codes)
    }
    await client.say('ENC x', [500, 502, 503, 537])
  })
})

describe('TLS as policy', () => {
  it('"required for login" refuses USER in clear, and not inside TLS', async () => {
    await using it = await serve({ ...explicit, options: { tls: { required: 'login' } } })
    const client = await it.connect()
    await client.say('USER anna', [530, 534])
    await client.say('PASS secret', [503, 530, 534])
    await client.startTls()
    await client.login()
    expect(String(await client.retrieve('RETR a.txt'))).to.equal('hello')
    expect(it.backend.logins.length).to.equal(1)
  })

  it('"required for data" refuses clear data connections with 521 and PROT C with 534', async () => {
    await using it = await serve({ ...explicit, options: { tls: { required: 'data' } } })
    const client = await it.connect()
    await client.startTls()
    await client.login()
    for (const line of ['RETR a.txt', 'LIST', 'STOR b.txt']) {
      const data = await client.epsv()
      await client.say(line, [521, 522])
      data.close()
    }
    await client.protect()
    await client.say('PROT C', 534)
    expect(String(await client.retrieve('RETR a.txt'))).to.equal('hello')
  })

  it('exempts the networks of old scanners', async () => {
    await using it = await serve({ files, options: { tls: { required: 'data', exempt: scanners } } })
    await (await it.connect()).say('USER anna', [530, 534])
    const scanner = await it.connect({ localAddress: '127.0.0.2' })
    await scanner.login()
    expect(String(await scanner.retrieve('RETR a.txt'))).to.equal('hello')
  })

  it('refuses versions below the minimum', async () => {
    await using it = await serve({ ...explicit, options: { tls: { minimum: 'TLSv1.3' } } })
    const old = await it.connect()
    await old.say('AUTH TLS', 234)
    const failed = await old.handshake({ maxVersion: 'TLSv1.2' }).then(
      () => false,
      () => true,
    )
    expect(failed).to.be.true
    const client = await it.connect()
    await client.startTls({ minVersion: 'TLSv1.3' })
    await client.login()
  })
})

describe('certificates', () => {
  it('are chosen by the server name (SNI)', async () => {
    const keyPair = await certificate('files.example.net')
    const domains = [
      { id: 'default', names: [] },
      { id: 'second', names: ['files.example.net'], keyPair },
    ] as const
    await using it = await serve({ ...explicit, options: { domains } })
    expect(await subject(await it.connect(), 'files.example.net')).to.equal('files.example.net')
    expect(await subject(await it.connect(), 'FILES.example.net')).to.equal('files.example.net')
    expect(await subject(await it.connect(), 'else.example.org')).to.equal('localhost')
    expect(await subject(await it.connect())).to.equal('localhost')
  })

  it('and HOST must not name two different domains (RFC 7151 section 3.3)', async () => {
    const domains = [
      { id: 'default', names: ['ftp.example.com'] },
      { id: 'second', names: ['files.example.net'] },
    ] as const
    await using it = await serve({ ...explicit, options: { domains } })
    const client = await it.connect()
    await client.startTls({ servername: 'files.example.net' })
    await client.say('HOST ftp.example.com', 504)
    await client.say('HOST files.example.net', 220)
    await client.login()
    expect(it.backend.logins[0]?.domain).to.equal('second')
  })

  it('are renewed for the next handshake while sessions live', async () => {
    await using it = await serve(explicit)
    const old = await it.login()
    await it.change({ tls: { keyPair: await certificate('renewed.example') } })
    expect(await subject(await it.connect())).to.equal('renewed.example')
    expect(String(await old.retrieve('RETR a.txt'))).to.equal('hello')
  })
})

async function subject(client: RawClient, servername?: string): Promise<string | undefined> {
  await client.startTls(servername === undefined ? {} : { servername })
  const name = (client.socket as TLSSocket).getPeerCertificate().subject.CN
  return Array.isArray(name) ? name[0] : name
}

function scanners(address: string): boolean {
  return address === '127.0.0.2'
}
