/** Attacks on TLS: injection and other protocols (spec: attacks section 2); those on data connections are in data-tls.test.ts. */
import { connect as connectTls } from 'node:tls'
import { expect } from 'chai'
import { serve } from '../serve.ts'

const files = { 'a.txt': 'hello' }

describe('attacks on TLS', () => {
  it('forgets commands injected behind AUTH TLS in the same segment (CVE-2011-0411, CVE-2011-1575)', async () => {
    await using it = await serve({ files })
    const client = await it.connect()
    client.send('AUTH TLS\r\nUSER anna\r\nPASS secret\r\nDELE a.txt\r\n')
    await client.reply(234)
    await client.handshake()
    await client.say('PASS secret', 503)
    await client.say('PWD', 530)
    expect(it.backend.logins).to.deep.equal([])
  })

  it('forgets commands injected before the ClientHello in a segment of their own, or drops the connection', async () => {
    await using it = await serve({ files })
    const client = await it.connect()
    await client.say('AUTH TLS', 234)
    client.send('USER anna\r\nPASS secret\r\nDELE a.txt\r\n')
    const survived = await client.handshake().then(
      () => true,
      () => false,
    )
    if (survived) await client.say('PWD', 530)
    expect(it.backend.logins).to.deep.equal([])
    expect(it.files.exists('a.txt')).to.be.true
  })

  it('lets no ABOR injected behind AUTH TLS cut the first transfer under TLS', async () => {
    await using it = await serve({ files })
    const client = await it.connect()
    client.send('AUTH TLS\r\nABOR\r\n')
    await client.reply(234)
    await client.handshake()
    await (await client.login()).protect()
    await client.say('TYPE I', 200)
    expect(String(await client.retrieve('RETR a.txt'))).to.equal('hello')
  })

  it('drops half a command line said before AUTH TLS was answered', async () => {
    await using it = await serve({ files })
    const client = await it.connect()
    client.send('AUTH TLS\r\nUSER an')
    await client.reply(234)
    await client.handshake()
    await client.say('NOOP', 200)
  })

  for (const offered of [['http/1.1'], ['h2', 'http/1.1'], ['smtp']]) {
    it(`refuses a client that offers ${offered.join(' and ')} by ALPN (ALPACA, CVE-2021-3618)`, async () => {
      await using it = await serve({ transport: 'implicit TLS' })
      const socket = connectTls({ port: it.port, host: it.host, rejectUnauthorized: false, ALPNProtocols: offered })
      const error = await new Promise<Error | undefined>((resolve) => {
        socket.once('error', resolve).once('secureConnect', () => resolve(undefined))
      })
      socket.destroy()
      expect(String(error)).to.match(/alert|closed|disconnected|reset/i)
      await it.login()
    })
  }

  it('accepts ALPN "ftp" and none', async () => {
    await using it = await serve({ transport: 'implicit TLS' })
    const client = await it.connect({ tls: { ALPNProtocols: ['ftp'] } })
    expect('alpnProtocol' in client.socket && client.socket.alpnProtocol).to.equal('ftp')
    await it.login()
  })

  for (const request of ['GET / HTTP/1.1', 'POST /x HTTP/1.1', 'EHLO mail.example']) {
    it(`hangs up on ${request.split(' ')[0]} without echoing it (ALPACA, cross-protocol request)`, async () => {
      await using it = await serve()
      const client = await it.connect()
      client.send(`${request}\r\nHost: x\r\nX: <script>alert(1)</script>\r\nA: b\r\nB: c\r\nC: d\r\n\r\nUSER anna\r\n`)
      const { text } = await client.reply()
      expect(text).to.not.include('script')
      if (request.startsWith('EHLO')) return
      await client.ended()
      expect((await it.event('session-closed')).reason).to.equal('flood')
    })
  }
})
