/** Lines of LIST and STAT in the form of `ls -l`, which SYST announces and every client can read. */
import type { Entry } from './backend.ts'
import { timeZone } from './time-zone.ts'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const DAY = 24 * 3600 * 1000
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
  const type = entry.type === 'directory' ? 'd' : '-'
  const links = String(entry.links).padStart(3)
  const size = String(entry.size).padStart(8)
  const permissions = PERMISSIONS[entry.mode & 0o777]
  return `${type}${permissions} ${links} ftp      ftp      ${size} ${listTime(entry.modified, now, zone)} ${entry.name}`
}

/** `Jan 02 15:04`, or `Jan 02  2006` where that would be ambiguous. */
function listTime(modified: number, now: number, zone: string): string {
  const date = new Date(modified + timeZone(zone).offset(modified))
  const day = `${MONTHS[date.getUTCMonth()] ?? 'Jan'} ${two(date.getUTCDate() || 1)}`
  if (modified > now + DAY || !(modified > now - RECENT)) return `${day}  ${date.getUTCFullYear() || 1970}`
  return `${day} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`
}

function two(number: number): string {
  return number < 10 ? `0${number}` : String(number)
}
