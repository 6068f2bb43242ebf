/** PASV, EPSV, PORT and EPRT (RFC 959 section 3.2, RFC 1123 section 4.1.2, RFC 2428). */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect } from 'chai'
import type { RawClient } from '../raw-client.ts'
import { serve } from '../serve.ts'
import { FAMILIES, TRANSPORTS } from '../transport.ts'

const files = { 'a.txt': 'hello' }
const externalAddress = (address: string) => (address === '127.0.0.1' ? '203.0.113.7' : undefined)

for (const transport of TRANSPORTS) {
  for (const family of FAMILIES) {
    describe(`data connections over ${transport}, IPv${family}`, () => {
      const kinds: Record<string, (client: RawClient) => ReturnType<RawClient['epsv']>> = {
        EPSV: (client) => client.epsv(),
        EPRT: (client) => client.eprt(),
        ...(family === 4 && { PASV: (client) => client.pasv(), PORT: (client) => client.port() }),
      }
      it(`carry transfers both ways by ${Object.keys(kinds).join(', ')}, mixed in one session`, async () => {
        await using it = await serve({ transport, family, files })
        const client = await it.login()
        for (const [name, open] of Object.entries({ ...kinds, ...kinds })) {
          expect(String(await client.retrieve('RETR a.txt', open(client))), name).to.equal('hello')
          await client.store(`STOR ${name}.txt`, `by ${name}`, open(client))
          expect(it.files.content(`${name}.txt`)?.toString()).to.equal(`by ${name}`)
        }
      })
    })
  }
}

describe('passive data connections', () => {
  it('are announced with the address of the control connection and an unprivileged port', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    const { host, port } = await client.pasvTarget()
    expect(host).to.equal('127.0.0.1')
    expect(port).to.be.within(1024, 65535)
  })

  it('are announced with the external address where there is one for this client', async () => {
    await using it = await serve({ files, options: { passive: { externalAddress } } })
    const client = await it.login()
    const { host, port } = await client.pasvTarget()
    expect(host).to.equal('203.0.113.7')
    expect(String(await client.retrieve('RETR a.txt', client.dial(port)))).to.equal('hello')
  })

  it('use ports of the range only', async () => {
    const [from, to] = [22_100, 22_109]
    await using it = await serve({ files, options: { passive: { from, to } } })
    const client = await it.login()
    for (let round = 0; round < 30; round++) {
      expect((await client.pasvTarget()).port).to.be.within(from, to)
    }
  })

  it('are refused with 425 when the range is used up, and again possible when a port comes back', async () => {
    await using it = await serve({ files, options: { passive: { from: 22_120, to: 22_121 } } })
    const clients = [await it.login(), await it.login(), await it.login()] as const
    await clients[0].say('EPSV', 229)
    await clients[1].say('PASV', 227)
    await clients[2].say('EPSV', [425, 421])
    await clients[0].say('QUIT', 221)
    await it.event('session-closed')
    expect(String(await clients[2].retrieve('RETR a.txt'))).to.equal('hello')
  })

  it('find the one port that other programs have left of the range', async () => {
    const [from, to, left] = [22_130, 22_169, 22_151]
    const ports = Array.from({ length: to - from + 1 }, (_, at) => from + at).filter((port) => port !== left)
    const others = ports.map((port) => createServer().listen(port, '127.0.0.1'))
    await Promise.all(others.map((other) => once(other, 'listening')))
    try {
      await using it = await serve({ files, options: { passive: { from, to } } })
      const client = await it.login()
      for (let round = 0; round < 5; round++) {
        expect(String(await client.retrieve('RETR a.txt', client.epsv()))).to.equal('hello')
      }
    } finally {
      for (const other of others) other.close()
    }
  })

  it('replace the one announced before', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    const first = await client.pasvTarget()
    const second = await client.pasvTarget()
    await refused(client, first.port)
    expect(String(await client.retrieve('RETR a.txt', client.dial(second.port)))).to.equal('hello')
  })

  it('accept one connection only', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    const { port } = await client.pasvTarget()
    const data = client.dial(port)
    await data
    const intruder = client.dial(port).then(
      (connection) => connection.remains(),
      () => Buffer.alloc(0),
    )
    expect(String(await client.retrieve('RETR a.txt', data))).to.equal('hello')
    expect((await intruder).length).to.equal(0)
  })

  it('may be connected before or after the transfer command', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    const { port } = await client.pasvTarget()
    client.send('RETR a.txt\r\n')
    const late = await client.dial(port)
    await client.reply(150)
    expect(String(await late.all())).to.equal('hello')
    await client.reply(226)
  })

  it('that nobody connects to end in 425 without a 150, and the session goes on', async () => {
    await using it = await serve({ files, options: { timeouts: { dataConnect: 0.1 } } })
    const client = await it.login()
    await client.say('EPSV', 229)
    await client.say('RETR a.txt', 425)
    expect(String(await client.retrieve('RETR a.txt'))).to.equal('hello')
  })

  it('that nobody connects to leave no file behind a STOR', async () => {
    await using it = await serve({ files, options: { timeouts: { dataConnect: 0.1 } } })
    const client = await it.login()
    await client.say('EPSV', 229)
    await client.say('STOR new.txt', 425)
    expect(it.files.exists('new.txt')).to.be.false
    expect(it.files.open).to.equal(0)
  })

  it('are used up by one transfer', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    await client.retrieve('RETR a.txt')
    await client.say('RETR a.txt', [425, 503])
  })

  it('are closed by a refused command, and the next one works', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    const { port } = await client.pasvTarget()
    await client.say('RETR missing.txt', 550)
    await refused(client, port)
    expect(String(await client.retrieve('RETR a.txt'))).to.equal('hello')
  })

  it('end without a reset for a client that had connected before its command was refused', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    const data = await (await client.epsv()).connected
    await client.say('RETR missing.txt', 550)
    let text = ''
    for await (const chunk of data) text += String(chunk)
    expect(text).to.equal('')
  })

  it('are closed with the session', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    const { port } = await client.pasvTarget()
    client.socket.destroy()
    await it.event('session-closed')
    await refused(await it.login(), port)
  })

  it('cannot be announced by PASV on IPv6', async () => {
    await using it = await serve({ files, family: 6 })
    const client = await it.login()
    await client.say('PASV', [425, 501, 522])
    expect(String(await client.retrieve('RETR a.txt'))).to.equal('hello')
  })

  for (const [family, other] of [
    [4, 2],
    [6, 1],
  ] as const) {
    it(`by EPSV obey the family asked for on IPv${family}`, async () => {
      await using it = await serve({ files, family })
      const client = await it.login()
      await client.say(`EPSV ${3 - other}`, 229)
      expect((await client.say(`EPSV ${other}`, 522)).text).to.match(/\(\d(?:,\d)*\)/)
      await client.say('EPSV 3', 522)
      await client.say('EPSV x', 501)
    })
  }

  it('by EPSV ALL end every other way for the rest of the session (RFC 2428 section 4)', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    await client.say('EPSV ALL', 200)
    for (const line of ['PASV', 'PORT 127,0,0,1,200,1', 'EPRT |1|127.0.0.1|51201|']) {
      await client.say(line, [501, 503])
    }
    expect(String(await client.retrieve('RETR a.txt'))).to.equal('hello')
  })

  it('and active ones replace each other: the last one counts', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    const { port } = await client.pasvTarget()
    expect(String(await client.retrieve('RETR a.txt', client.port()))).to.equal('hello')
    await refused(client, port)
    const active = await client.port()
    expect(String(await client.retrieve('RETR a.txt'))).to.equal('hello')
    active.close()
  })
})

async function refused(client: RawClient, port: number): Promise<void> {
  const reached = await client.dial(port).then(
    (data) => data.remains(),
    () => undefined,
  )
  expect(reached?.length ?? 0, `port ${port} gives nothing`).to.equal(0)
}
