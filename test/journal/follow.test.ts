/** Following the log, the story of a session, and the state of the queue. */
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import type { Entry, NewEntry } from '../../module/journal/entry.ts'
import { matches } from '../../module/journal/filter.ts'
import { Queue } from '../../module/journal/queue.ts'
import type { Run } from '../../module/journal/run.ts'
import type { Appended } from '../../module/journal/store.ts'
import { eventually } from '../cap.ts'
import { DAY, entry, KEEP, NOON, temporaryLog } from './temporary-log.ts'

describe('a follower of the log', () => {
  it('gets entries once they are stored, with their ids, without gap or double to a page', async () => {
    await using log = await temporaryLog()
    await log.write({ text: 'before' })
    const followed: Entry[] = []
    const stop = log.journal.subscribe((stored) => followed.push(...stored()))
    const page = await log.journal.page({ day: DAY }, { page: 'last' })
    log.journal.record(entry({ text: 'after', kind: 'error' }))
    await eventually(() => followed.length > 0, 'the follower hears of it without a flush')
    expect(followed.every(({ id }) => id > page.through)).to.be.true
    expect([...page.entries, ...followed]).to.deep.equal(await log.all())
    expect(followed.filter((one) => matches({ day: DAY, kinds: ['status'] }, one))).to.deep.equal([])
    stop()
    await log.write({ text: 'unheard' })
    expect(followed).to.have.length(1)
  })

  it('that fails costs nobody an entry', async () => {
    await using log = await temporaryLog()
    const followed: Entry[] = []
    log.journal.subscribe(() => {
      throw new Error('broken page')
    })
    log.journal.subscribe((stored) => followed.push(...stored()))
    await log.write({}, {})
    expect(followed).to.have.length(2)
    expect(log.journal.state()).to.deep.equal({ waiting: 0, dropped: 0 })
  })
})

describe('a change of the options', () => {
  it('loses nothing that is on its way, stores nothing twice, and counts days in the new zone from then on', async () => {
    await using log = await temporaryLog()
    const texts = Array.from({ length: 2000 }, (_, index) => String(index))
    for (const text of texts.slice(0, 1500)) log.journal.record(entry({ text }))
    const changed = log.journal.change({ ...KEEP, timeZone: 'Pacific/Kiritimati' })
    for (const text of texts.slice(1500)) log.journal.record(entry({ text, time: NOON - 43_200_000 }))
    await Promise.all([changed, log.journal.flush()])
    const days = ['2026-10-20', '2026-10-21']
    const pages = [1, 2].flatMap((page) => days.map((day) => log.journal.page({ day }, { page, size: 1000 })))
    const found = (await Promise.all(pages)).flatMap(({ entries }) => entries.map(({ text }) => text))
    expect(new Set(found)).to.deep.equal(new Set(texts))
    const tallies = await log.journal.days('2026-10')
    expect(tallies.map(({ day }) => day)).to.deep.equal(days)
    expect(tallies.reduce((sum, { entries }) => sum + entries, 0)).to.equal(2000)
  })
})

describe('the story of a session', () => {
  it('goes over midnight and over a restart', async () => {
    await using log = await temporaryLog()
    const other = { session: 'other', text: 'other' }
    await log.write({ session: 's', text: 'evening', time: NOON }, other, {
      session: 's',
      text: 'night',
      time: NOON + 43_200_000,
    })
    await log.reopen()
    await log.write({ session: 's', text: 'morning', time: NOON + 64_800_000 }, other)
    expect((await log.journal.story('s')).map(({ text }) => text)).to.deep.equal(['evening', 'night', 'morning'])
    expect(await log.journal.story('unknown')).to.deep.equal([])
  })
})

const one = (text: string): NewEntry => entry({ text })
const fine = ({ entries }: Run): Appended => ({ stored: [{ first: 0, entries }], notices: [] })

describe('the queue of the log', () => {
  it('drops what does not fit while the disk is slow, and says how much', async () => {
    const stored: Entry[] = []
    const gate = Promise.withResolvers<void>()
    const queue = new Queue(
      async (run) => {
        await gate.promise
        return fine(run)
      },
      (entries) => stored.push(...entries()),
    )
    for (let index = 0; index < 25_000; index++) queue.push(one(String(index)))
    expect(queue.state()).to.deep.equal({ waiting: 20_000, dropped: 5000 })
    gate.resolve()
    await queue.close()
    expect(stored).to.have.length(20_001)
    expect(stored.at(-1)).to.include({ kind: 'error', event: 'journal-lost' })
    expect(stored.at(-1)?.text).to.match(/^5000 entries of the log were lost\./)
  })

  it('bounds what waits by its size too', () => {
    const queue = new Queue(
      () => new Promise(() => undefined),
      () => undefined,
    )
    for (let index = 0; index < 10_000; index++) queue.push(one('x'.repeat(4000)))
    expect(queue.state().waiting).to.be.lessThan(2100)
    expect(queue.state().dropped).to.be.greaterThan(7900)
  })

  it('keeps what a failing disk did not take, in order, and stores it once when it can', async () => {
    const stored: Entry[] = []
    let room = 3
    const queue = new Queue(
      async (run) => {
        const entries = Math.min(room, run.entries)
        const rest = entries < run.entries ? { problem: 'The disk of the log is full.' } : {}
        return { stored: [{ first: 0, entries }], notices: [], ...rest }
      },
      (entries) => stored.push(...entries()),
    )
    for (const text of 'abcdef') queue.push(one(text))
    await queue.flush()
    expect(queue.state()).to.deep.equal({ waiting: 3, dropped: 0, problem: 'The disk of the log is full.' })
    room = Infinity
    await queue.flush()
    expect(stored.map(({ text }) => text).join('')).to.equal('abcdef')
    expect(queue.state()).to.deep.equal({ waiting: 0, dropped: 0 })
  })

  it('stores a single entry within a quarter of a second', async () => {
    const stored = Promise.withResolvers<number>()
    const began = performance.now()
    const queue = new Queue(
      async (run) => fine(run),
      () => stored.resolve(performance.now() - began),
    )
    queue.push(one('alone'))
    const waited = await Promise.race([stored.promise, delay(2000, Infinity)])
    expect(waited).to.be.within(200, 1000)
  })
})
