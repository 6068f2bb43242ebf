/** Attacks by means of data connections: bounce, theft, prediction, hoarding, floods (spec: attacks section 1). */
import { createServer, connect, type Server } from 'node:net'
import { expect } from 'chai'
import { eventually } from '../cap.ts'
import { serve } from '../serve.ts'

const files = { 'a.txt': 'hello', 'slow.bin': Buffer.alloc(300_000, 1) }

describe('attacks on data connections', () => {
  it('refuses the FTP bounce (RFC 2577 section 3, CVE-1999-0017)', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    const victim = await listening('127.0.0.99')
    const { port } = victim
    for (const line of [`PORT 127,0,0,99,${port >> 8},${port & 255}`, `EPRT |1|127.0.0.99|${port}|`]) {
      expect((await client.say(line)).code, line).to.be.oneOf([500, 501, 504])
      await client.say('NLST', [425, 503])
    }
    expect(victim.connections()).to.equal(0)
    victim.server.close()
  })

  it('refuses the bounce spelt differently: mapped, shortened, numeric, hexadecimal, octal, named, scoped', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    const ipv4 = ['0.0.0.0', '127.1', '2130706433', '0x7f.0.0.1', '0177.0.0.1', 'localhost', '127.0.0.01', '127.0.0.1 ']
    for (const address of ipv4)
      expect((await client.say(`EPRT |1|${address}|51201|`)).code, address).to.be.within(500, 522)
    const ipv6 = ['::ffff:127.0.0.97', '::ffff:7f00:61', '::1', '::', 'fe80::1%lo', '::127.0.0.97', '64:ff9b::7f00:61']
    for (const address of ipv6)
      expect((await client.say(`EPRT |2|${address}|51201|`)).code, address).to.be.within(500, 522)
    await client.say('NLST', [425, 503])
  })

  it('lets a mapped address be the client itself at most', async () => {
    await using it = await serve({ files, family: 6 })
    const client = await it.login()
    for (const address of ['::ffff:127.0.0.1', '::1%lo', '::2']) {
      expect((await client.say(`EPRT |2|${address}|51201|`)).code, address).to.be.within(500, 522)
    }
  })

  it('refuses privileged ports, also the client’s own, and its own control port', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    for (const port of [0, 1, 21, 25, 80, 1023]) {
      expect((await client.say(`PORT 127,0,0,1,${port >> 8},${port & 255}`)).code).to.be.oneOf([501, 504])
      expect((await client.say(`EPRT |1|127.0.0.1|${port}|`)).code).to.be.oneOf([501, 504])
    }
    const own = it.port
    const { code } = await client.say(`PORT 127,0,0,1,${own >> 8},${own & 255}`)
    if (code === 200) await client.say('NLST', 425)
    else expect(code).to.be.oneOf([501, 504])
  })

  it('closes a stranger who connects to a passive port, and still serves the rightful client (connection theft)', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    const { port } = await client.pasvTarget()
    const thief = await client.dial(port, { localAddress: '127.0.0.66' })
    expect((await thief.remains()).length).to.equal(0)
    expect(String(await client.retrieve('RETR a.txt', client.dial(port)))).to.equal('hello')
    const { port: second } = await client.pasvTarget()
    const feeder = await client.dial(second, { localAddress: '127.0.0.66' })
    await feeder.write('evil').catch(() => undefined)
    await feeder.ended()
    await client.store('STOR b.txt', 'mine', client.dial(second))
    expect(it.files.content('b.txt')?.toString()).to.equal('mine')
  })

  it('gives out passive ports that cannot be predicted (RFC 2577 section 8, CVE-2007-6738)', async () => {
    for (const passive of [
      { from: 0, to: 0 },
      { from: 22_200, to: 22_299 },
    ]) {
      await using it = await serve({ files, options: { passive } })
      const client = await it.login()
      const ports: number[] = []
      for (let round = 0; round < 12; round++) ports.push((await client.pasvTarget()).port)
      const steps = ports.slice(1).map((port, at) => port - (ports[at] ?? 0))
      expect(new Set(steps).size, ports.join()).to.be.above(5)
    }
  })

  it('lets one session hold one passive port (hoarding)', async () => {
    await using it = await serve({ files, options: { passive: { from: 22_300, to: 22_303 } } })
    const [hoarder, other] = [await it.login(), await it.login()]
    for (let round = 0; round < 20; round++) await hoarder.say('EPSV', 229)
    expect(String(await other.retrieve('RETR a.txt'))).to.equal('hello')
  })

  it('outlives connect-and-RST on passive ports', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    for (let round = 0; round < 15; round++) {
      const data = await client.epsv()
      await data.reset()
      client.send(round % 2 ? 'RETR a.txt\r\n' : 'STOR x.txt\r\n')
      const first = await client.reply()
      if (first.code === 150) await client.reply([226, 425, 426, 451])
      else expect(first.code).to.be.oneOf([425, 426])
    }
    expect(String(await client.retrieve('RETR a.txt'))).to.equal('hello')
    await eventually(() => it.files.open === 0, 'the files are closed')
  })

  it('ignores data in the wrong direction', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    const data = await client.epsv()
    await data.write(Buffer.alloc(100_000))
    await client.say('RETR a.txt', 150)
    await data.remains()
    await client.reply([226, 426])
    await client.say('NOOP', 200)
  })

  it('keeps order and life when commands arrive during transfers (CVE-2020-9273)', async () => {
    await using it = await serve({ files, options: { timeouts: { dataConnect: 0.2 } } })
    const client = await it.login()
    const data = await client.epsv()
    client.send('RETR slow.bin\r\nMKD x\r\nPASV\r\nLIST\r\nABOR\r\nPWD\r\n')
    if ((await client.reply([150, 426])).code === 150) await client.reply(426)
    await data.ended()
    const codes = []
    for (let count = 0; count < 5; count++) codes.push((await client.reply()).code)
    expect(codes).to.include(226).and.include(257)
    await client.say('NOOP', 200)
  })

  it('frees everything when sessions are cut in all phases of a transfer', async () => {
    await using it = await serve({ files, options: { timeouts: { dataConnect: 0.2 } } })
    for (let phase = 0; phase < 6; phase++) {
      const client = await it.login()
      if (phase > 0) await client.say('EPSV', 229)
      if (phase > 1) client.send('RETR slow.bin\r\n')
      const data = phase > 2 ? await client.epsv().catch(() => undefined) : undefined
      if (phase > 3) client.send('RETR slow.bin\r\n')
      if (phase > 4) client.send('QUIT\r\n')
      client.socket.resetAndDestroy()
      data?.close()
    }
    it.files.release()
    await eventually(() => it.server.sessions().length === 0, 'all sessions are gone')
    await eventually(() => it.files.open === 0, 'all files are closed')
    await it.login()
  })

  it('survives a connection that is gone when it is accepted (CVE-2009-5010, CVE-2010-3494)', async () => {
    await using it = await serve({ files })
    await Promise.all(
      Array.from({ length: 200 }, async () => {
        const socket = connect(it.port, '127.0.0.1')
        socket.on('error', () => undefined)
        await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve))
        socket.resetAndDestroy()
      }),
    )
    await it.login()
    await eventually(() => it.server.sessions().length === 1, 'only the newcomer is left')
  })

  it('frees a refused transfer when QUIT follows at once (CVE-2009-5012, CVE-2009-5013)', async () => {
    await using it = await serve({ files })
    for (let round = 0; round < 20; round++) {
      const client = await it.login()
      const data = await client.epsv()
      client.send('RETR missing\r\nSTOR missing/x\r\nQUIT\r\n')
      await client.reply(550)
      await client.reply([425, 503, 550, 553])
      await client.reply(221)
      await client.ended()
      data.close()
    }
    expect(it.server.sessions()).to.deep.equal([])
    expect(it.files.open).to.equal(0)
  })
})

async function listening(address: string): Promise<{ server: Server; port: number; connections: () => number }> {
  let count = 0
  const server = createServer((socket) => {
    count += 1
    socket.destroy()
  })
  await new Promise<void>((resolve) => {
    server.listen(0, address, resolve)
  })
  const bound = server.address()
  return { server, port: typeof bound === 'object' && bound ? bound.port : 0, connections: () => count }
}
