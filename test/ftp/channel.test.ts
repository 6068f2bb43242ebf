/** What carries a control connection, over the streams of Node and over bare descriptors: both behave alike. */
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { ConnectionOptions } from 'node:tls'
import { expect } from 'chai'
import { bareChannel } from '../../module/ftp/bare-channel.ts'
import { ACCEPTING } from '../../module/ftp/channel.ts'
import type { Channel, ChannelEvents } from '../../module/ftp/channel.ts'
import { StreamChannel } from '../../module/ftp/stream-channel.ts'
import { SessionTls } from '../../module/ftp/tls.ts'
import type { LazyContext } from '../../module/ftp/tls.ts'
import { capped, eventually } from '../cap.ts'
import { certificate } from '../certificate.ts'
import { rejection } from '../rejection.ts'

const KINDS: Record<string, (raw: Socket, events: ChannelEvents) => Channel> = {
  'over streams': (raw, events) => new StreamChannel(raw, events),
  'over a bare descriptor': (raw, events) => {
    const channel = bareChannel(raw, events)
    if (!channel) throw new Error('There are no bare channels on this machine.')
    return channel
  },
}

for (const [kind, make] of Object.entries(KINDS)) {
  describe(`a channel ${kind}`, () => {
    it('carries octets both ways, and its last words with the end', async () => {
      await using it = await ends(make)
      it.client.write('one')
      it.channel.listen()
      await it.has('one')
      it.channel.write('tw\xf6')
      it.channel.write(Buffer.from([0, 255]))
      it.channel.end('three')
      expect(await it.rest()).to.equal('tw\xf6\0\xffthree')
      expect(it.channel.open).to.equal(false)
    })

    it('loses no last words where the client has said what nobody reads', async () => {
      await using it = await ends(make)
      it.client.write('x'.repeat(100_000))
      it.channel.end('goodbye')
      expect(await it.rest()).to.equal('goodbye')
    })

    it('tells once that the client has gone, or broke the connection', async () => {
      for (const leave of ['end', 'resetAndDestroy'] as const) {
        await using it = await ends(make)
        it.channel.listen()
        it.client[leave]()
        await eventually(() => it.lost === 1, 'the channel has lost its client')
        it.channel.write('too late')
        it.channel.destroy()
        expect(it.lost).to.equal(1)
      }
    })

    it('tells of what came before the connection broke, or of its end alone', async () => {
      await using it = await ends(make)
      it.client.write('before')
      it.channel.listen()
      await it.has('before')
      it.channel.pause()
      it.client.resetAndDestroy()
      await once(it.client, 'close')
      it.channel.resume()
      await eventually(() => it.lost === 1, 'the channel has lost its client')
    })

    it('reads nothing while it is paused', async () => {
      await using it = await ends(make)
      it.channel.listen()
      it.channel.pause()
      it.client.write('later')
      // What is told the other way round comes behind it.
      it.channel.write('now')
      await once(it.client, 'data')
      expect(it.heard).to.equal('')
      it.channel.resume()
      await it.has('later')
    })

    it('waits for a client that does not read, not for ever, and goes on when it reads', async () => {
      await using it = await ends(make)
      it.client.pause()
      const piece = 'x'.repeat(64 * 1024)
      let written = 0
      for (; it.channel.unsent < 128 * 1024; written += piece.length) it.channel.write(piece)
      expect(await it.channel.drained(20)).to.equal(false)
      const drained = it.channel.drained(5000)
      const rest = it.rest()
      expect(await drained).to.equal(true)
      expect(it.channel.unsent).to.equal(0)
      it.channel.end()
      expect((await rest).length).to.equal(written)
    })

    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      it(`goes under ${version}, and tells how`, async () => {
        await using it = await ends(make)
        const [secured, client] = await it.secure({ minVersion: version, maxVersion: version })
        expect(secured.protocol).to.equal(version)
        expect(secured.cipher).to.equal(client.getCipher().name)
        expect(secured.serverName).to.equal(undefined)
        it.channel.listen()
        client.write('secret')
        await it.has('secret')
        const long = 'y'.repeat(40_000)
        it.channel.write(long)
        it.channel.end('end')
        expect(await it.rest(client)).to.equal(`${long}end`)
      })

      it(`reads under ${version} what came while it was paused, also with the end of the handshake`, async () => {
        await using it = await ends(make)
        const [, client] = await it.secure({ minVersion: version, maxVersion: version })
        for (let line = 0; line < 300; line++) client.write(`${line}\n`)
        await eventually(() => client.writableLength === 0, 'all is on its way')
        it.channel.listen()
        it.channel.pause()
        it.channel.resume()
        await it.has(Array.from({ length: 300 }, (_, line) => `${line}\n`).join(''))
      })
    }

    it('shows the certificate of the server that the client names (SNI), its own for other names', async () => {
      for (const [asked, shown] of [
        ['other.example', 'other.example'],
        ['unknown.example', 'localhost'],
      ] as const) {
        await using it = await ends(make)
        const [secured, client] = await it.secure({ servername: asked }, 'other.example')
        expect(secured.serverName).to.equal(asked)
        expect(client.getPeerCertificate().subject.CN).to.equal(shown)
      }
    })

    it('closes where the handshake fails, ends or takes too long', async () => {
      const spoil: ((client: Socket) => void)[] = [
        (client) => client.write('USER anna\r\nPASS secret\r\n'),
        (client) => client.end(),
        () => undefined,
      ]
      for (const act of spoil) {
        await using it = await ends(make)
        const failed = rejection(it.channel.secure({ context: await context(), patience: 200 }))
        act(it.client)
        expect(await failed).to.be.instanceOf(Error)
        await it.rest()
        expect(it.channel.open).to.equal(false)
        expect(it.lost).to.equal(0)
      }
    })
  })
}

async function context(name?: string): Promise<LazyContext> {
  const keyPair = await certificate(name)
  const rules = { required: 'never', exempt: () => false, sessionReuse: 'prefer', strictEnd: true } as const
  return new SessionTls().contextFor({ ...rules, keyPair, minimum: 'TLSv1.2' }, { id: 'default' })
}

/** A channel and the client at its other end. */
async function ends(make: (raw: Socket, events: ChannelEvents) => Channel): Promise<Ends> {
  const server = createServer(ACCEPTING).listen(0, '127.0.0.1')
  await once(server, 'listening')
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a listening TCP server has an AddressInfo
  const { port } = server.address() as AddressInfo
  const client = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a listener emits
  const [raw] = (await once(server, 'connection')) as [Socket]
  server.close()
  return new Ends(client, (events) => make(raw, events))
}

class Ends implements AsyncDisposable {
  readonly client: Socket
  readonly channel: Channel
  heard = ''
  lost = 0
  #over: Socket

  constructor(client: Socket, make: (events: ChannelEvents) => Channel) {
    this.client = this.#over = client.on('error', () => undefined)
    this.channel = make({
      data: (octets) => (this.heard += octets.toString('latin1')),
      lost: () => (this.lost += 1),
    })
  }

  has(text: string): Promise<void> {
    return eventually(() => this.heard === text, 'the channel told what was sent')
  }

  async secure(options: ConnectionOptions, other?: string) {
    const named = other === undefined ? undefined : await context(other)
    const contextFor = (name: string) => (name === other ? named : undefined)
    const securing = this.channel.secure({ context: await context(), contextFor, patience: 5000 })
    const client = connectTls({ ...options, socket: this.client, rejectUnauthorized: false })
    this.#over = client.on('error', () => undefined)
    const [secured] = await capped(Promise.all([securing, once(client, 'secureConnect')]), 'the handshake')
    return [secured, client] as const
  }

  /** What the client reads until the end. */
  async rest(client: Socket = this.client): Promise<string> {
    let text = ''
    client.on('data', (octets: Buffer) => (text += octets.toString('latin1')))
    await new Promise((resolve) => client.once('end', resolve).once('close', resolve).resume())
    client.end()
    return text
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.destroy()
    this.client.destroy()
    this.channel.destroy()
    await Promise.resolve()
  }
}
