/** Attacks on TLS: injection, truncation, stolen and stalled handshakes, other protocols (spec: attacks section 2). */
import { connect as connectTls } from 'node:tls'
import { expect } from 'chai'
import { needs, python } from '../real-clients.ts'
import { serve } from '../serve.ts'

const files = { 'a.txt': 'hello', 'big.bin': Buffer.alloc(500_000, 7) }

describe('attacks on TLS', () => {
  before(function () {
    needs(this, 'python3')
  })

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
