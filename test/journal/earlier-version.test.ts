/** A log that an earlier version wrote: nothing of it is lost, and the writing goes on in it. */
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { BLOCK } from '../../module/journal/block.ts'
import { takeOver } from '../../module/journal/earlier-version.ts'
import { KINDS } from '../../module/journal/entry.ts'
import type { CleanEntry, Entry } from '../../module/journal/entry.ts'
import { dayPath } from '../../module/journal/folder.ts'
import { openJournal } from '../../module/journal/journal.ts'
import { idOf } from '../../module/journal/row.ts'
import { DAY, entry, KEEP, NOON, temporaryFolder, TemporaryLog } from './temporary-log.ts'

/** As it was in version 1. */
const SCHEMA = `
  CREATE TABLE entry (
    position INTEGER PRIMARY KEY, time INTEGER NOT NULL, kind INTEGER NOT NULL, event TEXT NOT NULL, text TEXT NOT NULL,
    session TEXT, user TEXT, address TEXT, domain TEXT,
    path TEXT, bytes REAL, seconds REAL, result TEXT, rule TEXT, level TEXT, detail TEXT
  ) STRICT;
  CREATE TABLE block (
    first INTEGER PRIMARY KEY, kinds BLOB NOT NULL, users BLOB NOT NULL, sessions BLOB NOT NULL, text BLOB NOT NULL
  ) STRICT;
  CREATE TABLE name (code INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE tally (kind INTEGER PRIMARY KEY, entries INTEGER NOT NULL) STRICT;
  PRAGMA user_version = 1;
`

const FIRST = 3 * BLOCK + 1
const ENTRIES = 9 * BLOCK + 100

/** What the file held: the oldest had been forgotten, so positions begin at {@link FIRST}. */
const stored: readonly CleanEntry[] = Array.from({ length: ENTRIES }, (_, index) => {
  const transfer = { path: `/Отчёты/${index}.pdf`, bytes: index, seconds: 0.125, result: 'complete' as const }
  const verdict = { rule: 'right.read', level: 'group' as const, ...(index % 2 === 0 ? { detail: 'staff' } : {}) }
  const kind = KINDS[index % 4] ?? 'message'
  const who = { session: `s${index % 50}`, user: `u${index % 7}`, address: '192.0.2.7', domain: 'default' }
  const more = index % 3 === 0 ? transfer : index % 3 === 1 ? { verdict } : {}
  return { ...entry({ kind, text: `entry ${index}`, ...who, ...more }), time: NOON + index }
})

function writeFirstVersion(folder: string): void {
  const file = new DatabaseSync(dayPath(folder, DAY))
  file.exec(`${SCHEMA} BEGIN`)
  const insert = file.prepare(`INSERT INTO entry VALUES (${Array.from({ length: 16 }, () => '?').join(', ')})`)
  for (const [index, one] of stored.entries()) {
    const { time, kind, event, text, session, user, address, domain, path, bytes, seconds, result, verdict } = one
    const who = [session ?? null, user ?? null, address ?? null, domain ?? null]
    const moved = [path ?? null, bytes ?? null, seconds ?? null, result ?? null]
    const why = [verdict?.rule ?? null, verdict?.level ?? null, verdict?.detail ?? null]
    insert.run(FIRST + index, time, KINDS.indexOf(kind), event, text, ...who, ...moved, ...why)
  }
  const none = new Uint8Array()
  for (const block of [0, 1]) {
    file.prepare('INSERT INTO block VALUES (?, ?, ?, ?, ?)').run(FIRST + block * BLOCK, none, none, none, none)
  }
  file.prepare('INSERT INTO name VALUES (3, ?)').run('u1')
  for (const kind of KINDS.keys()) file.prepare('INSERT INTO tally VALUES (?, ?)').run(kind, ENTRIES / 4)
  file.exec('COMMIT; PRAGMA journal_mode = WAL')
  file.close()
}

async function allOf({ journal }: TemporaryLog): Promise<Entry[]> {
  const { pages } = await journal.page({ day: DAY }, { page: 1, size: 1000 })
  const numbers = Array.from({ length: pages }, (_, index) => index + 1)
  const read = await Promise.all(numbers.map((page) => journal.page({ day: DAY }, { page, size: 1000 })))
  return read.flatMap(({ entries }) => entries)
}

describe('a log that an earlier version wrote', () => {
  it('is taken over at the start, with all its entries and their ids, and goes on', async () => {
    const folder = await temporaryFolder()
    writeFirstVersion(folder)
    await using log = new TemporaryLog(folder, await openJournal({ folder, ...KEEP }))
    while ((await log.journal.page({ day: DAY }, { page: 1 })).total < ENTRIES);
    expect(await allOf(log)).to.deep.equal(stored.map((one, index) => ({ id: idOf(DAY, FIRST + index), ...one })))
    expect(await log.texts({ search: 'ОТЧЁТЫ/600.pdf' })).to.deep.equal(['entry 600'])
    expect((await log.journal.page({ day: DAY, user: 'u1' }, { page: 1 })).total).to.equal(Math.ceil((ENTRIES - 1) / 7))
    expect(await log.journal.story('s49')).to.have.length(Math.floor(ENTRIES / 50))
    await log.write({ text: 'goes on' })
    const { entries: newest, total } = await log.journal.page({ day: DAY }, { page: 'last' })
    expect(newest.at(-1)).to.include({ text: 'goes on', id: idOf(DAY, FIRST + ENTRIES) })
    expect((await log.journal.days(DAY.slice(0, 7)))[0]).to.include({ entries: total, errors: ENTRIES / 4 })
  })
  it('is taken over whole though the process is killed in the middle of that', async () => {
    const folder = await temporaryFolder()
    writeFirstVersion(folder)
    const file = new DatabaseSync(dayPath(folder, DAY))
    let steps = 0
    const cutOff = () =>
      takeOver(
        file,
        () => 1,
        (work) => {
          if (++steps === 3) throw new Error('killed')
          work()
        },
      )
    expect(cutOff).to.throw('killed')
    expect(file.prepare('SELECT count(*) AS n FROM entry').get()?.['n']).to.be.within(1, ENTRIES - 1)
    file.close()
    await using log = new TemporaryLog(folder, await openJournal({ folder, ...KEEP }))
    await log.write({ text: 'goes on' })
    const texts = (await allOf(log)).map(({ text }) => text)
    expect(texts).to.deep.equal([...stored.map(({ text }) => text), 'goes on'])
  })
})
