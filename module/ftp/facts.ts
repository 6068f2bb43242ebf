/** Facts about files for MLST and MLSD, and the times in them (RFC 3659 sections 2.3 and 7). */
import type { Entry, Right } from './backend.ts'
import { OctetWriter } from './octet-writer.ts'

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

const TYPES = { file: 'type=file;', directory: 'type=dir;', cdir: 'type=cdir;', pdir: 'type=pdir;' } as const
/** `0644` of all the permission bits. */
const MODES = Array.from({ length: 0o1000 }, (_, mode) => mode.toString(8).padStart(4, '0'))

/** The letters of the two types; one set of rights stands behind thousands of entries. */
const letters = new WeakMap<ReadonlySet<Right>, Readonly<Record<Entry['type'], string>>>()

/** What a line tells of an entry before its name. */
export type FactAttributes = Omit<Entry, 'name'>

/**
 * One line of MLSD or MLST without its end: `type=file;size=12;modify=20260102150405; name`. `type` is for the listed
 * directory itself and the one above it. The name, or path, must not hold CR or LF.
 */
export function factLine(entry: Entry, selected: ReadonlySet<Fact>, type?: 'cdir' | 'pdir'): string {
  const head = new OctetWriter(160)
  writeFacts(head, entry, selected, type)
  return head.take().toString('latin1') + entry.name
}

/** Writes all of a line that comes before the name. */
export function writeFacts(
  out: OctetWriter,
  entry: FactAttributes,
  selected: ReadonlySet<Fact>,
  type?: 'cdir' | 'pdir',
): void {
  if (selected.has('type')) out.ascii(TYPES[type ?? entry.type])
  if (selected.has('size') && entry.type === 'file') {
    out.ascii('size=')
    out.number(entry.size)
    out.ascii(';')
  }
  if (selected.has('modify')) {
    out.ascii('modify=')
    writeTimeVal(out, entry.modified)
    out.ascii(';')
  }
  if (selected.has('perm')) {
    out.ascii('perm=')
    out.ascii(perm(entry))
    out.ascii(';')
  }
  if (selected.has('unique')) {
    out.ascii('unique=')
    out.ascii(entry.unique)
    out.ascii(';')
  }
  if (selected.has('unix.mode')) {
    out.ascii('unix.mode=')
    out.ascii(MODES[entry.mode & 0o777] ?? '')
    out.ascii(';')
  }
  out.ascii(' ')
}

/** What the account may do with an entry, as the letters of RFC 3659 section 7.5.5. */
function perm({ type, rights }: FactAttributes): string {
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
  const out = new OctetWriter(14)
  writeTimeVal(out, milliseconds)
  return out.take().toString('latin1')
}

const DAY_SECONDS = 24 * 3600
/** The day before: files of one folder often come from the same one. */
let last = { day: NaN, text: '' }

function writeTimeVal(out: OctetWriter, milliseconds: number): void {
  const told = Math.min(Math.max(milliseconds, EARLIEST), LATEST)
  const second = Math.floor((Number.isNaN(told) ? 0 : told) / 1000)
  const day = Math.floor(second / DAY_SECONDS)
  if (day !== last.day)
    last = { day, text: new Date(day * DAY_SECONDS * 1000).toISOString().slice(0, 10).replaceAll('-', '') }
  out.ascii(last.text)
  const ofDay = second - day * DAY_SECONDS
  out.number(Math.floor(ofDay / 3600), 2, '0')
  out.number(Math.floor(ofDay / 60) % 60, 2, '0')
  out.number(ofDay % 60, 2, '0')
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
