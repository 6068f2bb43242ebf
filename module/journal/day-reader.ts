/** The file of one day, as it is read: opened for one request, closed after it, never in the way of the writer. */
import { statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { StatementSync } from 'node:sqlite'
import { BLOCK, scanColumns, scanText } from './block.ts'
import type { Wanted } from './block.ts'
import { KINDS } from './entry.ts'
import type { Entry } from './entry.ts'
import { dayPath } from './folder.ts'
import type { Positions } from './positions.ts'
import { entryOf, numberOf, octetsOf } from './row.ts'
import type { Row } from './row.ts'
import { TRAIL_EVENTS } from './trail.ts'
import type { StoredStep } from './trail.ts'

/** How long a read waits for a file that is being taken over, milliseconds. */
const PATIENCE = 2000

export class DayReader {
  readonly day: string
  /** Another text for every file, also of the same day. */
  readonly file: string
  readonly #database: DatabaseSync
  readonly #entry: StatementSync

  /** Throws SQLite's error where the file is damaged. */
  constructor(folder: string, day: string) {
    const path = dayPath(folder, day)
    this.day = day
    const { ino, birthtimeMs } = statSync(path)
    this.file = `${ino} ${birthtimeMs}`
    this.#database = new DatabaseSync(path, { readOnly: true, timeout: PATIENCE })
    try {
      this.#entry = this.#database.prepare('SELECT * FROM entry WHERE position = ?')
    } catch (error) {
      this.#database.close()
      throw error
    }
  }

  /** Positions of the oldest and the newest entry; 1 and 0 where there is none. */
  range(): { readonly first: number; readonly last: number } {
    const query = 'SELECT coalesce(min(first), 1) AS first FROM block'
    const last = this.#database.prepare('SELECT coalesce(max(position), 0) AS last FROM entry').get()
    return { first: numberOf(this.#database.prepare(query).get(), 'first'), last: numberOf(last, 'last') }
  }

  /** The position of the last entry that is in a block. */
  packedThrough(): number {
    const row = this.#database.prepare('SELECT max(first) AS first FROM block').get()
    return row?.['first'] === null ? 0 : numberOf(row, 'first') + BLOCK - 1
  }

  /** The entry at a position, unless it was forgotten. */
  entry(position: number): Entry | undefined {
    const row = this.#entry.get(position)
    return row && entryOf(this.day, row)
  }

  /** Entries behind a position, oldest first. */
  entriesAfter(position: number, most: number): Entry[] {
    const query = 'SELECT * FROM entry WHERE position > ? ORDER BY position LIMIT ?'
    return this.#database
      .prepare(query)
      .all(position, most)
      .map((row) => entryOf(this.day, row))
  }

  /** What {@link TRAIL_EVENTS} happened at positions from `from` up to `before` and not before a time, newest first. */
  trail(from: number, before: number, since: number, verbs: readonly string[]): StoredStep[] {
    const commands = verbs.map(() => 'text = ? OR text GLOB ?').join(' OR ')
    const events = TRAIL_EVENTS.filter((event) => event !== 'command').map((event) => `'${event}'`)
    const query = `SELECT time, event, text, session, address, domain, user, rule FROM entry
      WHERE position >= ? AND position < ? AND time >= ? AND session IS NOT NULL AND address IS NOT NULL
      AND (event IN (${events.join(', ')})${commands && ` OR (event = 'command' AND (${commands}))`})
      ORDER BY position DESC`
    const said = verbs.flatMap((verb) => [`> ${verb}`, `> ${verb} *`])
    // The columns are typed by the schema, which is STRICT.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return this.#database.prepare(query).all(from, before, since, ...said) as unknown as StoredStep[]
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

  /** The number that stands for a name in blocks; undefined = no block holds it. */
  codeOf(name: string): number | undefined {
    const row = this.#database.prepare('SELECT code FROM name WHERE name = ?').get(name)
    return row && numberOf(row, 'code')
  }

  /**
   * Looks through a number of blocks behind a position and adds what matches. Answers the last position looked at; the one
   * given where there is no block left.
   */
  scan(after: number, blocks: number, wanted: Wanted, term: string | undefined, found: Positions): number {
    const columns = [wanted.kinds && 'kinds', wanted.user && 'users', wanted.session && 'sessions'].filter(Boolean)
    const rows = this.#database
      .prepare(`SELECT ${['first', ...columns].join(', ')} FROM block WHERE first > ? ORDER BY first LIMIT ?`)
      .all(after, blocks)
    const text = this.#database.prepare('SELECT text FROM block WHERE first = ?')
    for (const row of rows) {
      const first = numberOf(row, 'first')
      const passing = columns.length > 0 ? scanColumns(columnsOf(row), wanted) : ALL
      if (!passing.includes(1)) continue
      const textRow = term === undefined ? undefined : text.get(first)
      const holding = term === undefined ? ALL : textRow ? scanText(octetsOf(textRow, 'text'), term) : NONE
      for (let place = 0; place < BLOCK; place++) if (passing[place] && holding[place]) found.push(first + place)
    }
    return rows.length === 0 ? after : numberOf(rows.at(-1), 'first') + BLOCK - 1
  }

  close(): void {
    this.#database.close()
  }
}

const ALL = new Uint8Array(BLOCK).fill(1)
const NONE = new Uint8Array(BLOCK)

function columnsOf(row: Row): { kinds: Uint8Array; users: Uint32Array; sessions: Uint32Array } {
  return { kinds: octetsOf(row, 'kinds'), users: numbers(row, 'users'), sessions: numbers(row, 'sessions') }
}

function numbers(row: Row, column: string): Uint32Array {
  const octets = octetsOf(row, column)
  const aligned = octets.byteOffset % 4 === 0 ? octets : octets.slice()
  return new Uint32Array(aligned.buffer, aligned.byteOffset, Math.floor(aligned.byteLength / 4))
}
