/** The file of a day as version 1 of its schema had it, one row for every entry: what to do to go on with it. */
import type { DatabaseSync } from 'node:sqlite'
import { BLOCK, blockOf } from './block.ts'
import { KINDS } from './entry.ts'
import type { NewEntry } from './entry.ts'
import { BLOCKS, numberOf, SCHEMA_VERSION, valuesOf } from './row.ts'
import type { Row } from './row.ts'
import { runOf } from './run.ts'

const PLAIN = ['event', 'text', 'time', 'session', 'user', 'address', 'domain', 'path', 'bytes', 'seconds', 'result']

/** Rows that are taken at once: room for all of them twice need not be on the disk. */
const AT_ONCE = 8 * BLOCK

/** Makes blocks of the rows, in several transactions, and goes on where it was cut off. Positions, and with them ids, stay what they were. */
export function takeOver(
  database: DatabaseSync,
  codeOf: (name: string) => number,
  whole: (work: () => void) => void,
): void {
  whole(() => {
    if (database.prepare("SELECT 1 FROM pragma_table_info('block') WHERE name = 'said'").get()) return
    // The blocks of version 1 only repeated what the rows say.
    database.exec(`DROP TABLE block; ${BLOCKS}`)
  })
  const oldest = database.prepare('SELECT * FROM entry ORDER BY position LIMIT ?')
  const insert = database.prepare('INSERT INTO block VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
  const remove = database.prepare('DELETE FROM entry WHERE position <= ?')
  const step = (): number => {
    const rows = oldest.all(AT_ONCE)
    whole(() => {
      for (let from = 0; from < rows.length; from += BLOCK) {
        const run = runOf(rows.slice(from, from + BLOCK).map(entryOf), 0)
        insert.run(...valuesOf(numberOf(rows[from], 'position'), blockOf(run, codeOf)))
      }
      remove.run(numberOf(rows.at(-1), 'position'))
    })
    return rows.length
  }
  while (step() === AT_ONCE);
  whole(() => database.exec(`DROP TABLE entry; PRAGMA user_version = ${SCHEMA_VERSION}`))
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
