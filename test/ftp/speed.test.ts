/** Speed limits: true to their number, and fair between transfers that share one (product section 2). */
import { expect } from 'chai'
import { serve, type Served } from '../serve.ts'
import { TRANSPORTS } from '../transport.ts'

const MIB = 1 << 20

for (const transport of TRANSPORTS) {
  describe(`speed limits over ${transport}`, () => {
    it('hold downloads and uploads to their rate', async () => {
      const limits = {
        download: [{ key: 'server', bytesPerSecond: MIB }],
        upload: [{ key: 'server', bytesPerSecond: MIB }],
      }
      await using it = await serve({ transport, files: { 'a.bin': Buffer.alloc(MIB) }, options: { limits } })
      const client = await it.login()
      const down = await seconds(() => client.retrieve('RETR a.bin'))
      expect(down).to.be.within(0.6, 2)
      const up = await seconds(async () => {
        const data = await client.epsv()
        await client.say('STOR b.bin', 150)
        await data.end(Buffer.alloc(MIB))
        await client.reply(226)
      })
      expect(up).to.be.within(0.6, 2)
    })
  })
}

describe('speed limits', () => {
  it('are shared fairly by the transfers of one account', async () => {
    await using it = await serve({ files: { 'a.bin': Buffer.alloc(20 * MIB) } })
    it.backend.account('anna').now = { download: [{ key: 'user anna', bytesPerSecond: 2 * MIB }], upload: [] }
    const clients = [await it.login(), await it.login(), await it.login()]
    const streams = await Promise.all(
      clients.map(async (client) => {
        const data = await client.epsv()
        await client.say('RETR a.bin', 150)
        return data.ready
      }),
    )
    const counts = [0, 0, 0]
    streams.forEach((stream, at) =>
      stream.on('data', (piece: Buffer) => (counts[at] = (counts[at] ?? 0) + piece.length)),
    )
    await new Promise((resolve) => {
      setTimeout(resolve, 2500)
    })
    const total = counts.reduce((a, b) => a + b, 0)
    expect(total / 2.5).to.be.within(1.5 * MIB, 2.6 * MIB)
    for (const count of counts) expect(count / (total / 3)).to.be.within(0.8, 1.2)
  })

  it('change while a transfer runs', async () => {
    const slow = { limits: { download: [{ key: 'server', bytesPerSecond: 100_000 }] } }
    await using it = await serve({ files: { 'a.bin': Buffer.alloc(8 * MIB) }, options: slow })
    const client = await it.login()
    const data = await client.epsv()
    await client.say('RETR a.bin', 150)
    await progress(it)
    await it.change({ limits: { download: [] } })
    expect((await data.all()).length).to.equal(8 * MIB)
    await client.reply(226)
  })

  it('do not slow the control connection or others without a limit', async () => {
    await using it = await serve({ files: { 'a.bin': Buffer.alloc(4 * MIB) } })
    it.backend.account('anonymous').now = { download: [{ key: 'guests', bytesPerSecond: 50_000 }], upload: [] }
    const guest = await it.login('anonymous', 'x')
    const data = await guest.epsv()
    await guest.say('RETR a.bin', 150)
    const client = await it.login()
    expect(await seconds(() => client.retrieve('RETR a.bin'))).to.be.below(2)
    await guest.say('NOOP', 200)
    await guest.say('ABOR', 426)
    await guest.reply(226)
    data.close()
  })
})

async function progress(it: Served): Promise<void> {
  await it.event('transfer-started')
  await it.event('transfer-progress')
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await work()
  return (performance.now() - begun) / 1000
}
