/** Lines of LIST and STAT in the form of `ls -l`, which SYST announces and every client can read. */
import type { Entry } from './backend.ts'
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

/** What a line tells of an entry before its name. */
export type ListedAttributes = Pick<Entry, 'type' | 'size' | 'modified' | 'mode' | 'links'>

/**
 * One line without its end: `-rw-r--r--   1 ftp      ftp          1234 Jan 02 15:04 name`. `now`: milliseconds since 1970;
 * `zone`: the IANA name of the zone that the time is told in. The name must not hold CR or LF.
 */
export function listLine(entry: Entry, now: number, zone: string): string {
  const head = new OctetWriter(80)
  new ListHead(now, timeZone(zone)).write(head, entry)
  return head.take().toString('latin1') + entry.name
}

/** Writes all of a line that comes before the name; one for all lines, as neighbours have most of it in common. */
export class ListHead {
  readonly #now: number
  readonly #zone: TimeZone
  readonly #front = new OctetWriter(48)
  #type: Entry['type'] | undefined
  #mode = 0
  #links = 0
  readonly #time = new OctetWriter(16)
  #modified = NaN

  constructor(now: number, zone: TimeZone) {
    this.#now = now
    this.#zone = zone
  }

  write(out: OctetWriter, entry: ListedAttributes): void {
    if (entry.mode !== this.#mode || entry.links !== this.#links || entry.type !== this.#type) this.#beforeSize(entry)
    out.append(this.#front)
    out.number(entry.size, 8)
    if (entry.modified !== this.#modified) this.#afterSize(entry.modified)
    out.append(this.#time)
  }

  #beforeSize({ type, mode, links }: ListedAttributes): void {
    this.#type = type
    this.#mode = mode
    this.#links = links
    const front = this.#front
    front.rewind(0)
    front.ascii(type === 'directory' ? 'd' : '-')
    front.ascii(PERMISSIONS[mode & 0o777] ?? '')
    front.ascii(' ')
    front.number(links, 3)
    front.ascii(' ftp      ftp      ')
  }

  #afterSize(modified: number): void {
    this.#modified = modified
    const time = this.#time
    time.rewind(0)
    time.ascii(' ')
    writeTime(time, modified, this.#now, this.#zone)
    time.ascii(' ')
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
