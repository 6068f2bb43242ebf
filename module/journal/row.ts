/** The file of a day: its schema, the values of its rows, and the ids of entries in it. */
import type { SQLOutputValue } from 'node:sqlite'
import type { Block, Columns } from './block.ts'

/** Kept in `user_version`; a file of any other version is not ours to write, but see `earlier-version.ts`. */
export const SCHEMA_VERSION = 2

/**
 * `block` holds the entries, in the order of writing without gaps, from the position `first` on, see `block.ts`;
 * `name` gives users and sessions the numbers that blocks compare; `tally` counts entries by kind.
 */
export const BLOCKS = `
  CREATE TABLE block (
    first INTEGER PRIMARY KEY, entries INTEGER NOT NULL, kinds BLOB NOT NULL, users BLOB NOT NULL, sessions BLOB NOT NULL,
    folded BLOB, said BLOB NOT NULL, facts BLOB NOT NULL
  ) STRICT;
`
export const SCHEMA = `
  ${BLOCKS}
  CREATE TABLE name (code INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE tally (kind INTEGER PRIMARY KEY, entries INTEGER NOT NULL) STRICT;
  PRAGMA user_version = ${SCHEMA_VERSION};
`

export type Row = Readonly<Record<string, SQLOutputValue>>

/** The values of a row of `block`, in the order of its columns. */
export function valuesOf(first: number, block: Block): (number | Uint8Array | null)[] {
  const { kinds, users, sessions, folded, said, facts } = block
  return [first, kinds.length, kinds, octets(users), octets(sessions), folded, said, facts]
}

/** A whole row of `block`. */
export function blockOfRow(row: Row): Block {
  return { ...columnsOfRow(row), ...textOfRow(row), facts: octetsOf(row, 'facts') }
}

/** Of a row of `block` the columns that were asked for; the others are empty. */
export function columnsOfRow(row: Row): Columns {
  return { kinds: octetsOf(row, 'kinds'), users: numbers(row, 'users'), sessions: numbers(row, 'sessions') }
}

/** Of a row of `block` what a search looks through. */
export function textOfRow(row: Row): Pick<Block, 'folded' | 'said'> {
  return { folded: row['folded'] instanceof Uint8Array ? row['folded'] : null, said: octetsOf(row, 'said') }
}

/** A whole number of a row; 0 where there is none. */
export function numberOf(row: Row | undefined, column: string): number {
  const value = row?.[column]
  return typeof value === 'number' ? value : 0
}

function octetsOf(row: Row, column: string): Uint8Array {
  const value = row[column]
  return value instanceof Uint8Array ? value : new Uint8Array()
}

function octets(column: Uint32Array): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength)
}

function numbers(row: Row, column: string): Uint32Array {
  const given = octetsOf(row, column)
  const aligned = given.byteOffset % 4 === 0 ? given : given.slice()
  return new Uint32Array(aligned.buffer, aligned.byteOffset, Math.floor(aligned.byteLength / 4))
}

const DAY = 24 * 60 * 60 * 1000
const PER_DAY = 1e9

/** The id of the entry at a position: ids of all days are distinct and rise with the day. */
export function idOf(day: string, position: number): number {
  return (Date.parse(day) / DAY) * PER_DAY + position
}

/** The position within its day that an id stands for. */
export function positionOf(id: number): number {
  return id % PER_DAY
}

/** The day that an id lies in. */
export function dayOfId(id: number): string {
  return new Date(Math.floor(id / PER_DAY) * DAY).toISOString().slice(0, 10)
}
