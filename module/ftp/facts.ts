/** Facts about files for MLST and MLSD, and the times in them (RFC 3659 sections 2.3 and 7). */
import type { Entry, Right } from './backend.ts'

/** Every fact that can be selected, in the order in which they are sent. */
export const FACTS = ['type', 'size', 'modify', 'perm', 'unique', 'unix.mode'] as const
export type Fact = (typeof FACTS)[number]

const FILE_LETTERS: readonly (readonly [string, Right])[] = [
  ['a', 'append'],
  ['d', 'delete'],
  ['f', 'rename'],
  ['r', 'download'],
  ['w', 'overwrite'],
]
const DIRECTORY_LETTERS: readonly (readonly [string, Right | undefined])[] = [
  ['c', 'upload'],
  ['d', 'removeDirectory'],
  ['e', undefined],
  ['f', 'renameDirectory'],
  ['l', 'list'],
  ['m', 'createDirectory'],
  ['p', 'delete'],
]

/** The letters of the two types; one set of rights stands behind thousands of entries. */
const letters = new WeakMap<ReadonlySet<Right>, Readonly<Record<Entry['type'], string>>>()

/**
 * One line of MLSD or MLST without its end: `type=file;size=12;modify=20260102150405; name`. `type` is for the listed
 * directory itself and the one above it. The name, or path, must not hold CR or LF.
 */
export function factLine(entry: Entry, selected: ReadonlySet<Fact>, type?: 'cdir' | 'pdir'): string {
  let line = ''
  if (selected.has('type')) line += `type=${type ?? (entry.type === 'file' ? 'file' : 'dir')};`
  if (selected.has('size') && entry.type === 'file') line += `size=${entry.size};`
  if (selected.has('modify')) line += `modify=${timeVal(entry.modified)};`
  if (selected.has('perm')) line += `perm=${perm(entry)};`
  if (selected.has('unique')) line += `unique=${entry.unique};`
  if (selected.has('unix.mode')) line += `unix.mode=${entry.mode.toString(8).padStart(4, '0')};`
  return `${line} ${entry.name}`
}

/** What the account may do with an entry, as the letters of RFC 3659 section 7.5.5. */
function perm({ type, rights }: Entry): string {
  let known = letters.get(rights)
  if (!known) {
    const held = (table: readonly (readonly [string, Right | undefined])[]) =>
      table.map(([letter, right]) => (right === undefined || rights.has(right) ? letter : '')).join('')
    known = { file: held(FILE_LETTERS), directory: held(DIRECTORY_LETTERS) }
    letters.set(rights, known)
  }
  return known[type]
}

/** The first and the last millisecond that four digits of a year can tell. */
const EARLIEST = Date.parse('0000-01-01T00:00:00Z')
const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

/** A time as `YYYYMMDDHHMMSS` in UTC; milliseconds since 1970, their fraction of a second dropped. */
export function timeVal(milliseconds: number): string {
  const told = Math.min(Math.max(milliseconds, EARLIEST), LATEST)
  const iso = new Date(Number.isNaN(told) ? 0 : told).toISOString()
  return (
    iso.slice(0, 4) + iso.slice(5, 7) + iso.slice(8, 10) + iso.slice(11, 13) + iso.slice(14, 16) + iso.slice(17, 19)
  )
}

/** The milliseconds since 1970 that `YYYYMMDDHHMMSS[.s…]` means in UTC; undefined for a date that does not exist. */
export function parseTimeVal(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d+))?$/.exec(text)
  if (!match) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number)
  // Second 60 is a leap second: RFC 3659 section 2.3.
  if (hour > 23 || minute > 59 || second > 60) return undefined
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined
  return date.setUTCHours(hour, minute, second, Number((match[7] ?? '').slice(0, 3).padEnd(3, '0')))
}
