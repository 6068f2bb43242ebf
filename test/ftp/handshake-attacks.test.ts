/** Handshakes that never start, never end, or are no handshakes (spec: attacks section 2). */
import { connect } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { expect } from 'chai'
import { eventually } from '../cap.ts'
import { serve } from '../serve.ts'

const files = { 'a.txt': 'hello' }

describe('attacks on TLS handshakes', () => {
  it('gives up a data handshake that never starts, while others are served', async () => {
    await using it = await serve({ transport: 'explicit TLS', files, options: { timeouts: { handshake: 0.2 } } })
    const [client, other] = [await it.login(), await it.login()]
    client.private = false
    const data = await client.epsv()
    client.send('RETR a.txt\r\n')
    expect(String(await other.retrieve('RETR a.txt'))).to.equal('hello')
    const first = await client.reply([150, 425, 522])
    if (first.code === 150) await client.reply([425, 426, 522])
    await data.ended()
  })
  it('gives up at once a data handshake that the client ends, however long it might take', async () => {
    await using it = await serve({ transport: 'explicit TLS', files, options: { timeouts: { handshake: 60 } } })
    const client = await it.login()
    client.private = false
    for (const line of ['STOR b.txt', 'RETR a.txt']) {
      const data = await client.epsv()
      await client.say(line, 150)
      await data.end()
      await client.reply([425, 426, 522])
    }
    client.private = true
    expect(String(await client.retrieve('RETR a.txt'))).to.equal('hello')
  })
  it('drops garbage in place of a ClientHello, only that connection', async () => {
    await using it = await serve({ files })
    const [client, other] = [await it.connect(), await it.login()]
    await client.say('AUTH TLS', 234)
    client.send(Buffer.alloc(2000, 0x41))
    await client.ended().catch(() => undefined)
    expect((await it.event('session-closed')).reason).to.equal('tls')
    await other.say('NOOP', 200)
  })

  it('gives up 150 half-open handshakes, and a newcomer is served meanwhile', async () => {
    const limits = { sessions: 1000 }
    await using it = await serve({ transport: 'implicit TLS', options: { timeouts: { handshake: 0.4 }, limits } })
    // From several addresses: each may have only so many connections that are not logged in.
    const from = (at: number) => ({ port: it.port, host: it.host, localAddress: `127.0.2.${1 + Math.floor(at / 50)}` })
    const sockets = Array.from({ length: 150 }, (_, at) => connect(from(at)).on('error', () => undefined))
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('connect', resolve))))
    // Some may be given up before the newcomer is in.
    const closed = sockets.map((socket) => new Promise((resolve) => socket.resume().once('close', resolve)))
    await it.login()
    await Promise.all(closed)
    expect(it.server.sessions().length).to.equal(1)
  })

  for (const servername of ['__proto__', 'constructor', 'x'.repeat(60) + '.example', 'xn--nxasmq6b', 'a..b', '*']) {
    it(`survives the server name ${servername.slice(0, 20)} (CVE-2026-21637)`, async () => {
      await using it = await serve()
      const client = await it.connect()
      await client.startTls({ servername }).catch(() => undefined)
      await it.login()
    })
  }

  it('keeps serving when a client renegotiates or speaks an old version', async () => {
    await using it = await serve()
    const client = await it.connect()
    await client.say('AUTH TLS', 234)
    await client
      .handshake({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' })
      .catch(() => undefined)
    await eventually(() => it.all('session-closed').length === 1, 'the old client is gone')
    const modern = await it.connect()
    await modern.startTls({ maxVersion: 'TLSv1.2' })
    ;(modern.socket as TLSSocket).renegotiate({}, () => undefined)
    modern.socket.on('error', () => undefined)
    await it.login()
  })

  it('closes the data and the login of a session whose TLS breaks', async () => {
    await using it = await serve({ transport: 'explicit TLS', files })
    const client = await it.login()
    client.socket.on('error', () => undefined)
    const raw = client.underlying
    raw?.write(Buffer.alloc(100, 0x41))
    await it.event('session-closed')
    expect(it.server.sessions()).to.deep.equal([])
  })
})
