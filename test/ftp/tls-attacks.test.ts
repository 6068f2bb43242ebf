/** Attacks on TLS: injection, truncation, stolen and stalled handshakes, other protocols (spec: attacks section 2). */
import { connect } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { expect } from 'chai'
import { eventually } from '../cap.ts'
import { python } from '../real-clients.ts'
import { serve } from '../serve.ts'

const files = { 'a.txt': 'hello', 'big.bin': Buffer.alloc(500_000, 7) }

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

  it('fails an upload cut off without close_notify (truncation attack)', async () => {
    for (const transport of ['explicit TLS', 'implicit TLS'] as const) {
      await using it = await serve({ transport })
      it.files.partial = 'drop'
      const client = await it.login()
      const data = await client.epsv()
      await client.say('STOR cut.txt', 150)
      await data.write('only the first half')
      await data.truncate()
      await client.reply([426, 451])
      expect(it.files.exists('cut.txt')).to.be.false
      await client.store('STOR whole.txt', 'x')
    }
  })

  it('takes such an upload where that is configured', async () => {
    await using it = await serve({ transport: 'explicit TLS', options: { tls: { strictEnd: false } } })
    const client = await it.login()
    const data = await client.epsv()
    await client.say('STOR cut.txt', 150)
    await data.write('all of it')
    await data.truncate()
    await client.reply(226)
    expect(it.files.content('cut.txt')?.toString()).to.equal('all of it')
  })

  it('fails an upload broken by RST', async () => {
    await using it = await serve({ transport: 'explicit TLS' })
    it.files.partial = 'drop'
    const client = await it.login()
    const data = await client.epsv()
    await client.say('STOR cut.txt', 150)
    await data.write('only the first half')
    await data.reset()
    await client.reply([426, 451])
    expect(it.files.exists('cut.txt')).to.be.false
  })

  it('ends its own data with close_notify, so that clients can tell a cut download', async () => {
    await using it = await serve({ transport: 'explicit TLS', files })
    expect(await python(RAGGED, it.port)).to.equal('500000 clean\n0 clean\n')
  })

  it('never falls back to clear data under PROT P', async () => {
    await using it = await serve({ transport: 'explicit TLS', files })
    const client = await it.login()
    client.private = false
    for (const line of ['RETR a.txt', 'STOR b.txt', 'LIST']) {
      const data = await client.epsv()
      client.send(`${line}\r\n`)
      const first = await client.reply([150, 425, 522])
      await data.write('clear text\r\n').catch(() => undefined)
      if (first.code === 150) await client.reply([425, 426, 522])
      expect(String(await data.remains())).to.not.include('hello')
    }
    expect(it.files.content('b.txt')?.length ?? 0).to.equal(0)
    client.private = true
    expect(String(await client.retrieve('RETR a.txt'))).to.equal('hello')
  })

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
    const sockets = Array.from({ length: 60 }, () => connect(it.port, it.host).on('error', () => undefined))
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('connect', resolve))))
    await it.login()
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.resume().once('close', resolve))))
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

const RAGGED = `
import socket, ssl, sys
context = ssl._create_unverified_context()
control = socket.create_connection(('127.0.0.1', int(sys.argv[1])), 10)
def line(s):
    out = b''
    while not out.endswith(b'\\n'):
        out += s.recv(1)
    return out.decode()
def say(s, text):
    s.sendall(text.encode() + b'\\r\\n')
    return line(s)
line(control)
say(control, 'AUTH TLS')
control = context.wrap_socket(control, suppress_ragged_eofs=False)
for text in ('USER anna', 'PASS secret', 'PBSZ 0', 'PROT P', 'TYPE I'):
    say(control, text)
for verb in ('RETR big.bin', 'MLSD empty'):
    if verb.startswith('MLSD'):
        say(control, 'MKD empty')
        say(control, 'OPTS MLST type;')
        verb = 'NLST empty'
    port = int(say(control, 'EPSV').split('|||')[1].split('|')[0])
    raw = socket.create_connection(('127.0.0.1', port), 10)
    control.sendall(verb.encode() + b'\\r\\n')
    data = context.wrap_socket(raw, session=control.session, suppress_ragged_eofs=False)
    assert line(control).startswith('150')
    count = 0
    while True:
        piece = data.recv(65536)
        if not piece:
            break
        count += len(piece)
    print(count, 'clean')
    data.unwrap()
    data.close()
    assert line(control).startswith('226')
`
