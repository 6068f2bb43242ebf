/** Attacks by patterns, and by several hands on one file (spec: attacks section 4). */
import { expect } from 'chai'
import { attempt } from '../attempt.ts'
import { serve } from '../serve.ts'

describe('attacks by patterns', () => {
  it('do not cost time: glob and regular expression bombs (CVE-2010-2632, CVE-2011-0762)', async () => {
    const many = Object.fromEntries(Array.from({ length: 2000 }, (_, at) => [`d/${'a'.repeat(60)}${at}`, '']))
    await using it = await serve({ files: many })
    const [client, bystander] = [await it.login(), await it.login()]
    const bombs = [
      '{{*},{{*},{{*},{{*},{*}}}}}',
      '*'.repeat(1000),
      '*a'.repeat(200),
      '?*'.repeat(200) + 'b',
      '[[[[[[',
      '(a+)+$',
    ]
    const slowest = []
    for (const bomb of bombs) {
      for (const verb of ['LIST', 'NLST', 'STAT', 'MLSD']) {
        const running = attempt(client, verb, `d/${bomb}`)
        const begun = performance.now()
        await bystander.say('NOOP', 200)
        slowest.push(performance.now() - begun)
        await running
      }
    }
    expect(Math.max(...slowest)).to.be.below(1000)
  })

  it('do not walk without end: LIST -R of a deep tree stays within its bounds', async () => {
    const deep = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`${'d/'.repeat(at + 1)}f`, 'x']))
    await using it = await serve({ files: deep, options: { listing: { recursive: true, depth: 5, entries: 50 } } })
    const client = await it.login()
    expect((await client.listing('LIST -R')).length).to.be.below(80)
  })
})

describe('several hands on one file', () => {
  it('get clean replies and leave no handle open (STOR, APPE, DELE, RNTO, RETR at once)', async () => {
    await using it = await serve({ files: { 'a.bin': Buffer.alloc(50_000, 1) } })
    const clients = await Promise.all(Array.from({ length: 5 }, () => it.login()))
    const verbs = ['STOR', 'APPE', 'RETR', 'DELE', 'RNFR']
    await Promise.all(
      clients.map(async (client, at) => {
        for (let round = 0; round < 12; round++) {
          const verb = verbs[(at + round) % verbs.length] ?? ''
          await attempt(client, verb, 'a.bin')
          if (verb === 'RNFR') await client.say('RNTO a.bin')
        }
        await client.say('NOOP', 200)
      }),
    )
    expect(it.files.open).to.equal(0)
  })

  it('cannot together exceed a quota that each of them keeps (quota race)', async () => {
    await using it = await serve()
    it.files.quota = 100_000
    it.files.partial = 'drop'
    const clients = await Promise.all(Array.from({ length: 4 }, () => it.login()))
    await Promise.all(
      clients.map(async (client, at) => {
        const data = await client.epsv()
        await client.say(`STOR ${at}.bin`, 150)
        await data.end(Buffer.alloc(60_000)).catch(() => undefined)
        await client.reply([226, 552])
      }),
    )
    const stored = it.files.names().map((name) => it.files.content(name)?.length ?? 0)
    expect(stored.reduce((a, b) => a + b, 0)).to.be.at.most(100_000)
  })
})
