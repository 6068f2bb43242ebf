/** Lines of LIST and STAT in the form of `ls -l`, which SYST announces and every client can read. */
import type { Entry } from './backend.ts'
import { LineHead, type HeadForm, type HeadParts, type LineAttributes } from './line-head.ts'
import { OctetWriter } from './octet-writer.ts'
import { timeZone, type TimeZone } from './time-zone.ts'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const MINUTE = 60_000
const MINUTES_OF_DAY = 24 * 60
const DAY = MINUTES_OF_DAY * MINUTE
/** Older files are told with their year, as those of the future are. */
const RECENT = 180 * DAY

/** `rwxrwxrwx` of all the permission bits. */
const PERMISSIONS = Array.from({ length: 0o1000 }, (_, mode) =>
  'rwxrwxrwx'
    .split('')
    .map((letter, index) => (mode & (0o400 >> index) ? letter : '-'))
    .join(''),
)

/**
 * One line without its end: `-rw-r--r--   1 ftp      ftp          1234 Jan 02 15:04 name`. `now`: milliseconds since 1970;
 * `zone`: the IANA name of the zone that the time is told in. The name must not hold CR or LF.
 */
export function listLine(entry: Entry, now: number, zone: string): string {
  const out = new OctetWriter(80)
  new LineHead(new LongForm(now, timeZone(zone))).write(out, entry)
  return out.take().toString('latin1') + entry.name
}

/** All of a line that comes before the name. */
export class LongForm implements HeadForm {
  readonly #now: number
  readonly #zone: TimeZone

  constructor(now: number, zone: TimeZone) {
    this.#now = now
    this.#zone = zone
  }

  fill(parts: HeadParts, { type, mode, links, modified }: LineAttributes): void {
    const front = parts.beforeSize
    front.ascii(type === 'directory' ? 'd' : '-')
    front.ascii(PERMISSIONS[mode & 0o777] ?? '')
    front.ascii(' ')
    front.number(links, 3)
    front.ascii(' ftp      ftp      ')
    parts.sizeWidth = 8
    this.fillTime(parts, modified)
  }

  fillTime({ beforeName }: HeadParts, modified: number): void {
    beforeName.rewind(0)
    beforeName.ascii(' ')
    writeTime(beforeName, modified, this.#now, this.#zone)
    beforeName.ascii(' ')
  }
}

/** `Jan 02 15:04`, or `Jan 02  2006` where that would be ambiguous. */
function writeTime(out: OctetWriter, modified: number, now: number, zone: TimeZone): void {
  const told = modified + zone.offset(modified)
  const minute = Math.floor(told / MINUTE)
  const { date, year } = dayOf(Math.floor(minute / MINUTES_OF_DAY))
  out.ascii(date)
  if (modified > now + DAY || !(modified > now - RECENT)) {
    out.ascii(year)
    return
  }
  const ofDay = minute - Math.floor(minute / MINUTES_OF_DAY) * MINUTES_OF_DAY
  out.two(Math.floor(ofDay / 60))
  out.ascii(':')
  out.two(ofDay % 60)
}

/** The day before: files of one folder often come from the same one. */
let last = { day: NaN, date: '', year: '' }

/** A day since 1970 as `Jan 02 `, and its year as ` 2006`. */
function dayOf(day: number): { date: string; year: string } {
  if (day === last.day) return last
  const date = new Date(day * DAY)
  const ofMonth = date.getUTCDate() || 1
  last = {
    day,
    date: `${MONTHS[date.getUTCMonth()] ?? 'Jan'} ${ofMonth < 10 ? '0' : ''}${ofMonth} `,
    year: ` ${date.getUTCFullYear() || 1970}`,
  }
  return last
}
