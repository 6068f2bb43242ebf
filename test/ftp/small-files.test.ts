/** Files about as large as what a new connection takes at once, which go another way than large ones. */
import { randomBytes } from 'node:crypto'
import { readdirSync, readlinkSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { expect } from 'chai'
import { eventually } from '../cap.ts'
import { serve } from '../serve.ts'

const SIZES = [0, 1, 4096, 65_535, 65_536, 65_537, 200_000]

describe('small files', () => {
  for (const size of SIZES) {
    it(`of ${size} octets come and go whole, also restarted and appended to`, async () => {
      const octets = randomBytes(size)
      await using it = await serve({ files: { 'a.bin': octets } })
      const client = await it.login()
      expect((await client.retrieve('RETR a.bin')).equals(octets), 'RETR').to.equal(true)
      await client.store('STOR b.bin', octets)
      expect(it.files.content('b.bin')?.equals(octets), 'STOR').to.equal(true)
      await client.store('APPE b.bin', octets)
      expect(it.files.content('b.bin')?.equals(Buffer.concat([octets, octets])), 'APPE').to.equal(true)
      const from = Math.floor(size / 2)
      await client.say(`REST ${from}`, 350)
      expect((await client.retrieve('RETR a.bin')).equals(octets.subarray(from)), 'REST').to.equal(true)
    })
  }

  it('are held to a speed limit like all others', async () => {
    await using it = await serve({
      files: { 'a.bin': randomBytes(30_000) },
      options: { limits: { download: [{ key: 'all', bytesPerSecond: 60_000 }] } },
    })
    const client = await it.login()
    await client.retrieve('RETR a.bin')
    const began = performance.now()
    await client.retrieve('RETR a.bin')
    await client.retrieve('RETR a.bin')
    expect(performance.now() - began).to.be.at.least(500)
  })

  it('reach the client also past a queue full of strangers at its port (connection theft by flood)', async () => {
    await using it = await serve({ files: { 'a.txt': 'mine' } })
    const client = await it.login()
    const port = Number(/\|(\d+)\|/.exec((await client.say('EPSV', 229)).text)?.[1])
    const strangers = Array.from({ length: 30 }, () => connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' }))
    for (const stranger of strangers) stranger.on('error', () => undefined)
    try {
      const own = connect({ port, host: '127.0.0.1' })
      client.send('RETR a.txt\r\n')
      expect(await text(own)).to.equal('mine')
    } finally {
      for (const stranger of strangers) stranger.destroy()
    }
  })

  it('leave no descriptor behind when clients break off anywhere', async () => {
    await using it = await serve({ files: { 'a.bin': randomBytes(60_000) } })
    const first = await it.login()
    await first.retrieve('RETR a.bin')
    const before = openSockets()
    for (let round = 0; round < 60; round++) {
      const client = await it.login()
      const data = await (await client.epsv()).connected
      client.send(round % 2 === 0 ? 'RETR a.bin\r\n' : 'STOR b.bin\r\n')
      if (round % 3 === 0) data.resetAndDestroy()
      else if (round % 3 === 1) client.socket.resetAndDestroy()
      else {
        data.write('a piece')
        client.send('ABOR\r\n')
      }
      client.socket.destroy()
      data.destroy()
    }
    await eventually(() => openSockets() <= before && it.server.sessions().length === 1, 'the descriptors are closed')
    expect(await first.retrieve('RETR a.bin')).to.have.length(60_000)
  })

  it('leave no descriptor behind either when whole sessions vanish in the middle of uploads that have grown', async () => {
    await using it = await serve({ files: {} })
    const first = await it.login()
    await first.store('STOR b.bin', 'some octets')
    const before = openSockets()
    for (let round = 0; round < 60; round++) {
      const client = await it.login()
      const data = await (await client.epsv()).connected
      await client.say('STOR b.bin', 150)
      data.write(randomBytes(40_000 + round * 4000))
      client.socket.resetAndDestroy()
      data.resetAndDestroy()
    }
    await eventually(() => openSockets() <= before && it.server.sessions().length === 1, 'the descriptors are closed')
    expect(it.events.filter(({ kind }) => kind === 'fault')).to.deep.equal([])
  })
})

async function text(socket: Socket): Promise<string> {
  let all = ''
  for await (const chunk of socket) all += String(chunk)
  return all
}

/** Sockets of this process. */
function openSockets(): number {
  const targets = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`)
    } catch {
      return ''
    }
  })
  return targets.filter((target) => target.startsWith('socket:')).length
}
