/**
 * A block: a run of entries packed for scanning. Filters compare small numbers in columns, and a search is one substring
 * search over the text of a thousand entries at a time instead of a thousand comparisons.
 */
import { KINDS } from './entry.ts'
import type { CleanEntry } from './entry.ts'
import { END_OF_ENTRY, searchLine } from './filter.ts'

/** Entries in a block. */
export const BLOCK = 1024

export interface Block {
  /** One code of {@link KINDS} each. */
  readonly kinds: Uint8Array
  /** One code of the day's names each, 0 = none. */
  readonly users: Uint32Array
  readonly sessions: Uint32Array
  /** UTF-8 of the search lines. */
  readonly text: Uint8Array
}

/** What a scan looks for; an absent part lets everything pass. */
export interface Wanted {
  /** 1 at the codes that pass. */
  readonly kinds?: Uint8Array
  readonly user?: number
  readonly session?: number
}

/** Packs a run of entries. `codeOf` gives a name its number in this day. */
export function packBlock(entries: readonly CleanEntry[], codeOf: (name: string) => number): Block {
  const kinds = Uint8Array.from(entries, (entry) => KINDS.indexOf(entry.kind))
  const code = (name: string | undefined): number => (name === undefined ? 0 : codeOf(name))
  const users = Uint32Array.from(entries, (entry) => code(entry.user))
  const sessions = Uint32Array.from(entries, (entry) => code(entry.session))
  const text = Buffer.from(entries.map((entry) => searchLine(entry) + END_OF_ENTRY).join(''), 'utf8')
  return { kinds, users, sessions, text }
}

/** Which entries of a block the columns let pass: 1 at their places. Only the columns that are asked for are looked at. */
export function scanColumns(block: Omit<Block, 'text'>, wanted: Wanted): Uint8Array {
  const passing = new Uint8Array(BLOCK).fill(1)
  const { kinds, user, session } = wanted
  if (kinds) for (let place = 0; place < BLOCK; place++) passing[place] = kinds[block.kinds[place] ?? 0] ?? 0
  if (user !== undefined) keepEqual(passing, block.users, user)
  if (session !== undefined) keepEqual(passing, block.sessions, session)
  return passing
}

function keepEqual(passing: Uint8Array, column: Uint32Array, code: number): void {
  // Most blocks hold nothing of one user or session.
  if (!column.includes(code)) {
    passing.fill(0)
    return
  }
  for (let place = 0; place < BLOCK; place++) if (column[place] !== code) passing[place] = 0
}

/** A term in the form that {@link scanText} looks for. */
export function packTerm(term: string): string {
  return Buffer.from(term, 'utf8').toString('latin1')
}

/** Which entries of a block hold the term in their search line: 1 at their places. */
export function scanText(text: Uint8Array, term: string): Uint8Array {
  // Octets read as Latin-1 make a one-byte string, where a substring search is fastest; UTF-8 never matches inside a character.
  const lines = Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString('latin1')
  const holding = new Uint8Array(BLOCK)
  let place = 0
  let start = 0
  for (let found = lines.indexOf(term); found >= 0; found = lines.indexOf(term, start)) {
    let end = lines.indexOf(END_OF_ENTRY, start)
    for (; end < found; place++) end = lines.indexOf(END_OF_ENTRY, (start = end + 1))
    holding[place++] = 1
    start = end + 1
  }
  return holding
}
