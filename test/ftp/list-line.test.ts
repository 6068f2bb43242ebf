import { expect } from 'chai'
import * as fc from 'fast-check'
import type { Entry } from '../../module/ftp/backend.ts'
import { listLine } from '../../module/ftp/list-line.ts'
import { TimeZone } from '../../module/ftp/time-zone.ts'

const NOW = Date.UTC(2026, 5, 15, 12)
const DAY = 24 * 3600 * 1000

const entry = (over: Partial<Entry> = {}): Entry => ({
  name: 'name',
  type: 'file',
  size: 1234,
  modified: Date.UTC(2026, 0, 2, 15, 4, 5),
  mode: 0o644,
  unique: '',
  links: 1,
  rights: new Set(),
  ...over,
})
const timeOf = (modified: number, zone = 'UTC') => listLine(entry({ modified }), NOW, zone).slice(-17, -5)

describe('listLine', () => {
  it('has the form of ls -l', () => {
    expect(listLine(entry(), NOW, 'UTC')).to.equal('-rw-r--r--   1 ftp      ftp          1234 Jan 02 15:04 name')
    const directory = entry({ type: 'directory', mode: 0o755, links: 12, size: 0, name: 'two words' })
    expect(listLine(directory, NOW, 'UTC')).to.equal('drwxr-xr-x  12 ftp      ftp             0 Jan 02 15:04 two words')
  })

  it('puts exactly one space before the name, so that leading spaces are its own', () => {
    expect(listLine(entry({ name: '  x' }), NOW, 'UTC')).to.match(/15:04 {3}x$/)
  })

  it('shows the year when a file is older than 180 days or of the future', () => {
    expect(timeOf(NOW - 179 * DAY)).to.equal('Dec 18 12:00')
    expect(timeOf(NOW - 181 * DAY)).to.equal('Dec 16  2025')
    expect(timeOf(NOW + DAY / 2)).to.equal('Jun 16 00:00')
    expect(timeOf(NOW + 2 * DAY)).to.equal('Jun 17  2026')
  })

  it('tells the time of the zone, in summer and in winter', () => {
    expect(timeOf(Date.UTC(2026, 4, 31, 22, 30), 'Europe/Berlin')).to.equal('Jun 01 00:30')
    expect(timeOf(Date.UTC(2026, 1, 1, 22, 30), 'Europe/Berlin')).to.equal('Feb 01 23:30')
    expect(timeOf(Date.UTC(2026, 1, 1, 22, 30), 'Asia/Kolkata')).to.equal('Feb 02 04:00')
    expect(timeOf(Date.UTC(2026, 1, 1, 1, 0), 'America/St_Johns')).to.equal('Jan 31 21:30')
  })

  it('changes to summer time at the very minute', () => {
    expect(timeOf(Date.UTC(2026, 2, 29, 0, 59), 'Europe/Berlin')).to.equal('Mar 29 01:59')
    expect(timeOf(Date.UTC(2026, 2, 29, 1, 0), 'Europe/Berlin')).to.equal('Mar 29 03:00')
  })

  it('takes UTC for a zone that does not exist', () => {
    expect(timeOf(Date.UTC(2026, 1, 1, 1, 0), 'Moon/Tycho')).to.equal('Feb 01 01:00')
  })

  it('keeps its form whatever the disk says', () => {
    const odd = fc.oneof(fc.constantFrom(NaN, Infinity, -Infinity, 8.64e15, -8.64e15, 1e300), fc.double())
    fc.assert(
      fc.property(odd, fc.maxSafeNat(), fc.nat(0o777), (modified, size, mode) => {
        const line = listLine(entry({ modified, size, mode }), NOW, 'Europe/Berlin')
        expect(line).to.match(
          /^-[r-][w-][x-][r-][w-][x-][r-][w-][x-] +1 ftp {6}ftp +\d+ [A-Z][a-z]{2} \d\d [ \d:-]+ name$/,
        )
      }),
    )
  })
})

describe('TimeZone', () => {
  for (const zone of [
    'Europe/Berlin',
    'Australia/Lord_Howe',
    'Africa/Casablanca',
    'Pacific/Apia',
    'America/New_York',
  ]) {
    it(`agrees with the system about ${zone}`, () => {
      const known = new TimeZone(zone)
      const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' })
      const times = fc.integer({ min: Date.UTC(1990, 0) / 1000, max: Date.UTC(2037, 0) / 1000 })
      fc.assert(
        fc.property(times, (seconds) => {
          const local = new Date(seconds * 1000 + known.offset(seconds * 1000))
          expect(local.toISOString().slice(0, 19).replace('T', ' ')).to.equal(format.format(seconds * 1000))
        }),
        { numRuns: 500 },
      )
    })
  }
})
