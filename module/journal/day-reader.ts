/** The file of one day, as it is read: opened for one request, closed after it, never in the way of the writer. */
import { statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { scanColumns, scanText } from './block.ts'
import type { Wanted } from './block.ts'
import { KINDS } from './entry.ts'
import type { Entry } from './entry.ts'
import { dayPath } from './folder.ts'
import type { Positions } from './positions.ts'
import { blockOfRow, columnsOfRow, idOf, numberOf, textOfRow } from './row.ts'
import type { Row } from './row.ts'
import { entryOf, linesOf } from './run.ts'

/** How long a read waits for a file that is being taken over, milliseconds. */
const PATIENCE = 2000

/** The lines of a block, the last one asked for. */
interface Lines {
  readonly first: number
  readonly said: readonly string[]
  readonly facts: readonly string[]
}

export class DayReader {
  readonly day: string
  /** Another text for every file, also of the same day. */
  readonly file: string
  readonly #database: DatabaseSync
  #lines: Lines = { first: 0, said: [], facts: [] }

  /** Throws SQLite's error where the file is damaged. */
  constructor(folder: string, day: string) {
    const path = dayPath(folder, day)
    this.day = day
    const { ino, birthtimeMs } = statSync(path)
    this.file = `${ino} ${birthtimeMs}`
    this.#database = new DatabaseSync(path, { readOnly: true, timeout: PATIENCE })
    try {
      // One state of the file for the whole request: the writer joins blocks meanwhile.
      this.#database.exec('BEGIN')
      this.#database.prepare('SELECT facts FROM block LIMIT 0').all()
    } catch (error) {
      this.#database.close()
      throw error
    }
  }

  /** Positions of the oldest and the newest entry; 1 and 0 where there is none. */
  range(): { readonly first: number; readonly last: number } {
    const oldest = this.#database.prepare('SELECT first FROM block ORDER BY first LIMIT 1').get()
    const newest = 'SELECT first + entries - 1 AS last FROM block ORDER BY first DESC LIMIT 1'
    return { first: numberOf(oldest, 'first') || 1, last: numberOf(this.#database.prepare(newest).get(), 'last') }
  }

  /** The entry at a position, unless it was forgotten. */
  entry(position: number): Entry | undefined {
    const { first, said, facts } = this.#linesAt(position)
    const line = facts[position - first]
    return line === undefined
      ? undefined
      : { id: idOf(this.day, position), ...entryOf(said[position - first] ?? '', line) }
  }

  /** The text of the blocks that hold the positions from one on up to before another, the newest first. */
  *texts(
    from: number,
    before: number,
  ): Generator<{ readonly first: number; readonly said: string; readonly facts: string }> {
    const query = 'SELECT first, said, facts FROM block WHERE first <= ? ORDER BY first DESC LIMIT 1'
    const statement = this.#database.prepare(query)
    for (let first = before; first > from;) {
      const row = statement.get(first - 1)
      if (!row) return
      first = numberOf(row, 'first')
      const { said, facts } = blockOfRow(row)
      yield { first, said: textOf(said), facts: textOf(facts) }
    }
  }

  /** Entries of each kind. */
  tally(): number[] {
    const rows = this.#database.prepare('SELECT kind, entries FROM tally').all()
    return KINDS.map((_, code) =>
      numberOf(
        rows.find((row) => numberOf(row, 'kind') === code),
        'entries',
      ),
    )
  }

  /** The number that stands for a name in this file; undefined = no entry has it. */
  codeOf(name: string): number | undefined {
    const row = this.#database.prepare('SELECT code FROM name WHERE name = ?').get(name)
    return row && numberOf(row, 'code')
  }

  /**
   * Looks through a number of blocks behind a position and adds what matches. Answers the last position looked at; the one
   * given where there is nothing left.
   */
  scan(after: number, blocks: number, wanted: Wanted, term: string | undefined, found: Positions): number {
    const columns = [wanted.kinds && 'kinds', wanted.user && 'users', wanted.session && 'sessions'].filter(Boolean)
    const rows = this.#database
      .prepare(
        `SELECT ${['first', 'entries', ...columns].join(', ')} FROM block
        WHERE first >= (SELECT coalesce(max(first), 0) FROM block WHERE first <= ?) ORDER BY first LIMIT ?`,
      )
      .all(after + 1, blocks)
    let through = after
    for (const row of rows) {
      const [first, entries] = [numberOf(row, 'first'), numberOf(row, 'entries')]
      const matching = this.#matching(row, entries, wanted, term)
      // Its beginning may have been looked at when it was smaller.
      for (let place = Math.max(0, after + 1 - first); place < entries; place++) {
        if (matching[place]) found.push(first + place)
      }
      through = Math.max(through, first + entries - 1)
    }
    return through
  }

  /** 1 at the places of a block that match. */
  #matching(row: Row, entries: number, wanted: Wanted, term: string | undefined): Uint8Array {
    const passing = scanColumns(columnsOfRow(row), entries, wanted)
    if (term === undefined || !passing.includes(1)) return passing
    const text = 'SELECT folded, CASE WHEN folded IS NULL THEN said END AS said FROM block WHERE first = ?'
    const textRow = this.#database.prepare(text).get(numberOf(row, 'first'))
    const holding = scanText(textOfRow(textRow ?? {}), entries, term)
    for (let place = 0; place < entries; place++) if (!passing[place]) holding[place] = 0
    return holding
  }

  #linesAt(position: number): Lines {
    const { first, facts } = this.#lines
    if (position >= first && position < first + facts.length) return this.#lines
    const row = this.#database.prepare('SELECT * FROM block WHERE first <= ? ORDER BY first DESC LIMIT 1').get(position)
    if (!row) return { first: 0, said: [], facts: [] }
    const { said, facts: rest } = blockOfRow(row)
    this.#lines = { first: numberOf(row, 'first'), said: linesOf(textOf(said)), facts: linesOf(textOf(rest)) }
    return this.#lines
  }

  close(): void {
    this.#database.close()
  }
}

function textOf(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString()
}
