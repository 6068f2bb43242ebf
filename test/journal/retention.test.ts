/** What the log forgets, and what it does not. */
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { BLOCK } from '../../module/journal/block.ts'
import { bytesOf, dayPath } from '../../module/journal/folder.ts'
import { Queries } from '../../module/journal/queries.ts'
import { dropExpired, expiredDays } from '../../module/journal/retention.ts'
import { runOf } from '../../module/journal/run.ts'
import { Store } from '../../module/journal/store.ts'
import { DAY, entry, NOON, temporaryLog } from './temporary-log.ts'

describe('the retention of the log', () => {
  it('forgets days by the calendar, and never today', () => {
    const days = ['1970-01-01', '2026-10-18', '2026-10-19', '2026-10-20', '2026-10-21']
    expect(expiredDays(days, '2026-10-20', 1)).to.deep.equal(['1970-01-01', '2026-10-18'])
    expect(expiredDays(days, '2026-10-20', 0)).to.deep.equal(['1970-01-01', '2026-10-18', '2026-10-19'])
    expect(expiredDays(days, '2026-10-20', 1_000_000)).to.deep.equal([])
    expect(expiredDays(days, '1970-01-01', 30)).to.deep.equal([])
  })

  it('removes the files of a day and nothing else', async () => {
    await using log = await temporaryLog()
    await log.write({ time: NOON - 5 * 86_400_000 }, { time: NOON })
    await writeFile(join(log.folder, 'notes.txt'), 'not ours')
    await log.journal.close()
    expect(dropExpired(log.folder, DAY, { days: 3, megabytes: 1 })).to.deep.equal(['2026-10-15'])
    expect((await readdir(log.folder)).sort()).to.deep.equal([`${DAY}.sqlite`, 'notes.txt'])
  })

  it('makes room by forgetting damaged files and the oldest days first', async () => {
    await using log = await temporaryLog()
    for (const day of [3, 2, 1]) await log.write(...many(BLOCK, NOON - day * 86_400_000))
    await log.journal.close()
    await writeFile(join(log.folder, '2026-10-01.sqlite.damaged-1'), 'x'.repeat(100_000))
    const size = bytesOf(dayPath(log.folder, '2026-10-18'))
    const store = new Store({
      folder: log.folder,
      timeZone: 'UTC',
      retention: { days: 99, megabytes: (2.5 * size) / 1e6 },
    })
    store.append(runOf([entry()], NOON))
    store.shrink()
    store.close()
    expect((await readdir(log.folder)).sort()).to.deep.equal([
      '2026-10-18.sqlite',
      '2026-10-19.sqlite',
      `${DAY}.sqlite`,
    ])
  })

  it('a flood within one day is bounded too: the oldest entries of the day go', async () => {
    await using log = await temporaryLog()
    await log.journal.close()
    const store = new Store({ folder: log.folder, timeZone: 'UTC', retention: { days: 99, megabytes: 2 } })
    const queries = new Queries({ folder: log.folder, timeZone: 'UTC' })
    const batch = runOf(many(BLOCK, NOON), NOON)
    await queries.page({ day: DAY, user: 'u' }, { page: 1 })
    for (let round = 0; round < 40; round++) {
      store.append(batch)
      store.shrink()
    }
    const all = await queries.page({ day: DAY }, { page: 1 })
    expect(all.total).to.be.within(5 * BLOCK, 25 * BLOCK)
    expect(all.entries[0]?.id).to.be.greaterThan(15 * BLOCK)
    const filtered = await queries.page({ day: DAY, user: 'u' }, { page: 1 })
    expect(filtered.total).to.equal(all.total)
    expect(filtered.entries).to.deep.equal(all.entries)
    expect((await queries.days('2026-10'))[0]).to.include({ entries: all.total, errors: 0 })
    store.close()
    expect(bytesOf(dayPath(log.folder, DAY))).to.be.lessThan(3_000_000)
    const again = new Store({ folder: log.folder, timeZone: 'UTC', retention: { days: 99, megabytes: 2 } })
    const { stored } = again.append(runOf(many(1, NOON), NOON))
    again.close()
    expect((stored[0]?.first ?? 0) % 1e9).to.equal(40 * BLOCK + 1)
  })

  it('says what it forgot', async () => {
    await using log = await temporaryLog()
    await log.write({ time: 0 })
    await log.journal.close()
    const store = new Store({ folder: log.folder, timeZone: 'UTC', retention: { days: 7, megabytes: 100 } })
    store.expire()
    const { notices } = store.append(runOf([], 0))
    store.close()
    expect(notices.map(({ text }) => text)).to.deep.equal(['Forgot the log of 1970-01-01.'])
  })
})

function many(count: number, time: number): ReturnType<typeof entry>[] {
  return Array.from({ length: count }, (_, index) =>
    entry({ time, user: 'u', text: `RETR /some/path/of/some/depth/to/a/file-${index}.txt` }),
  )
}
