/** Statistics: what is counted, when a day ends, and what a restart leaves. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Client } from '../../module/ftp/backend.ts'
import { Statistics } from '../../module/service/statistics.ts'

const session: Client = { id: 's', address: '::1', port: 1, localAddress: '::1', localPort: 2, since: 0 }

describe('statistics', () => {
  let folder: string
  const open: Statistics[] = []
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'statistics-'))
  })
  afterEach(async () => {
    await Promise.all(open.splice(0).map((statistics) => statistics.close()))
    await rm(folder, { recursive: true })
  })

  const make = async () => {
    const statistics = new Statistics(folder)
    open.push(statistics)
    await statistics.load()
    return statistics
  }
  it('count files on their way and their bytes once, listings not at all', async () => {
    const statistics = await make()
    begin(statistics, 1, 'download')
    begin(statistics, 2, 'upload')
    begin(statistics, 3, 'listing')
    progress(statistics, 1, 100)
    progress(statistics, 1, 250)
    progress(statistics, 3, 9999)
    expect(statistics.transfers).to.equal(2)
    expect(statistics.today('UTC')).to.deep.equal({ download: 250, upload: 0 })
    end(statistics, 1, 'download', 300)
    end(statistics, 2, 'upload', 70)
    end(statistics, 3, 'listing', 9999)
    expect(statistics.transfers).to.equal(0)
    expect(statistics.today('UTC')).to.deep.equal({ download: 300, upload: 70 })
  })

  it('begin a day at the midnight of whoever looks', async () => {
    const statistics = await make()
    begin(statistics, 1, 'upload')
    end(statistics, 1, 'upload', 10)
    // In 12 hours it is another day in half of the world's zones, and not in the other half.
    const later = Date.now() + 12 * 3_600_000
    const sums = [-11, -6, 1, 6, 12].map((hours) => statistics.today(zone(hours), later).upload)
    expect(sums).to.include(10).and.to.include(0)
    expect(statistics.today('UTC', Date.now() + 25 * 3_600_000).upload).to.equal(0)
  })

  it('go on after a restart where they were, and from nothing when the file is broken', async () => {
    const before = await make()
    begin(before, 1, 'download')
    end(before, 1, 'download', 5)
    await before.close()
    expect((await make()).today('UTC').download).to.equal(5)
    await writeFile(join(folder, 'statistics.json'), '[[1,')
    expect((await make()).today('UTC').download).to.equal(0)
  })
})

const begin = (statistics: Statistics, id: number, direction: 'download' | 'upload' | 'listing') =>
  statistics.observer({
    kind: 'transfer-started',
    session,
    transfer: { id, direction, verb: 'RETR', path: '/a', offset: 0, secure: false },
  })
const progress = (statistics: Statistics, id: number, bytes: number) =>
  statistics.observer({ kind: 'transfer-progress', session, id, bytes })
const end = (statistics: Statistics, id: number, direction: 'download' | 'upload' | 'listing', bytes: number) => {
  const transfer = {
    id,
    direction,
    verb: 'RETR',
    path: '/a',
    bytes,
    seconds: 1,
    result: 'complete',
    code: 226,
  } as const
  statistics.observer({ kind: 'transfer-ended', session, transfer })
}

/** A zone so many hours ahead of UTC; in its name the sign is the other way round. */
const zone = (hours: number) => `Etc/GMT${hours > 0 ? '-' : '+'}${Math.abs(hours)}`
