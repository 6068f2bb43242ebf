/** Large files with descriptors, in clear, which threads send over bare connections. */
import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { expect } from 'chai'
import { eventually } from '../cap.ts'
import { descriptors as openDescriptors } from '../cutting.ts'
import { serve } from '../serve.ts'

const MIB = 1024 * 1024
const CONTENT = randomBytes(6 * MIB + 321)
const LARGER = Buffer.alloc(64 * MIB, 'x')

describe('large files', () => {
  it('come whole, also restarted, many at once, and with the end said', async () => {
    await using it = await serve({ descriptors: true, files: { 'a.bin': CONTENT } })
    const clients = await Promise.all(Array.from({ length: 6 }, () => it.login()))
    await Promise.all(
      clients.map(async (client, at) => {
        expect((await client.retrieve('RETR a.bin')).equals(CONTENT), 'RETR').to.equal(true)
        await client.say(`REST ${at * MIB}`, 350)
        expect((await client.retrieve('RETR a.bin')).equals(CONTENT.subarray(at * MIB)), 'REST').to.equal(true)
      }),
    )
    const ended = it.events.filter((event) => event.kind === 'transfer-ended')
    expect(ended.map(({ transfer }) => transfer.result)).to.deep.equal(Array.from({ length: 12 }, () => 'complete'))
    expect(ended[0]?.transfer.bytes).to.equal(CONTENT.length)
  })

  it('come whole to a client that has written into its download', async () => {
    await using it = await serve({ descriptors: true, files: { 'a.bin': CONTENT } })
    const client = await it.login()
    const data = client.epsv()
    await (await data).write('what nobody wants to know')
    expect((await client.retrieve('RETR a.bin', data)).equals(CONTENT)).to.equal(true)
  })

  it('are held to a speed limit like all others', async () => {
    await using it = await serve({
      descriptors: true,
      files: { 'a.bin': CONTENT },
      options: { limits: { download: [{ key: 'all', bytesPerSecond: 12 * MIB }] } },
    })
    const client = await it.login()
    await client.retrieve('RETR a.bin')
    const began = performance.now()
    await client.retrieve('RETR a.bin')
    await client.retrieve('RETR a.bin')
    expect(performance.now() - began).to.be.at.least(500)
  })

  it('end with 426 for a client that does not read, and the session goes on', async () => {
    const timeouts = { stall: 0.5 }
    await using it = await serve({ descriptors: true, files: { 'a.bin': LARGER }, options: { timeouts } })
    const client = await it.login()
    ;(await (await client.epsv()).connected).pause()
    await client.say('RETR a.bin', 150)
    await client.reply(426)
    await client.say('NOOP', 200)
  })

  it('give their connection back as soon as they have been received', async () => {
    await using it = await serve({ descriptors: true })
    const client = await it.login()
    const before = openSockets()
    for (let round = 0; round < 4; round++) await client.store('STOR a.bin', CONTENT)
    expect(it.files.content('a.bin')?.equals(CONTENT)).to.equal(true)
    await eventually(() => openSockets() <= before, 'the connections are closed')
  })

  it('leave no descriptor behind when clients break off anywhere', async () => {
    await using it = await serve({ descriptors: true, files: { 'a.bin': CONTENT } })
    const first = await it.login()
    await first.retrieve('RETR a.bin')
    const before = descriptors()
    for (let round = 0; round < 60; round++) {
      const client = await it.login()
      const data = await (await client.epsv()).connected
      client.send('RETR a.bin\r\n')
      if (round % 2 === 0) await client.reply(150)
      if (round % 3 === 0) data.resetAndDestroy()
      else if (round % 3 === 1) client.socket.resetAndDestroy()
      else client.send('ABOR\r\n')
      client.socket.destroy()
      data.destroy()
    }
    await eventually(() => descriptors() <= before && it.server.sessions().length === 1, 'the descriptors are closed')
    expect(it.events.filter(({ kind }) => kind === 'fault')).to.deep.equal([])
    expect((await first.retrieve('RETR a.bin')).equals(CONTENT)).to.equal(true)
  })
})

/** Of the whole process. */
const openSockets = () => openDescriptors()['socket'] ?? 0
const descriptors = () => readdirSync('/proc/self/fd').length
