/** Pages, filters and search, over entries in blocks and behind them. */
import { rm, writeFile } from 'node:fs/promises'
import { expect } from 'chai'
import * as fc from 'fast-check'
import { BLOCK } from '../../module/journal/block.ts'
import { DayReader } from '../../module/journal/day-reader.ts'
import { KINDS } from '../../module/journal/entry.ts'
import type { CleanEntry } from '../../module/journal/entry.ts'
import { matches } from '../../module/journal/filter.ts'
import type { Filter } from '../../module/journal/filter.ts'
import { dayPath } from '../../module/journal/folder.ts'
import { Positions } from '../../module/journal/positions.ts'
import { Queries } from '../../module/journal/queries.ts'
import { idOf } from '../../module/journal/row.ts'
import { runOf } from '../../module/journal/run.ts'
import { Store } from '../../module/journal/store.ts'
import { DAY, entry, KEEP, NOON, temporaryFolder, temporaryLog } from './temporary-log.ts'

const NAMES = ['anna', 'Bob', 'b', undefined]
const TEXTS = ['RETR /a.txt', 'STOR /Отчёт.pdf', 'stor /отчёт-2.PDF', 'x', '%_*', 'ANNA', '']
const ADDRESSES = ['192.0.2.1', '192.0.2.19', '2001:db8::1']

/** Entries that differ in everything a filter asks for. */
function varied(count: number): CleanEntry[] {
  return Array.from({ length: count }, (_, index) => {
    const pick = <Value>(values: readonly Value[], salt: number): Value =>
      values[(((index * salt) >> 2) + index) % values.length] as Value
    const user = pick(NAMES, 7)
    const session = pick(['s1', 's2', undefined], 31)
    const given = { kind: pick(KINDS, 13), text: pick(TEXTS, 5), address: pick(ADDRESSES, 3) }
    return { ...entry({ ...given, ...(user && { user }), ...(session && { session }) }), time: NOON }
  })
}

/** Runs of 1 entry and of a hundred, as they come when little and when much goes on. */
function writeInRuns(store: Store, entries: readonly CleanEntry[]): void {
  for (let from = 0, size = 1; from < entries.length; from += size, size = size === 1 ? 100 : 1) {
    store.append(runOf(entries.slice(from, from + size), NOON))
  }
}

const filters: fc.Arbitrary<Filter> = fc
  .record(
    {
      kinds: fc.subarray([...KINDS]),
      user: fc.constantFrom('anna', 'Bob', 'nobody', 'ann'),
      session: fc.constantFrom('s1', 's2', 's3'),
      search: fc.oneof(
        fc.constantFrom('a', 'an', 'BOB', '192.0.2.1', 'отчёт', 'ОТЧЁТ-', '.pdf', '%', '_*', 'db8::', 'нет', '\t'),
        fc.string({ maxLength: 3 }),
      ),
    },
    { requiredKeys: [] },
  )
  .map((filter) => ({ day: DAY, ...filter }))

/** What a filter means, said a second time and slowly. */
function fits({ kinds = [], user, session, search = '' }: Filter, one: CleanEntry): boolean {
  const fields = [one.user, one.address, one.path, one.text].map((field) => field?.toLowerCase() ?? '')
  return (
    (kinds.length === 0 || kinds.includes(one.kind)) &&
    (user ?? one.user) === one.user &&
    (session ?? one.session) === one.session &&
    fields.some((field) => field.includes(search.toLowerCase()))
  )
}

describe('pages of the log', () => {
  const entries = varied(3 * BLOCK + 100)
  let folder: string
  let queries: Queries

  before(async () => {
    folder = await temporaryFolder()
    const store = new Store({ folder, ...KEEP })
    for (let index = 0; index < entries.length; index += 700)
      store.append(runOf(entries.slice(index, index + 700), NOON))
    store.close()
    queries = new Queries({ folder, ...KEEP })
  })
  after(async () => {
    await rm(folder, { recursive: true })
  })

  async function allPages(filter: Filter, size: number): Promise<string[]> {
    const { pages } = await queries.page(filter, { page: 'last', size })
    const texts: string[] = []
    for (let page = 1; page <= pages; page++) {
      for (const found of (await queries.page(filter, { page, size })).entries) texts.push(JSON.stringify(found))
    }
    return texts
  }

  it('show exactly what the filter lets pass, in order, whatever the size of a page', async () => {
    const stored = entries.map((one, index) => ({ ...one, id: idOf(DAY, index + 1) }))
    await fc.assert(
      fc.asyncProperty(filters, fc.integer({ min: 150, max: 1000 }), async (filter, size) => {
        const shown = (await allPages(filter, size)).map((text) => JSON.parse(text))
        const wanted = stored.filter((one) => fits(filter, one))
        expect(stored.filter((one) => matches(filter, one))).to.deep.equal(wanted)
        expect(shown).to.deep.equal(wanted)
      }),
      { numRuns: 60 },
    )
  })

  it('count from 1, are clamped at both ends, and the last is the newest', async () => {
    const last = await queries.page({ day: DAY }, { page: 'last', size: 100 })
    expect(last).to.include({ page: 32, pages: 32, total: entries.length })
    expect(last.entries).to.have.length(72)
    expect(last.entries.at(-1)?.id).to.equal(last.through)
    expect((await queries.page({ day: DAY }, { page: 99, size: 100 })).page).to.equal(32)
    expect((await queries.page({ day: DAY }, { page: -5, size: 100 })).page).to.equal(1)
    expect((await queries.page({ day: DAY }, { page: Number.NaN, size: 0 })).entries).to.have.length(1)
  })

  it('of a day without entries are one empty page', async () => {
    const page = await queries.page({ day: '2026-10-21', search: 'x' }, { page: 3 })
    expect(page).to.deep.equal({ entries: [], page: 1, pages: 1, total: 0, through: 0 })
  })
})

describe('a page of the log that is asked for while it is written', () => {
  it('shows the file as it was then, though small blocks are joined meanwhile', async () => {
    const folder = await temporaryFolder()
    const store = new Store({ folder, ...KEEP })
    try {
      const entries = varied(2 * BLOCK)
      writeInRuns(store, entries.slice(0, BLOCK - 10))
      const reader = new DayReader(folder, DAY)
      expect(reader.range()).to.deep.equal({ first: 1, last: BLOCK - 10 })
      writeInRuns(store, entries.slice(BLOCK - 10))
      const found = new Positions()
      expect(reader.scan(0, BLOCK, {}, undefined, found)).to.equal(BLOCK - 10)
      expect(found.length).to.equal(BLOCK - 10)
      expect(reader.entry(500)).to.deep.equal({ ...entries[499], id: idOf(DAY, 500) })
      expect(reader.entry(BLOCK)).to.equal(undefined)
      reader.close()
      const later = new DayReader(folder, DAY)
      // What was looked at stays looked at, though the block it lay in is larger now.
      expect(later.scan(BLOCK - 10, BLOCK, {}, undefined, found)).to.equal(2 * BLOCK)
      expect(found.length).to.equal(2 * BLOCK)
      expect([found.at(0), found.at(BLOCK - 10), found.at(2 * BLOCK - 1)]).to.deep.equal([1, BLOCK - 9, 2 * BLOCK])
      later.close()
    } finally {
      store.close()
      await rm(folder, { recursive: true })
    }
  })
})

describe('a search in the log', () => {
  it('finds parts of user, address, path and text without regard to case, also in Cyrillic', async () => {
    await using log = await temporaryLog()
    await log.write(
      { text: 'one', user: 'Anna' },
      { text: 'two', address: '192.0.2.77' },
      { text: 'three', path: '/Бухгалтерия/Отчёт.pdf' },
      { text: 'FOUR' },
    )
    const found = async (search: string): Promise<string> => (await log.texts({ search })).join()
    expect(await found('aNN')).to.equal('one')
    expect(await found('.77')).to.equal('two')
    expect(await found('ОТЧЁТ')).to.equal('three')
    expect(await found('бух')).to.equal('three')
    expect(await found('r')).to.equal('three,FOUR')
    expect(await found('our')).to.equal('FOUR')
    expect(await found('')).to.equal('one,two,three,FOUR')
  })

  it('finds a name with accents whichever way it is typed and was written: as letters, or as letters and marks', async () => {
    await using log = await temporaryLog()
    for (const block of [0, 1]) {
      await log.write({ text: 'letters', path: '/Чайник é'.normalize('NFC') })
      await log.write({ text: 'marks', path: '/Чайник é'.normalize('NFD') })
      await log.write(...Array.from({ length: BLOCK * (1 - block) }, () => ({})))
    }
    for (const form of ['NFC', 'NFD'])
      expect(await log.texts({ search: 'ЧАЙНИК É'.normalize(form) })).to.deep.equal([
        'letters',
        'marks',
        'letters',
        'marks',
      ])
  })

  it('sees what was written since it was last made', async () => {
    await using log = await temporaryLog()
    for (const round of [1, 2, 3]) {
      await log.write(
        ...Array.from({ length: BLOCK - 100 }, (_, index) => ({ text: index % 100 === 0 ? 'mark' : 'x', user: 'u' })),
      )
      expect((await log.journal.page({ day: DAY, search: 'MARK' }, { page: 1 })).total).to.equal(10 * round)
      expect((await log.journal.page({ day: DAY, user: 'u' }, { page: 1 })).total).to.equal((BLOCK - 100) * round)
    }
  })

  it('finds a user whose first entry came after the filter was first used', async () => {
    await using log = await temporaryLog()
    await log.write(...Array.from({ length: BLOCK }, () => ({})))
    expect(await log.all({ user: 'late' })).to.deep.equal([])
    await log.write({ user: 'late' }, ...Array.from({ length: BLOCK }, () => ({})), { user: 'late' })
    expect(await log.all({ user: 'late' })).to.have.length(2)
  })
})

describe('a file of the log that is just being made', () => {
  it('is a day without entries, not a fault', async () => {
    const folder = await temporaryFolder()
    try {
      await writeFile(dayPath(folder, DAY), '')
      const queries = new Queries({ folder, timeZone: 'UTC' })
      expect((await queries.page({ day: DAY }, { page: 1 })).total).to.equal(0)
      expect((await queries.page({ day: DAY, kinds: ['error'] }, { page: 'last' })).total).to.equal(0)
      expect(await queries.days(DAY.slice(0, 7))).to.deep.equal([])
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
