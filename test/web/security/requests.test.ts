/** Requests that no browser sends: too large, too slow, ambiguous, under a foreign name. The FTP service must not notice any. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { capped } from '../../cap.ts'
import { RawClient } from '../../raw-client.ts'
import { Place, type Started } from '../../start/started.ts'
import { mounted, type Mounted } from '../mounted.ts'

const PRESET = {
  enabled: true,
  administrator: { name: 'admin', password: 'a long password' },
  settings: { port: 0, address: '127.0.0.1', passivePorts: 'any' },
}

describe('attack: a body that is too much', () => {
  it('ends at 2 MB with 413, and the next request is answered', async () => {
    await using it = await mounted()
    expect((await it.post('/turn', { to: 'x'.repeat(3_000_000) })).status).to.equal(413)
    expect((await it.get('/')).status).to.equal(200)
  })

  it('is not unpacked: a compressed body is answered with 415 (CVE-2026-28318)', async () => {
    await using it = await mounted()
    for (const encoding of ['gzip', 'deflate', 'br', 'zstd', 'GZIP', 'identity, gzip']) {
      const headers = { 'Content-Encoding': encoding, 'Content-Type': 'application/x-www-form-urlencoded' }
      const body = gzipSync(Buffer.alloc(1_000_000))
      expect((await fetch(`${it.origin}/turn`, { method: 'POST', headers, body })).status, encoding).to.equal(415)
    }
  })

  it('holds no more fields than a form can have', async () => {
    await using it = await mounted()
    const body = new URLSearchParams({ _csrf: await it.token() })
    for (let n = 0; n < 100_000; n++) body.append(`f${n}`, '1')
    const began = performance.now()
    const { status } = await fetch(`${it.origin}/turn`, { method: 'POST', body, redirect: 'manual' })
    expect(status).to.be.within(300, 499)
    expect(performance.now() - began).to.be.below(1000)
  })

  it('is no tree without a bottom: deep JSON is refused quickly', async () => {
    await using it = await mounted()
    const body = `${'['.repeat(900_000)}${']'.repeat(900_000)}`
    const headers = { 'Content-Type': 'application/json', 'X-CSRF-Token': await it.token() }
    const began = performance.now()
    const { status } = await fetch(`${it.origin}/turn`, { method: 'POST', body, headers, redirect: 'manual' })
    expect(status).to.be.within(300, 499)
    expect(performance.now() - began).to.be.below(1000)
  })
})

describe('attack: prototype pollution by the fields of a form', () => {
  const names = [
    '__proto__',
    '__proto__[polluted]',
    '__proto__.polluted',
    'constructor[prototype][polluted]',
    'constructor.prototype.polluted',
    'a[__proto__][polluted]',
  ]
  for (const name of names) {
    it(`finds ${name} a name like others`, async () => {
      await using it = await mounted({ preset: { enabled: false } })
      await it.post('/turn', { to: 'off', [name]: 'yes' })
      expect(({} as { polluted?: unknown }).polluted).to.equal(undefined)
      expect(Object.keys(Object.prototype)).to.deep.equal([])
    })
  }

  it('finds nothing in JSON either', async () => {
    await using it = await mounted({ preset: { enabled: false } })
    const body = '{"to":"off","__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}}}'
    const headers = { 'Content-Type': 'application/json', 'X-CSRF-Token': await it.token() }
    await fetch(`${it.origin}/turn`, { method: 'POST', body, headers, redirect: 'manual' })
    expect(({} as { polluted?: unknown }).polluted).to.equal(undefined)
  })
})

describe('attack: bodies that fill the log with faults', () => {
  const form = 'Content-Type: application/x-www-form-urlencoded\r\n'
  const cut: Readonly<Record<string, string>> = {
    'a body shorter than said': `${form}Content-Length: 1000\r\n\r\nto=off`,
    'a file shorter than said': 'Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000\r\n\r\n--x',
    'a last chunk that does not come': `${form}Transfer-Encoding: chunked\r\n\r\n5\r\nto=of`,
    'a chunk size that is none': `${form}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
    'a chunk size without end': `${form}Transfer-Encoding: chunked\r\n\r\n${'f'.repeat(40)}\r\n`,
  }
  let site: Mounted
  before(async () => (site = await mounted()))
  after(() => site[Symbol.asyncDispose]())

  for (const [name, text] of Object.entries(cut)) {
    it(`are refused with 400, and are no faults: ${name}`, async () => {
      for (const path of ['/turn', '/api/v1/broadcast']) {
        const head = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nX-CSRF-Token: ${await site.token()}\r\n`
        const answer = await sendTo(Number(new URL(site.origin).port), head + text)
        expect(answer, path).to.match(/^HTTP\/1\.1 4\d\d /)
      }
      expect(site.faults).to.deep.equal([])
    })
  }

  it('are no faults either where JSON comes to a page, or what is called so', async () => {
    for (const body of ['to=off', '{"to":"off"}', '{', '']) {
      const headers = { 'Content-Type': 'application/json', 'X-CSRF-Token': await site.token() }
      const { status } = await fetch(`${site.origin}/turn`, { method: 'POST', body, headers, redirect: 'manual' })
      expect(status, body).to.be.within(300, 499)
    }
    expect(site.faults).to.deep.equal([])
  })
})

describe('attack: requests that two servers read differently', function () {
  this.timeout(40_000)
  let place: Place
  let started: Started
  let server: Server

  before(async () => {
    place = await Place.make()
    started = await place.start(PRESET, [], { FTP_MODULE_WEB_PORT: '0' })
    server = await Server.of(started)
  })
  after(() => place[Symbol.asyncDispose]())
  after('they are no faults of ours', () => expect(started.errors).to.equal(''))
  afterEach('FTP goes on', async () => {
    await using client = await RawClient.connect(server.ftpPort)
    await client.say('NOOP', /^200|^530/)
  })

  const head = 'POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n'
  const smuggled: Readonly<Record<string, string>> = {
    'two lengths (CL.CL)': `${head}Content-Length: 5\r\nContent-Length: 6\r\n\r\naaaaaa`,
    'a length and chunks (CL.TE)': `${head}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX`,
    'chunks that are not the last coding (TE.TE)': `${head}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
    'a hidden chunked': `${head}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
    'a chunk size that is none': `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n`,
    'a chunk longer than said': `${head}Transfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n`,
    'a negative length': `${head}Content-Length: -1\r\n\r\n`,
    'a space before the colon': `${head}Content-Length : 5\r\n\r\nhello`,
    'a folded header line': `${head}X-Folded: a\r\n b\r\n\tTransfer-Encoding: chunked\r\n\r\n`,
    'a bare CR in a header': `${head}X-Bare: a\rContent-Length: 5\r\n\r\n`,
    'a NUL in a header': `${head}X-Nul: a\0b\r\n\r\n`,
    'no host': 'GET /login HTTP/1.1\r\n\r\n',
    'two hosts': 'GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n',
    'FTP commands': 'USER anna\r\nPASS secret\r\n',
    'a TLS handshake': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  }
  for (const [name, text] of Object.entries(smuggled)) {
    it(`are refused with 400 or cut: ${name}`, async () => {
      const answer = await server.send(text)
      expect(answer).to.match(/^(?:HTTP\/1\.1 (?:400|421) [^]*)?$/)
      expect(answer.match(/HTTP\/1\.1/g)?.length ?? 0).to.be.at.most(1)
    })
  }
})

describe('attack: requests that never end', function () {
  this.timeout(40_000)
  let place: Place
  let server: Server

  before(async () => {
    place = await Place.make()
    server = await Server.of(await place.start(PRESET, [], { FTP_MODULE_WEB_PORT: '0' }))
  })
  after(() => place[Symbol.asyncDispose]())

  it('stop nobody else: a hundred slow posts, and the page still comes at once', async () => {
    const slow = await Promise.all(
      Array.from({ length: 100 }, async () => {
        const socket = connect(server.port, '127.0.0.1')
        await once(socket, 'connect')
        socket.write(
          'POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\na',
        )
        return socket
      }),
    )
    const began = performance.now()
    expect((await fetch(`${server.origin}/login`)).status).to.equal(200)
    expect(performance.now() - began).to.be.below(1000)
    for (const socket of slow) socket.destroy()
  })

  it('end with 431 where the headers are 10 MB', async () => {
    const line = `X-Long: ${'a'.repeat(10_000)}\r\n`
    expect(await server.send(`GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\n${line.repeat(1000)}\r\n`)).to.match(
      /^(?:HTTP\/1\.1 431|$)/,
    )
    expect((await fetch(`${server.origin}/login`)).status).to.equal(200)
  })

  it('end with 414 or 431 where the address is 1 MB', async () => {
    expect(await server.send(`GET /login?${'a'.repeat(1_000_000)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`)).to.match(
      /^(?:HTTP\/1\.1 (?:414|431)|$)/,
    )
  })
})

describe('attack: DNS rebinding', function () {
  this.timeout(40_000)

  it('gets nothing under a name that is not ours, and everything under the address', async () => {
    await using place = await Place.make()
    const server = await Server.of(await place.start(PRESET, [], { FTP_MODULE_WEB_PORT: '0' }))
    for (const host of [
      'evil.example',
      'evil.example:8080',
      '127.0.0.1.evil.example',
      'localhost.evil.example',
      'a@127.0.0.1',
    ]) {
      const answer = await server.send(`GET /login HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
      expect(answer, host)
        .to.match(/^HTTP\/1\.1 4(?:21|00) /)
        .and.not.match(/_csrf|set-cookie/i)
    }
    for (const host of ['127.0.0.1', `127.0.0.1:${server.port}`, 'localhost', '[::1]']) {
      const answer = await server.send(`GET /login HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
      expect(answer, host).to.match(/^HTTP\/1\.1 200 /)
    }
  })
})

/** A started server as an attacker sees it. */
class Server {
  readonly ftpPort: number
  readonly origin: string
  readonly port: number

  private constructor(ftpPort: number, origin: string) {
    this.ftpPort = ftpPort
    this.origin = origin
    this.port = Number(new URL(origin).port)
  }

  static async of(started: Started): Promise<Server> {
    const [origin] = await started.printed(/http:\/\/127\.0\.0\.1:\d+/)
    return new Server(await started.port(), origin)
  }

  /** Sends octets as they are; everything that comes back until the server ends the connection. */
  send(text: string): Promise<string> {
    return sendTo(this.port, text)
  }
}

async function sendTo(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1')
  let answer = ''
  socket.on('data', (part: string) => (answer += part)).on('error', () => undefined)
  socket.write(text, 'latin1')
  // What waits for more gets its end.
  socket.end()
  const closed = new Promise((resolve) => {
    socket.once('close', resolve)
  })
  await capped(closed, 'the end of the connection', () => answer, 15_000)
  return answer
}
