/** Entries as rows of a day's file: its schema, and the way there and back. */
import type { SQLInputValue, SQLOutputValue } from 'node:sqlite'
import { KINDS } from './entry.ts'
import type { CleanEntry, Entry } from './entry.ts'

/** Kept in `user_version`; a file of any other version is not ours to write. */
export const SCHEMA_VERSION = 1

/**
 * `entry` holds the truth, in the order of writing without gaps; `block` packs runs of it for scanning, see `block.ts`;
 * `name` gives users and sessions the numbers that blocks compare; `tally` counts entries by kind.
 */
export const SCHEMA = `
  CREATE TABLE entry (
    position INTEGER PRIMARY KEY, time INTEGER NOT NULL, kind INTEGER NOT NULL, event TEXT NOT NULL, text TEXT NOT NULL,
    session TEXT, user TEXT, address TEXT, domain TEXT,
    path TEXT, bytes REAL, seconds REAL, result TEXT, rule TEXT, level TEXT, detail TEXT
  ) STRICT;
  CREATE TABLE block (
    first INTEGER PRIMARY KEY, kinds BLOB NOT NULL, users BLOB NOT NULL, sessions BLOB NOT NULL, text BLOB NOT NULL
  ) STRICT;
  CREATE TABLE name (code INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE tally (kind INTEGER PRIMARY KEY, entries INTEGER NOT NULL) STRICT;
  PRAGMA user_version = ${SCHEMA_VERSION};
`

export type Row = Readonly<Record<string, SQLOutputValue>>

const VALUES = `(${Array.from({ length: 16 }, () => '?').join(', ')})`

/** For so many entries, see {@link addValues}. */
export function insertEntries(number: number): string {
  return `INSERT INTO entry VALUES ${Array.from({ length: number }, () => VALUES).join(', ')}`
}

/** What {@link insertEntries} takes of an entry, put behind what is there. */
export function addValues(values: SQLInputValue[], position: number, entry: CleanEntry): void {
  const { verdict } = entry
  values.push(
    position,
    entry.time,
    KINDS.indexOf(entry.kind),
    entry.event,
    entry.text,
    entry.session ?? null,
    entry.user ?? null,
    entry.address ?? null,
    entry.domain ?? null,
    entry.path ?? null,
    entry.bytes ?? null,
    entry.seconds ?? null,
    entry.result ?? null,
    verdict?.rule ?? null,
    verdict?.level ?? null,
    verdict?.detail ?? null,
  )
}

/** The entry of a row; fields that are not set are left out. */
export function entryOf(day: string, row: Row): Entry {
  const id = idOf(day, numberOf(row, 'position'))
  const entry: Record<string, unknown> = { id, time: row['time'], kind: KINDS[numberOf(row, 'kind')] ?? 'message' }
  for (const column of PLAIN) if (row[column] !== null) entry[column] = row[column]
  if (row['rule'] !== null) entry['verdict'] = verdictOf(row)
  // The columns are typed by the schema, which is STRICT.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return entry as unknown as Entry
}

const PLAIN = ['event', 'text', 'session', 'user', 'address', 'domain', 'path', 'bytes', 'seconds', 'result']

function verdictOf(row: Row): object {
  const { rule, level, detail } = row
  return detail === null ? { rule, level } : { rule, level, detail }
}

/** A whole number of a row; 0 where there is none. */
export function numberOf(row: Row | undefined, column: string): number {
  const value = row?.[column]
  return typeof value === 'number' ? value : 0
}

/** The octets of a row; none where there are none. */
export function octetsOf(row: Row, column: string): Uint8Array {
  const value = row[column]
  return value instanceof Uint8Array ? value : new Uint8Array()
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
