/**
 * Protected data connections, of files in memory, which Node's own TLS moves, and of files with descriptors, which threads move
 * where they can: the same promises, and the same attacks (RFC 4217; spec: attacks section 2).
 */
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { expect } from 'chai'
import { chosenMover } from '../../module/ftp/data/chosen-mover.ts'
import { eventually } from '../cap.ts'
import { MemoryContent } from '../memory-content.ts'
import type { RawClient } from '../raw-client.ts'
import { needs, python } from '../real-clients.ts'
import { serve } from '../serve.ts'

const big = randomBytes(3_000_321)
const huge = new MemoryContent(64 * 1024 * 1024)
const files = { 'a.txt': 'hello', 'big.bin': Buffer.alloc(500_000, 7) }

for (const descriptors of [false, true]) {
  describe(`protected data of files ${descriptors ? 'with descriptors' : 'in memory'}`, () => {
    before(function () {
      needs(this, 'python3')
    })

    it('fails an upload cut off without close_notify (truncation attack)', async () => {
      for (const transport of ['explicit TLS', 'implicit TLS'] as const) {
        await using it = await serve({ transport, descriptors })
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
      await using it = await serve({ transport: 'explicit TLS', descriptors, options: { tls: { strictEnd: false } } })
      const client = await it.login()
      const data = await client.epsv()
      await client.say('STOR cut.txt', 150)
      await data.write('all of it')
      await data.truncate()
      await client.reply(226)
      expect(it.files.content('cut.txt')?.toString()).to.equal('all of it')
    })

    it('fails an upload broken by RST', async () => {
      await using it = await serve({ transport: 'explicit TLS', descriptors })
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
      await using it = await serve({ transport: 'explicit TLS', descriptors, files })
      expect(await python(RAGGED, it.port)).to.equal('500000 clean\n0 clean\n')
    })

    it('never falls back to clear data under PROT P', async () => {
      await using it = await serve({ transport: 'explicit TLS', descriptors, files })
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

    it('keeps what came before a cut for a client that goes on later', async () => {
      await using it = await serve({ transport: 'explicit TLS', descriptors })
      const client = await it.login()
      const data = await client.epsv()
      await client.say('STOR cut.bin', 150)
      await data.write(big.subarray(0, 300_000))
      await data.truncate()
      await client.reply([426, 451])
      expect(it.files.content('cut.bin')?.equals(big.subarray(0, 300_000))).to.be.true
    })

    it('moves large files both ways, octet for octet', async () => {
      for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
        const tls = { minVersion: version, maxVersion: version }
        await using it = await serve({ transport: 'explicit TLS', descriptors, files: { 'big.bin': big } })
        const client = await it.login('anna', 'secret', { tls })
        expect((await client.retrieve('RETR big.bin')).equals(big)).to.be.true
        await client.say('REST 1234567', 350)
        expect((await client.retrieve('RETR big.bin', client.port())).equals(big.subarray(1234567))).to.be.true
        await client.store('STOR up.bin', big, client.port())
        expect(it.files.content('up.bin')?.equals(big)).to.be.true
        await client.store('APPE up.bin', 'and more')
        expect(it.files.content('up.bin')?.subarray(big.length).toString()).to.equal('and more')
        await client.store('STOR empty.bin', '')
        expect(it.files.content('empty.bin')?.length).to.equal(0)
        expect((await client.retrieve('RETR empty.bin')).length).to.equal(0)
      }
    })

    it('refuses one octet more than the quota has', async () => {
      await using it = await serve({ transport: 'explicit TLS', descriptors })
      const client = await it.login()
      it.files.quota = big.length
      await client.store('STOR fits.bin', big)
      it.files.quota = big.length - 1
      await client.store('STOR more.bin', big, client.epsv(), 552).catch(async () => await client.reply(552))
      expect(it.files.content('more.bin')?.length ?? 0).to.be.at.most(big.length - 1)
    })

    it('refuses a data connection that speaks another protocol by ALPN (ALPACA, CVE-2021-3618)', async () => {
      await using it = await serve({ transport: 'explicit TLS', descriptors, files })
      const client = await it.login()
      for (const [offered, line] of [
        ['http/1.1', 'RETR a.txt'],
        ['h2', 'STOR b.txt'],
      ] as const) {
        const { refusal } = await dialled(client, line, { ALPNProtocols: [offered] })
        expect(await refusal).to.match(/no application protocol|disconnected|reset/i)
        await client.reply([425, 426, 522])
      }
      expect(it.files.exists('b.txt') && it.files.content('b.txt')?.length).to.not.be.ok
      const { socket, refusal } = await dialled(client, 'STOR c.txt', { ALPNProtocols: ['http/1.1', 'ftp'] })
      expect(await refusal).to.equal(undefined)
      expect(socket.alpnProtocol).to.equal('ftp')
      socket.end('taken')
      await client.reply(226)
      expect(it.files.content('c.txt')?.toString()).to.equal('taken')
    })

    it('gives a data handshake that stops half way no longer than it may take', async () => {
      const timeouts = { handshake: 0.3, stall: 60 }
      await using it = await serve({ transport: 'explicit TLS', descriptors, files, options: { timeouts } })
      const client = await it.login()
      client.private = false
      for (const line of ['RETR a.txt', 'STOR b.txt']) {
        const data = await client.epsv()
        await client.say(line, 150)
        // A record that says it is longer than what comes.
        await data.write(Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252]))
        await client.reply(522)
        await data.ended()
      }
    })

    it('drops garbage in place of a ClientHello, and octets that nobody sealed', async () => {
      await using it = await serve({ transport: 'explicit TLS', descriptors, files })
      const client = await it.login()
      it.files.partial = 'drop'
      client.private = false
      const data = await client.epsv()
      await client.say('STOR b.txt', 150)
      await data.write(Buffer.alloc(2000, 0x41))
      await client.reply([425, 426, 522])
      client.private = true
      const secured = await client.epsv()
      await client.say('STOR b.txt', 150)
      await secured.write('first')
      const tcp = await secured.connected
      tcp.write(Buffer.from([23, 3, 3, 0, 40, ...Buffer.alloc(40, 0x41)]))
      await client.reply([426, 451])
      expect(it.files.exists('b.txt')).to.be.false
      // Longer than any record may be.
      const oversized = await client.epsv()
      await client.say('STOR b.txt', 150)
      await oversized.write('first')
      const below = await oversized.connected
      below.write(Buffer.from([23, 3, 3, 0xff, 0xff, ...Buffer.alloc(70_000, 0x41)]))
      await client.reply([426, 451])
      expect(it.files.exists('b.txt')).to.be.false
    })

    it('takes no harm from a client that negotiates again in the middle of an upload', async () => {
      await using it = await serve({ transport: 'explicit TLS', descriptors })
      it.files.partial = 'drop'
      const client = await it.login('anna', 'secret', { tls: { maxVersion: 'TLSv1.2' } })
      const { socket, refusal } = await dialled(client, 'STOR b.bin', { maxVersion: 'TLSv1.2' })
      expect(await refusal).to.equal(undefined)
      socket.write(big)
      let again = false
      socket.renegotiate({}, (error) => {
        again = error === null
        socket.end()
      })
      const { code } = await client.reply([226, 426, 451])
      // Node's own TLS does it, up to three times; threads never do.
      if (descriptors && chosenMover().protecting) expect([code, again]).to.deep.equal([426, false])
      else expect(it.files.content('b.bin')?.equals(big) ?? true).to.be.true
      await client.say('NOOP', 200)
    })

    it('leaves no descriptor behind, wherever it is cut', async () => {
      await using it = await serve({ transport: 'explicit TLS', descriptors, files: { 'big.bin': big } })
      it.files.partial = 'drop'
      const client = await it.login()
      const cutOne = async (round: number) => {
        const data = await client.epsv()
        const [line, secured] = [round % 2 ? 'RETR big.bin' : 'STOR up.bin', round % 3 > 0]
        await client.say(line, 150)
        if (secured) await data.ready
        const tcp = await data.connected
        if (line.startsWith('STOR')) data.write(big.subarray(0, round * 100_000)).catch(() => undefined)
        else if (secured) await data.begun()
        // Not in the middle of the event that brought the first octets: that is more than Node takes.
        await new Promise(setImmediate)
        if (round % 5 > 2) tcp.destroy()
        else tcp.resetAndDestroy()
        await client.reply([226, 425, 426, 522])
        await data.remains()
      }
      await cutOne(1)
      const before = openDescriptors()
      for (let round = 0; round < 30; round++) await cutOne(round)
      await eventually(() => openDescriptors() <= before, 'all descriptors were closed')
    })

    it('is cut by ABOR while the client does not read', async () => {
      await using it = await serve({ transport: 'explicit TLS', descriptors, files: { 'big.bin': huge } })
      const client = await it.login()
      const data = await client.epsv()
      await client.say('RETR big.bin', 150)
      const socket = await data.ready
      await data.begun()
      socket.pause()
      client.send('ABOR\r\n')
      await client.reply([426, 226])
      await client.reply([225, 226])
      socket.resume()
      await data.ended()
      expect(String((await client.retrieve('NLST')).length > 0)).to.equal('true')
    })

    it('notices a client that keeps it waiting, both ways', async () => {
      const timeouts = { stall: 0.3 }
      await using it = await serve({
        transport: 'explicit TLS',
        descriptors,
        files: { 'big.bin': huge },
        options: { timeouts },
      })
      const client = await it.login()
      const down = await client.epsv()
      await client.say('RETR big.bin', 150)
      const socket = await down.ready
      socket.pause()
      await client.reply(426)
      socket.resume()
      const up = await client.epsv()
      await client.say('STOR b.txt', 150)
      await up.write('first')
      await client.reply(426)
      await up.ended()
    })
  })
}

const openDescriptors = () => readdirSync('/proc/self/fd').length

interface Dialled {
  readonly socket: TLSSocket
  /** Why the server did not want the connection; undefined where it did. */
  readonly refusal: Promise<string | undefined>
}

/** A protected data connection for a command, with options of its own. */
async function dialled(client: RawClient, line: string, options: ConnectionOptions): Promise<Dialled> {
  const { text } = await client.say('EPSV', 229)
  const port = Number(/\(\|\|\|(\d+)\|\)/.exec(text)?.[1])
  const session = client.session && { session: client.session }
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ...session, ...options })
  const refusal = new Promise<string | undefined>((resolve) => {
    socket.once('secureConnect', () => resolve(undefined)).on('error', (error) => resolve(error.message))
  })
  await client.say(line, 150)
  return { socket, refusal }
}

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
