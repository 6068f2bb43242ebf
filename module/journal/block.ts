/**
 * A block: a run of entries as it lies on the disk, with what scanning needs beside its text. Filters compare small numbers
 * in columns, and a search is one substring search over the text of a thousand entries instead of a thousand comparisons.
 */
import { isAscii } from 'node:buffer'
import { foldText } from './filter.ts'
import { END_OF_ENTRY } from './run.ts'
import type { Run } from './run.ts'

/** Entries that make a block full: fewer are put together with those before and behind them. */
export const BLOCK = 1024

/** The columns that filters compare: of every entry a code of `KINDS`, and codes of the day's names, 0 = none. */
export interface Columns {
  readonly kinds: Uint8Array
  readonly users: Uint32Array
  readonly sessions: Uint32Array
}

/** All text is UTF-8. */
export interface Block extends Columns {
  /** The searchable text folded (`foldText`), where that takes more than a moment. */
  readonly folded: Uint8Array | null
  readonly said: Uint8Array
  readonly facts: Uint8Array
}

/** What a scan looks for; an absent part lets everything pass. */
export interface Wanted {
  /** 1 at the codes that pass. */
  readonly kinds?: Uint8Array
  readonly user?: number
  readonly session?: number
}

/** `codeOf` gives a name its number in this day. */
export function blockOf(run: Run, codeOf: (name: string) => number): Block {
  return { ...columnsOf(run, codeOf), ...textsOf(Buffer.from(run.said), Buffer.from(run.facts)) }
}

/** Several blocks that follow each other as one. */
export function joined(blocks: readonly Block[]): Block {
  const kinds = Uint8Array.from(blocks.flatMap((block) => [...block.kinds]))
  const users = Uint32Array.from(blocks.flatMap((block) => [...block.users]))
  const sessions = Uint32Array.from(blocks.flatMap((block) => [...block.sessions]))
  const said = Buffer.concat(blocks.map((block) => block.said))
  const facts = Buffer.concat(blocks.map((block) => block.facts))
  return { kinds, users, sessions, ...textsOf(said, facts) }
}

function textsOf(said: Buffer, facts: Buffer): Omit<Block, keyof Columns> {
  return { folded: isAscii(said) ? null : Buffer.from(foldText(said.toString())), said, facts }
}

/** One pass over the text: the kind is its own first character, session and user stand at the beginning of their lines. */
function columnsOf({ entries, said, facts }: Run, codeOf: (name: string) => number): Columns {
  const columns = {
    kinds: new Uint8Array(entries),
    users: new Uint32Array(entries),
    sessions: new Uint32Array(entries),
  }
  const users = names(said, codeOf)
  const sessions = names(facts, codeOf)
  for (let place = 0, inSaid = 0, inFacts = 0; place < entries; place++) {
    columns.kinds[place] = facts.charCodeAt(inFacts) - 48
    columns.users[place] = users(inSaid)
    columns.sessions[place] = sessions(inFacts + 2)
    inSaid = said.indexOf(END_OF_ENTRY, inSaid) + 1
    inFacts = facts.indexOf(END_OF_ENTRY, inFacts) + 1
  }
  return columns
}

/** Answers the code of the field that begins at a place: that of the field asked for before, most of the time. */
function names(text: string, codeOf: (name: string) => number): (at: number) => number {
  let last = '\t'
  let code = 0
  return (at) => {
    if (text.startsWith(last, at)) return code
    last = text.slice(at, text.indexOf('\t', at) + 1)
    code = last === '\t' ? 0 : codeOf(last.slice(0, -1))
    return code
  }
}

/** Which entries of a block the columns let pass: 1 at their places. Only the columns that are asked for are looked at. */
export function scanColumns(columns: Columns, entries: number, wanted: Wanted): Uint8Array {
  const passing = new Uint8Array(entries).fill(1)
  const { kinds, user, session } = wanted
  if (kinds) for (let place = 0; place < entries; place++) passing[place] = kinds[columns.kinds[place] ?? 0] ?? 0
  if (user !== undefined) keepEqual(passing, columns.users, user)
  if (session !== undefined) keepEqual(passing, columns.sessions, session)
  return passing
}

function keepEqual(passing: Uint8Array, column: Uint32Array, code: number): void {
  // Most blocks hold nothing of one user or session.
  if (!column.includes(code)) {
    passing.fill(0)
    return
  }
  for (let place = 0; place < passing.length; place++) if (column[place] !== code) passing[place] = 0
}

/** A folded term, in the form that {@link scanText} looks for. */
export function packTerm(term: string): string {
  return Buffer.from(term, 'utf8').toString('latin1')
}

/** Which entries of a block hold the term in their searchable text: 1 at their places. */
export function scanText({ folded, said }: Pick<Block, 'folded' | 'said'>, entries: number, term: string): Uint8Array {
  // Octets read as Latin-1 make a one-byte string, where a substring search is fastest; UTF-8 never matches inside a character.
  const lines = folded ? latin1(folded) : latin1(said).toLowerCase()
  const holding = new Uint8Array(entries)
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

function latin1(text: Uint8Array): string {
  return Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString('latin1')
}
