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
/** The fact of all the permission bits. */
const MODES = Array.from({ length: 0o1000 }, (_, mode) => `unix.mode=${mode.toString(8).padStart(4, '0')};`)

type PermLetters = Readonly<Record<Entry['type'], string>>
/** The fact of the two types; one set of rights stands behind thousands of entries. */
const permFacts = new WeakMap<ReadonlySet<Right>, PermLetters>()

const [SPACE, DOT, SEMICOLON] = [0x20, 0x2e, 0x3b]

/** What a line tells of an entry before its name. */
export type FactAttributes = Omit<Entry, 'name' | 'unique'> & {
  /** The text of the fact, or the two numbers that it is made of: those of the disk and of the file on it. */
  readonly unique: Entry['unique'] | UniqueNumbers
}

export interface UniqueNumbers {
  readonly device: number
  readonly file: number
}

/** The fact `unique` as text. */
export function uniqueText(device: number, file: number): string {
  return `${device.toString(36)}.${file.toString(36)}`
}

/**
 * One line of MLSD or MLST without its end: `type=file;size=12;modify=20260102150405; name`. `type` is for the listed
 * directory itself and the one above it. The name, or path, must not hold CR or LF.
 */
export function factLine(entry: Entry, selected: ReadonlySet<Fact>, type?: 'cdir' | 'pdir'): string {
  const head = new OctetWriter(160)
  new FactsHead(selected).write(head, entry, type)
  return head.take().toString('latin1') + entry.name
}

type Kind = keyof typeof TYPES

/** Writes all of a line that comes before the name; one for all lines, as neighbours have most of it in common. */
export class FactsHead {
  readonly #selected: ReadonlySet<Fact>
  readonly #size: boolean
  readonly #modify: boolean
  readonly #unique: boolean
  /** What comes before the size, and what between it, the number of the file, and the name. */
  readonly #front = new OctetWriter(32)
  readonly #middle = new OctetWriter(96)
  readonly #end = new OctetWriter(32)
  #kind: Kind | undefined
  #rights: ReadonlySet<Right> | undefined
  #device = NaN
  #modified = NaN
  #timeAt = 0
  #mode = NaN

  constructor(selected: ReadonlySet<Fact>) {
    this.#selected = selected
    this.#size = selected.has('size')
    this.#modify = selected.has('modify')
    this.#unique = selected.has('unique')
  }

  /** `type` is for the listed directory itself and the one above it. */
  write(out: OctetWriter, entry: FactAttributes, type?: 'cdir' | 'pdir'): void {
    const { unique, mode } = entry
    const kind = type ?? entry.type
    const device = typeof unique === 'string' ? -1 : unique.device
    if (kind !== this.#kind || entry.rights !== this.#rights || device !== this.#device)
      this.#begin(entry, kind, device)
    else if (this.#modify && entry.modified !== this.#modified) this.#time(entry.modified)
    if (mode !== this.#mode) this.#finish(mode)
    out.append(this.#front)
    if (this.#size && entry.type === 'file') out.number(entry.size)
    out.append(this.#middle)
    if (this.#unique) {
      if (typeof unique === 'string') out.ascii(unique)
      else out.number(unique.file, 1, 36)
    }
    out.append(this.#end)
  }

  #begin(entry: FactAttributes, kind: Kind, device: number): void {
    const [front, middle, sized] = [this.#front, this.#middle, this.#size && entry.type === 'file']
    this.#kind = kind
    this.#rights = entry.rights
    this.#device = device
    front.rewind(0)
    if (this.#selected.has('type')) front.ascii(TYPES[kind])
    if (sized) front.ascii('size=')
    middle.rewind(0)
    if (sized) middle.octet(SEMICOLON)
    this.#timeAt = middle.length
    this.#modified = entry.modified
    if (this.#modify) writeTimeVal(middle, entry.modified)
    if (this.#selected.has('perm')) middle.ascii(permLetters(entry.rights)[entry.type])
    if (!this.#unique) return
    middle.ascii('unique=')
    if (typeof entry.unique === 'string') return
    middle.number(device, 1, 36)
    middle.octet(DOT)
  }

  /** The same with another time. */
  #time(modified: number): void {
    const middle = this.#middle
    const { length } = middle
    this.#modified = modified
    middle.rewind(this.#timeAt)
    writeTimeVal(middle, modified)
    middle.rewind(length)
  }

  #finish(mode: number): void {
    const end = this.#end
    this.#mode = mode
    end.rewind(0)
    if (this.#unique) end.octet(SEMICOLON)
    if (this.#selected.has('unix.mode')) end.ascii(MODES[mode & 0o777] ?? '')
    end.octet(SPACE)
  }
}

/** What the account may do with a file and a directory, as the fact `perm` (RFC 3659 section 7.5.5). */
function permLetters(rights: ReadonlySet<Right>): PermLetters {
  const known = permFacts.get(rights)
  if (known) return known
  const held = (table: readonly (readonly [string, Right | undefined])[]) =>
    table.map(([letter, right]) => (right === undefined || rights.has(right) ? letter : '')).join('')
  const made = { file: `perm=${held(FILE_LETTERS)};`, directory: `perm=${held(DIRECTORY_LETTERS)};` }
  permFacts.set(rights, made)
  return made
}

/** The first and the last millisecond that four digits of a year can tell. */
const EARLIEST = Date.parse('0000-01-01T00:00:00Z')
const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

/** A time as `YYYYMMDDHHMMSS` in UTC; milliseconds since 1970, their fraction of a second dropped. */
export function timeVal(milliseconds: number): string {
  const out = new OctetWriter(22)
  writeTimeVal(out, milliseconds)
  return out.take().toString('latin1', 'modify='.length, 'modify='.length + 14)
}

const DAY_SECONDS = 24 * 3600
/** The day before: files of one folder often come from the same one. */
let last = { day: NaN, text: '' }

/** Writes the fact `modify`. */
function writeTimeVal(out: OctetWriter, milliseconds: number): void {
  const told = Math.min(Math.max(milliseconds, EARLIEST), LATEST)
  const second = Math.floor((Number.isNaN(told) ? 0 : told) / 1000)
  const day = Math.floor(second / DAY_SECONDS)
  if (day !== last.day) {
    const date = new Date(day * DAY_SECONDS * 1000).toISOString().slice(0, 10)
    last = { day, text: `modify=${date.replaceAll('-', '')}` }
  }
  out.ascii(last.text)
  const ofDay = second - day * DAY_SECONDS
  out.two(Math.floor(ofDay / 3600))
  out.two(Math.floor(ofDay / 60) % 60)
  out.two(ofDay % 60)
  out.octet(SEMICOLON)
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
