/** Days and stamps in the administrator's time zone. */
import { expect } from 'chai'
import { Calendar } from '../../module/journal/calendar.ts'
import { temporaryLog } from './temporary-log.ts'

const at = (text: string): number => Date.parse(text)

describe('the days of the log', () => {
  it('begin at midnight of the time zone, not of UTC', () => {
    const moscow = new Calendar('Europe/Moscow')
    expect(moscow.dayOf(at('2026-10-24T20:59:59.999Z'))).to.equal('2026-10-24')
    expect(moscow.dayOf(at('2026-10-24T21:00:00Z'))).to.equal('2026-10-25')
    const chatham = new Calendar('Pacific/Chatham')
    expect(chatham.dayOf(at('2026-10-24T10:14:59Z'))).to.equal('2026-10-24')
    expect(chatham.dayOf(at('2026-10-24T10:15:00Z'))).to.equal('2026-10-25')
  })

  it('have 25 hours when summer time ends, and both of the doubled hour are told apart', () => {
    const berlin = new Calendar('Europe/Berlin')
    expect(berlin.dayOf(at('2026-10-24T22:00:00Z'))).to.equal('2026-10-25')
    expect(berlin.dayOf(at('2026-10-25T22:59:59Z'))).to.equal('2026-10-25')
    expect(berlin.dayOf(at('2026-10-25T23:00:00Z'))).to.equal('2026-10-26')
    expect(berlin.stamp(at('2026-10-25T00:30:00.123Z'))).to.equal('2026-10-25T02:30:00.123+02:00')
    expect(berlin.stamp(at('2026-10-25T01:30:00.123Z'))).to.equal('2026-10-25T02:30:00.123+01:00')
  })

  it('have 23 hours when it begins, also where that happens at midnight', () => {
    const cairo = new Calendar('Africa/Cairo')
    expect(cairo.dayOf(at('2026-04-23T21:59:59Z'))).to.equal('2026-04-23')
    expect(cairo.stamp(at('2026-04-23T22:00:00Z'))).to.equal('2026-04-24T01:00:00.000+03:00')
    expect(new Calendar('America/St_Johns').stamp(at('2026-01-01T00:00:00Z'))).to.equal('2025-12-31T20:30:00.000-03:30')
  })

  it('exist for clocks that were never set', () => {
    expect(new Calendar('UTC').dayOf(0)).to.equal('1970-01-01')
    expect(new Calendar('Asia/Tokyo').stamp(0)).to.equal('1970-01-01T09:00:00.000+09:00')
  })

  it('need a time zone that exists', () => {
    expect(() => new Calendar('Mars/Olympus')).to.throw(RangeError)
  })

  it('are counted in the calendar with their errors', async () => {
    await using log = await temporaryLog({ timeZone: 'Europe/Berlin' })
    const times = ['2026-10-24T21:59:59Z', '2026-10-24T22:00:00Z', '2026-10-25T22:59:59Z', '2026-10-31T23:00:00Z']
    await log.write(
      ...times.map((time, index) => ({ time: at(time), kind: index === 2 ? ('error' as const) : ('status' as const) })),
    )
    expect(await log.journal.days('2026-10')).to.deep.equal([
      { day: '2026-10-24', entries: 1, errors: 0 },
      { day: '2026-10-25', entries: 2, errors: 1 },
    ])
    expect(await log.journal.days('2026-11')).to.deep.equal([{ day: '2026-11-01', entries: 1, errors: 0 }])
    expect(await log.journal.days('2026-12')).to.deep.equal([])
  })

  it('take entries by the clock of the wall, in the order of writing, when the clock jumps', async () => {
    await using log = await temporaryLog()
    const days = ['2026-10-20', '1970-01-01', '2026-10-20', '2026-10-21', '2026-10-20']
    await log.write(...days.map((day, index) => ({ time: at(`${day}T12:00:00Z`) - index, text: String(index) })))
    expect(await log.texts()).to.deep.equal(['0', '2', '4'])
    expect(await log.texts({ day: '1970-01-01' })).to.deep.equal(['1'])
    const ids = (await log.all()).map(({ id }) => id)
    expect(ids).to.deep.equal(ids.toSorted((a, b) => a - b))
    await log.write({ time: Number.NaN, text: 'now' }, { time: -5, text: 'ancient' }, { time: 1e300, text: 'last' })
    expect(await log.texts({ day: '9999-12-31' })).to.deep.equal(['last'])
    expect(await log.texts({ day: '1970-01-01' })).to.deep.equal(['1', 'ancient'])
  })
})
