/** Limits bound to days and hours: when a row is in force, and which row and level decide then. */
import { expect } from 'chai'
import { assert, constantFrom, integer, property, tuple, uniqueArray } from 'fast-check'
import { LimitsNow } from '../../module/access/limits.ts'
import { DAYS, inForce, localTime } from '../../module/settings/hours.ts'
import type { Day } from '../../module/settings/hours.ts'
import { effectiveLimits } from '../../module/settings/inheritance.ts'
import type { Policy } from '../../module/settings/inheritance.ts'
import { checked, SettingsError } from '../../module/settings/problems.ts'
import { settings } from '../../module/settings/schema.ts'
import { settingsNow } from '../../module/settings/settings-now.ts'

const BERLIN = 'Europe/Berlin'
const MINUTE = 60_000
const at = (time: string) => Date.parse(time)
const policy = (input: object): Policy => checked(settings, input)
const clock = (minute: number) =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
const evening = (limits: object) => ({ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '20:00', to: '06:00', limits })
const anna = { name: 'anna', groups: ['staff', 'scanners'] }

describe('a row of hours', () => {
  const friday = { days: ['fri'] as const, from: '22:00', to: '06:00' }
  const berlin = (time: string) => inForce(friday, localTime(at(time), BERLIN))

  it('that crosses midnight belongs to the day on which it begins', () => {
    expect(berlin('2026-11-20T21:59:59+01:00')).to.equal(false)
    expect(berlin('2026-11-20T22:00:00+01:00')).to.equal(true)
    expect(berlin('2026-11-21T05:59:59+01:00')).to.equal(true)
    expect(berlin('2026-11-21T06:00:00+01:00')).to.equal(false)
    // The small hours of Friday belong to Thursday.
    expect(berlin('2026-11-20T05:00:00+01:00')).to.equal(false)
  })

  it('from Sunday on goes into Monday', () => {
    const sunday = { days: ['sun'] as const, from: '23:00', to: '01:00' }
    expect(inForce(sunday, localTime(at('2026-11-23T00:30:00+01:00'), BERLIN))).to.equal(true)
    expect(inForce(sunday, localTime(at('2026-11-22T00:30:00+01:00'), BERLIN))).to.equal(false)
  })

  it('with the same time twice lasts a day from there', () => {
    const day = { days: ['sat'] as const, from: '08:00', to: '08:00' }
    expect(inForce(day, { day: 5, minute: 8 * 60 })).to.equal(true)
    expect(inForce(day, { day: 6, minute: 8 * 60 - 1 })).to.equal(true)
    expect(inForce(day, { day: 6, minute: 8 * 60 })).to.equal(false)
  })

  it('goes by the clock when the clock is changed', () => {
    const night = { days: ['sun'] as const, from: '02:00', to: '03:00' }
    const minutesIn = (day: string) => {
      const midnight = at(`${day}T00:00:00Z`) - 3 * 60 * MINUTE
      return Array.from({ length: 24 * 60 }, (_, minute) => localTime(midnight + minute * MINUTE, BERLIN)).filter(
        (now) => inForce(night, now),
      ).length
    }
    expect(minutesIn('2026-03-22')).to.equal(60)
    // That hour is left out in spring and comes twice in autumn.
    expect(minutesIn('2026-03-29')).to.equal(0)
    expect(minutesIn('2026-10-25')).to.equal(120)
  })

  it('is in force exactly as long as it says, whatever the row, the week and the zone (property)', () => {
    const time = integer({ min: 0, max: 24 * 60 - 1 })
    const zone = constantFrom('UTC', 'Asia/Kathmandu', 'Asia/Tokyo', 'America/Phoenix')
    const days = uniqueArray(constantFrom<Day>(...DAYS), { minLength: 1 })
    const run = (from: number, to: number, named: readonly Day[], where: string, monday: number) => {
      const row = { days: named, from: clock(from), to: clock(to) }
      const length = to > from ? to - from : to - from + 24 * 60
      // In these zones nobody has changed the clock for decades: a week is a circle of 10,080 minutes.
      const expected = new Set(
        named.flatMap((day) =>
          Array.from({ length }, (_, minute) => (DAYS.indexOf(day) * 24 * 60 + from + minute) % (7 * 24 * 60)),
        ),
      )
      const found = Array.from({ length: 7 * 24 * 60 }, (_, minute) => localTime(monday + minute * MINUTE, where))
        .filter((now) => inForce(row, now))
        .map(({ day, minute }) => day * 24 * 60 + minute)
      expect(new Set(found)).to.deep.equal(expected)
      expect(found.length).to.equal(expected.size)
    }
    const start = integer({ min: at('2020-01-01') / MINUTE, max: at('2030-01-01') / MINUTE })
    const week = tuple(time, time, days, zone, start)
    assert(
      property(week, ([from, to, named, where, minute]) => run(from, to, named, where, minute * MINUTE)),
      { numRuns: 25 },
    )
  })
})

describe('limits with hours', () => {
  const night = at('2026-11-20T23:00:00+01:00')
  const noon = at('2026-11-20T12:00:00+01:00')

  it('are those of the row while its time is, and say which row', () => {
    const limits = { userDownloadBytesPerSecond: 1000, hours: [evening({ userDownloadBytesPerSecond: 'unlimited' })] }
    const server = policy({ settings: { limits } })
    expect(effectiveLimits(server, anna, { at: noon, timeZone: BERLIN }).downloadBytesPerSecond).to.deep.equal({
      value: 1000,
      level: 'server',
    })
    expect(effectiveLimits(server, anna, { at: night, timeZone: BERLIN }).downloadBytesPerSecond).to.deep.equal({
      value: 'unlimited',
      level: 'server',
      hours: 0,
    })
  })

  it('come from the first row that names the limit, not from one that names another', () => {
    const hours = [evening({ sessions: 1 }), evening({ quotaBytes: 5 }), evening({ sessions: 9, quotaBytes: 6 })]
    const limits = effectiveLimits(policy({ accounts: { users: { anna: { hours } } } }), anna, {
      at: night,
      timeZone: BERLIN,
    })
    expect(limits.sessions).to.deep.equal({ value: 1, level: 'user', from: 'anna', hours: 0 })
    expect(limits.quotaBytes).to.deep.equal({ value: 5, level: 'user', from: 'anna', hours: 1 })
  })

  it('of the most generous group are compared as they are at that hour', () => {
    const groups = {
      staff: { limits: { sessions: 2 }, hours: [evening({ sessions: 9 })] },
      scanners: { limits: { sessions: 5 } },
    }
    const both = policy({ accounts: { groups } })
    const sessions = (when: number) => effectiveLimits(both, anna, { at: when, timeZone: BERLIN }).sessions
    expect(sessions(noon)).to.deep.equal({ value: 5, level: 'group', from: 'scanners' })
    expect(sessions(night)).to.deep.equal({ value: 9, level: 'group', from: 'staff', hours: 0 })
  })

  it('of a domain stand between the server and the groups', () => {
    const base = policy({
      settings: { limits: { sessionsPerLogin: 7 } },
      accounts: { groups: { staff: { limits: { quotaBytes: 10 } } } },
    })
    const withDomain: Policy = {
      settings: base.settings,
      accounts: base.accounts,
      domains: [{ id: 'shop', limits: { sessions: 3, quotaBytes: 20 } }],
    }
    const shop = effectiveLimits(withDomain, anna, { domain: 'shop' })
    expect(shop.sessions).to.deep.equal({ value: 3, level: 'domain', from: 'shop' })
    expect(shop.quotaBytes).to.deep.equal({ value: 10, level: 'group', from: 'staff' })
    expect(effectiveLimits(withDomain, anna).sessions).to.deep.equal({ value: 7, level: 'server' })
  })

  it('of server and domains reach the engine’s options', () => {
    const stored = checked(settings, {
      settings: { limits: { connections: 50, hours: [evening({ connections: 5 })] } },
      domains: [
        { name: 'Shop', names: ['shop.example'], together: { hours: [evening({ downloadBytesPerSecond: 7 })] } },
      ],
    })
    const [day, late] = [noon, night].map((when) => settingsNow(stored, { at: when, timeZone: BERLIN }))
    expect(day?.settings.limits.connections).to.equal(50)
    expect(late?.settings.limits.connections).to.equal(5)
    expect(day?.domains[0]?.together.downloadBytesPerSecond).to.equal(undefined)
    expect(late?.domains[0]?.together.downloadBytesPerSecond).to.equal(7)
  })

  it('of a logged-in user change with the minute and are not worked out between', () => {
    let now = at('2026-11-20T19:59:00+01:00')
    let zones = 0
    const limits = new LimitsNow({
      policy: () => night20,
      member: () => anna,
      domain: 'default',
      now: () => now,
      timeZone: () => (zones++, BERLIN),
    })
    const night20 = policy({ accounts: { users: { anna: { hours: [evening({ downloadBytesPerSecond: 5 })] } } } })
    for (let millisecond = 0; millisecond < MINUTE; millisecond += 100) {
      now = at('2026-11-20T19:59:00+01:00') + millisecond
      expect(limits.engine.download).to.deep.equal([])
    }
    expect(zones).to.equal(1)
    now = at('2026-11-20T20:00:00+01:00')
    expect(limits.engine.download).to.deep.equal([{ key: 'user:anna:download', bytesPerSecond: 5 }])
  })
})

const stored = (row: object) => policy({ settings: { limits: { hours: [row] } } })

const refused = (row: object) => {
  try {
    stored(row)
  } catch (error) {
    return error instanceof SettingsError ? error.problems.map(({ path, text }) => `${path}: ${text}`).join() : error
  }
  return 'nothing'
}

describe('what is stored of hours', () => {
  it('is refused when days or times are impossible or no limit is named', () => {
    const row = { days: ['mon'], from: '20:00', to: '06:00', limits: { connections: 5 } }
    stored(row)
    const where = 'settings.limits.hours[0]'
    expect(refused({ ...row, from: '24:00' })).to.equal(`${where}.from: must be a time of day such as 20:00`)
    expect(refused({ ...row, days: [] })).to.equal(`${where}.days: must name at least one day`)
    expect(refused({ ...row, days: ['mon', 'mon'] })).to.equal(`${where}.days: must name each day once`)
    expect(refused({ ...row, limits: {} })).to.equal(`${where}.limits: must name at least one limit`)
    expect(refused({ ...row, limits: { sessions: 1 } })).to.include('sessions: is not a known setting')
  })
})
