import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { connect as connectTls, createSecureContext, TLSSocket, type SecureVersion } from 'node:tls'
import { expect } from 'chai'
import { TlsTap } from '../../../module/ftp/data/close-notify.ts'
import { capped } from '../../cap.ts'
import { certificate, type Certificate } from '../../certificate.ts'
import { needs, python, succeed } from '../../real-clients.ts'

/** What the server saw of one connection. */
interface Received {
  readonly content: Buffer
  readonly clean: boolean
  readonly failure: unknown
  readonly resumed: boolean
}

interface Receiver {
  readonly server: Server
  readonly port: number
  next(): Promise<Received>
}

const SUITES = {
  'TLSv1.2': ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-CHACHA20-POLY1305'],
  'TLSv1.3': ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'],
} as const

describe('TlsTap', () => {
  let pair: Certificate
  let receiver: Receiver
  before(async () => {
    pair = await certificate()
    receiver = await receive(pair)
  })
  after(() => receiver.server.close())

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    for (const cipher of SUITES[version]) {
      describe(`with ${version} and ${cipher}`, () => {
        // 16,384 octets fill a record; two octets more make a last record as short as the alert.
        for (const octets of [0, 1, 2, 3, 17, 16_384, 16_386, 70_000]) {
          it(`takes ${octets} octets and a close_notify for whole`, async () => {
            const { tls } = await dial(version, cipher)
            tls.end(Buffer.alloc(octets, 'x'))
            const { content, clean, failure } = await receiver.next()
            expect([failure, content.length, clean]).to.deep.equal([undefined, octets, true])
          })

          it(`takes ${octets} octets and a bare FIN for cut off`, async () => {
            const { tls, raw } = await dial(version, cipher)
            await written(tls, octets)
            raw.end()
            const { content, clean } = await receiver.next()
            expect([content.length, clean]).to.deep.equal([octets, false])
            tls.destroy()
          })
        }

        it('takes a RST for cut off', async () => {
          const { tls, raw } = await dial(version, cipher)
          await written(tls, 1000)
          raw.resetAndDestroy()
          expect((await receiver.next()).clean).to.be.false
        })

        it('takes many writes of two octets for cut off without close_notify, and for whole with it', async () => {
          for (const clean of [false, true]) {
            const { tls, raw } = await dial(version, cipher)
            for (let times = 0; times < 50; times += 1) await written(tls, 2)
            if (clean) tls.end()
            else raw.end()
            expect(await receiver.next()).to.include({ clean })
            tls.destroy()
          }
        })

        it('sees the end of a resumed session', async () => {
          const session = await sessionOf(version, cipher)
          for (const clean of [true, false]) {
            const { tls, raw } = await dial(version, cipher, session)
            await written(tls, 2)
            if (clean) tls.end()
            else raw.end()
            expect(await receiver.next()).to.include({ clean, resumed: true })
            tls.destroy()
          }
        })
      })
    }
  }

  it('takes an end in the middle of a record for cut off', async () => {
    const relay = await cutting((length) => length - 10)
    const tls = connectTls({ port: relay.port, rejectUnauthorized: false, maxVersion: 'TLSv1.3' })
    tls.on('error', () => undefined)
    tls.end(Buffer.alloc(5000))
    expect((await receiver.next()).clean).to.be.false
    relay.server.close()
  })

  it('gives the octets on whole', async () => {
    const content = Buffer.alloc(8 * 1024 * 1024, 'some text, again and again ')
    const { tls } = await dial('TLSv1.3', 'TLS_AES_128_GCM_SHA256')
    tls.end(content)
    const received = await receiver.next()
    expect(received.content.equals(content)).to.be.true
    expect(received.clean).to.be.true
  })

  it('takes no more from the network than its reader does', async () => {
    const secureContext = createSecureContext({ cert: pair.certificate, key: pair.key })
    const server = createServer({ pauseOnConnect: true })
    await once(server.listen(0), 'listening')
    const client = connectTls({ port: (server.address() as AddressInfo).port, rejectUnauthorized: false })
    const [raw] = (await capped(once(server, 'connection'), 'the connection')) as [Socket]
    const socket = new TLSSocket(new TlsTap(raw), { isServer: true, secureContext })
    await capped(once(socket, 'secure'), 'the handshake')
    client.write(Buffer.alloc(64 * 1024 * 1024))
    socket.on('error', () => undefined).once('data', () => socket.pause())
    await capped(once(raw, 'pause'), 'the network to be left alone')
    expect(raw.bytesRead).to.be.below(2 * 1024 * 1024)
    const closed = once(raw, 'close')
    socket.destroy()
    await capped(closed, 'the end')
    client.on('error', () => undefined).destroy()
    server.close()
  })

  it('carries the answer of the server as well', async () => {
    const { tls } = await dial('TLSv1.3', 'TLS_AES_128_GCM_SHA256')
    tls.write('x')
    const [answer] = (await capped(once(tls, 'data'), 'the answer')) as [Buffer]
    expect(answer.toString()).to.equal('hello')
    tls.end()
    await receiver.next()
  })

  it('ends the connection when the TLS socket is destroyed, and survives garbage', async () => {
    const raw = connect(receiver.port)
    raw.on('error', () => undefined)
    raw.write('GET / HTTP/1.1\r\n\r\n')
    const { failure, clean } = await receiver.next()
    expect(failure).to.be.an('error')
    expect(clean).to.be.false
    raw.destroy()
  })

  it('knows the end of openssl s_client', async () => {
    const parameters = ['s_client', '-quiet', '-no_ign_eof', '-connect', `127.0.0.1:${receiver.port}`]
    await succeed('openssl', parameters, { input: 'some text\n' })
    const { content, clean } = await receiver.next()
    expect(content.toString()).to.equal('some text\n')
    expect(clean).to.be.true
  })

  describe('behind Python', () => {
    before(function () {
      needs(this, 'python3')
    })

    for (const [what, end, clean] of [
      ['unwrap(), as ftplib ends an upload', 's.unwrap()', true],
      ['close() alone', 's.close()', false],
    ] as const) {
      it(`takes ${what}, for ${clean ? 'whole' : 'cut off'}`, async () => {
        const script = `import socket, ssl, sys
c = ssl._create_unverified_context()
s = c.wrap_socket(socket.create_connection(('127.0.0.1', int(sys.argv[1]))))
s.sendall(b'x' * 100000)
s.recv(5)
${end}`
        await python(script, receiver.port)
        const received = await receiver.next()
        expect([received.content.length, received.clean]).to.deep.equal([100_000, clean])
      })
    }
  })

  /** A client's connection, its handshake done. */
  async function dial(version: SecureVersion, cipher: string, session?: Buffer) {
    const raw = connect(receiver.port)
    await capped(once(raw, 'connect'), 'the connection')
    const versions = { minVersion: version, maxVersion: version, ciphers: cipher }
    const tls = connectTls({ socket: raw, rejectUnauthorized: false, ...versions, ...(session && { session }) })
    tls.on('error', () => undefined)
    raw.on('error', () => undefined)
    await capped(once(tls, 'secureConnect'), 'the handshake')
    return { raw, tls }
  }

  async function sessionOf(version: SecureVersion, cipher: string): Promise<Buffer> {
    const { tls } = await dial(version, cipher)
    // With TLS 1.3 the ticket follows the handshake.
    if (version === 'TLSv1.3') await capped(once(tls, 'session'), 'the session ticket')
    const session = tls.getSession()
    tls.end()
    await receiver.next()
    return session as Buffer
  }

  /** A relay that drops the end of each piece the client sends after its handshake, and closes. */
  async function cutting(keep: (length: number) => number) {
    const server = createServer((client) => {
      const onward = connect(receiver.port)
      onward.on('error', () => undefined).pipe(client.on('error', () => undefined))
      client.on('data', (chunk) => {
        if (chunk.length < 4000) onward.write(chunk)
        else onward.end(chunk.subarray(0, keep(chunk.length)))
      })
    })
    await once(server.listen(0), 'listening')
    return { server, port: (server.address() as AddressInfo).port }
  }
})

function written(socket: Socket, octets: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(Buffer.alloc(octets, 'x'), (error) => (error ? reject(error) : resolve()))
  })
}

/** A server that takes everything through a tap and says `hello` to the first octets. */
async function receive(pair: Certificate): Promise<Receiver> {
  const secureContext = createSecureContext({ cert: pair.certificate, key: pair.key, minVersion: 'TLSv1.2' })
  const waiting: Received[] = []
  let wake: (() => void) | undefined
  const server = createServer({ pauseOnConnect: true }, (raw) => {
    const tap = new TlsTap(raw)
    const socket = new TLSSocket(tap, { isServer: true, secureContext })
    const chunks: Buffer[] = []
    let failure: unknown
    let finished = 0
    let resumed = false
    socket.once('secure', () => {
      finished = socket.getCipher().standardName.endsWith('SHA384') ? 52 : 36
      resumed = socket.isSessionReused()
    })
    socket.once('data', () => socket.write('hello'))
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.on('error', (error) => (failure = error))
    socket.on('end', () => socket.end())
    socket.on('close', () => {
      const content = Buffer.concat(chunks)
      const clean = failure === undefined && tap.closedCleanly(content.length, finished)
      waiting.push({ content, clean, failure, resumed })
      wake?.()
    })
  })
  await once(server.listen(0), 'listening')
  return {
    server,
    port: (server.address() as AddressInfo).port,
    async next() {
      if (waiting.length === 0) await capped(new Promise<void>((resolve) => (wake = resolve)), 'the end of a connection')
      return waiting.shift() as Received
    },
  }
}
