/** The file of a day as version 1 of its schema had it, one row for every entry: what to do to go on with it. */
import type { DatabaseSync } from 'node:sqlite'
import { BLOCK, blockOf } from './block.ts'
import { KINDS } from './entry.ts'
import type { NewEntry } from './entry.ts'
import { BLOCKS, numberOf, valuesOf } from './row.ts'
import type { Row } from './row.ts'
import { runOf } from './run.ts'

const PLAIN = ['event', 'text', 'time', 'session', 'user', 'address', 'domain', 'path', 'bytes', 'seconds', 'result']

/** Makes blocks of the rows, inside of a transaction of the caller's; positions, and with them ids, stay what they were. */
export function takeOver(database: DatabaseSync, codeOf: (name: string) => number): void {
  // The blocks of version 1 only repeated what the rows say.
  database.exec(`DROP TABLE block; ${BLOCKS}`)
  const insert = database.prepare('INSERT INTO block VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
  const some = database.prepare('SELECT * FROM entry WHERE position > ? ORDER BY position LIMIT ?')
  for (let rows = some.all(0, BLOCK); rows.length > 0;) {
    const run = runOf(rows.map(entryOf), 0)
    insert.run(...valuesOf(numberOf(rows[0], 'position'), blockOf(run, codeOf)))
    rows = some.all(numberOf(rows.at(-1), 'position'), BLOCK)
  }
  database.exec('DROP TABLE entry')
}

function entryOf(row: Row): NewEntry {
  const entry: Record<string, unknown> = { kind: KINDS[numberOf(row, 'kind')] ?? 'message' }
  for (const column of PLAIN) if (row[column] !== null) entry[column] = row[column]
  const { rule, level, detail } = row
  if (rule !== null) entry['verdict'] = detail === null ? { rule, level } : { rule, level, detail }
  // The columns are typed by the schema, which was STRICT.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return entry as unknown as NewEntry
}
