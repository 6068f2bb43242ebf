/** Facts about files for MLST and MLSD, and the times in them (RFC 3659 sections 2.3 and 7). */
import type { Entry, Right } from './backend.ts'
import { LineHead, type HeadForm, type HeadParts, type LineAttributes } from './line-head.ts'
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

const [SPACE, SEMICOLON] = [0x20, 0x3b]

/** The fact `unique` as text. */
export function uniqueText(device: number, file: number): string {
  return `${device.toString(36)}.${file.toString(36)}`
}

/**
 * One line of MLSD or MLST without its end: `type=file;size=12;modify=20260102150405; name`. `type` is for the listed
 * directory itself and the one above it. The name, or path, must not hold CR or LF.
 */
export function factLine(entry: Entry, selected: ReadonlySet<Fact>, type?: 'cdir' | 'pdir'): string {
  const out = new OctetWriter(160)
  new LineHead(new FactsForm(selected, type)).write(out, entry)
  return out.take().toString('latin1') + entry.name
}

/** The chosen facts, all of a line that comes before the name. */
export class FactsForm implements HeadForm {
  readonly #selected: ReadonlySet<Fact>
  readonly #type: 'cdir' | 'pdir' | undefined
  #timeAt = 0

  /** `type` is for the listed directory itself and the one above it. */
  constructor(selected: ReadonlySet<Fact>, type?: 'cdir' | 'pdir') {
    this.#selected = selected
    this.#type = type
  }

  fill(parts: HeadParts, entry: LineAttributes): void {
    const { beforeSize, beforeFile, beforeName } = parts
    const told = (fact: Fact) => this.#selected.has(fact)
    const { type, unique, modified, mode, rights } = entry
    const sized = told('size') && type === 'file'
    parts.sizeWidth = sized ? 1 : 0
    parts.fileTold = told('unique')
    if (told('type')) beforeSize.ascii(TYPES[this.#type ?? type])
    if (sized) beforeSize.ascii('size=')
    if (sized) beforeFile.octet(SEMICOLON)
    this.#timeAt = beforeFile.length
    if (told('modify')) writeTimeVal(beforeFile, modified)
    if (told('perm')) beforeFile.ascii(permLetters(rights)[type])
    if (parts.fileTold) beforeFile.ascii('unique=')
    if (parts.fileTold && typeof unique !== 'string') beforeFile.ascii(`${unique.device.toString(36)}.`)
    if (parts.fileTold) beforeName.octet(SEMICOLON)
    if (told('unix.mode')) beforeName.ascii(MODES[mode & 0o777] ?? '')
    beforeName.octet(SPACE)
  }

  fillTime({ beforeFile }: HeadParts, modified: number): void {
    if (!this.#selected.has('modify')) return
    const { length } = beforeFile
    beforeFile.rewind(this.#timeAt)
    writeTimeVal(beforeFile, modified)
    beforeFile.rewind(length)
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
