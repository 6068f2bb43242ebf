/** The file of one day, as its one writer holds it: appends runs, joins small blocks, counts, forgets the oldest. */
import { closeSync, openSync, renameSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { StatementSync } from 'node:sqlite'
import { BLOCK, blockOf, joined } from './block.ts'
import type { Block } from './block.ts'
import { takeOver } from './earlier-version.ts'
import { KINDS } from './entry.ts'
import { companionsOf, damagedPath } from './folder.ts'
import { blockOfRow, idOf, numberOf, SCHEMA, SCHEMA_VERSION, valuesOf } from './row.ts'
import type { Run } from './run.ts'

/** Names remembered; beyond, they are looked up again. */
const NAMES = 20_000
/** Entries from which on a block stays as it is. */
const LARGE = BLOCK / 2

/** The small blocks at the end: where they begin, how many they are, and what they hold. */
interface Small {
  readonly first: number
  readonly blocks: number
  readonly entries: number
}

export class DayFile {
  readonly day: string
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  readonly #names = new Map<string, number>()
  #last: number
  #small: Small

  /** Opens or makes the file. Throws SQLite's error, see {@link damaged}. */
  constructor(path: string, day: string) {
    this.day = day
    // SQLite gives its companions the mode of the file: names and addresses are nobody else's business.
    closeSync(openSync(path, 'a', 0o600))
    this.#database = new DatabaseSync(path, { timeout: 2000 })
    try {
      this.#prepare()
      this.#last = this.#number('SELECT first + entries - 1 FROM block ORDER BY first DESC LIMIT 1')
      const large = 'SELECT first + entries FROM block WHERE entries >= ? ORDER BY first DESC LIMIT 1'
      const first = this.#number(large, LARGE) || this.#number('SELECT min(first) FROM block') || 1
      const blocks = this.#number('SELECT count(*) FROM block WHERE first >= ?', first)
      this.#small = { first, blocks, entries: this.#last - first + 1 }
    } catch (error) {
      this.#database.close()
      throw error
    }
  }

  /** Writes a run in one transaction, all or none, and answers the id of its first entry. */
  append(run: Run): number {
    const first = this.#last + 1
    let small = this.#small
    this.#transaction(() => {
      const block = blockOf(run, (name) => this.#codeOf(name))
      this.#count(block.kinds, 1)
      if (run.entries >= LARGE) small = this.#join(small)
      this.#insert(first, block)
      const { blocks, entries } = small
      if (run.entries >= LARGE) small = { first: first + run.entries, blocks: 0, entries: 0 }
      else small = { first: small.first, blocks: blocks + 1, entries: entries + run.entries }
      if (small.entries >= BLOCK) small = this.#join(small)
    })
    this.#small = small
    this.#last += run.entries
    return idOf(this.day, first)
  }

  /** Makes one block of the small ones at the end; answers those that are behind it: none. */
  #join({ first, blocks, entries }: Small): Small {
    if (blocks > 1) {
      const rows = this.#prepared('SELECT * FROM block WHERE first >= ? ORDER BY first').all(first)
      this.#prepared('DELETE FROM block WHERE first >= ?').run(first)
      this.#insert(first, joined(rows.map(blockOfRow)))
    }
    return { first: first + entries, blocks: 0, entries: 0 }
  }

  #insert(first: number, block: Block): void {
    this.#prepared('INSERT INTO block VALUES (?, ?, ?, ?, ?, ?, ?, ?)').run(...valuesOf(first, block))
  }

  /** Forgets the oldest block; its room in the file is used again. False if there is none but the newest. */
  forgetBlock(): boolean {
    const [oldest, next] = this.#prepared('SELECT first, kinds FROM block ORDER BY first LIMIT 2').all()
    // The newest block stays: positions are counted from it.
    if (!oldest || !next) return false
    this.#transaction(() => {
      if (oldest['kinds'] instanceof Uint8Array) this.#count(oldest['kinds'], -1)
      this.#prepared('DELETE FROM block WHERE first = ?').run(numberOf(oldest, 'first'))
    })
    return true
  }

  /** Bytes in use; what was forgotten is not counted, though the file does not shrink. */
  bytes(): number {
    const pages = this.#number('PRAGMA page_count') - this.#number('PRAGMA freelist_count')
    return pages * this.#number('PRAGMA page_size')
  }

  /** Whether the content is sound; reads all of it. */
  sound(): boolean {
    try {
      return this.#prepared('PRAGMA quick_check(1)').get()?.['quick_check'] === 'ok'
    } catch {
      return false
    }
  }

  /** Closes the file and leaves it without companions where nobody else reads it. */
  close(): void {
    try {
      this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE')
    } catch {
      // A reader is there, or the disk is full: the file stays as it is, whole, and the next to open it goes on.
    }
    this.#database.close()
  }

  #prepare(): void {
    const version = this.#number('PRAGMA user_version')
    if (version > SCHEMA_VERSION) throw new ForeignFile(version)
    if (version === 0) this.#database.exec('PRAGMA page_size = 8192')
    this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 16777216')
    if (version === 0) this.#transaction(() => this.#database.exec(SCHEMA))
    if (version !== 1) return
    const whole = (work: () => void) => this.#transaction(work)
    takeOver(this.#database, (name) => this.#codeOf(name), whole)
  }

  #codeOf(name: string): number {
    const known = this.#names.get(name)
    if (known !== undefined) return known
    this.#prepared('INSERT OR IGNORE INTO name (name) VALUES (?)').run(name)
    const code = this.#number('SELECT code FROM name WHERE name = ?', name)
    if (this.#names.size >= NAMES) this.#names.clear()
    this.#names.set(name, code)
    return code
  }

  #count(kinds: Uint8Array, sign: 1 | -1): void {
    const add = 'INSERT INTO tally VALUES (?, ?) ON CONFLICT DO UPDATE SET entries = entries + excluded.entries'
    const numbers = KINDS.map(() => 0)
    for (const kind of kinds) numbers[kind] = (numbers[kind] ?? 0) + sign
    for (const [kind, number] of numbers.entries()) if (number !== 0) this.#prepared(add).run(kind, number)
  }

  #transaction(work: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      work()
      this.#database.exec('COMMIT')
    } catch (error) {
      // Codes given in the transaction are gone with it.
      this.#names.clear()
      try {
        this.#database.exec('ROLLBACK')
      } catch {
        // It was rolled back.
      }
      throw error
    }
  }

  #prepared(query: string): StatementSync {
    const known = this.#statements.get(query)
    if (known) return known
    const statement = this.#database.prepare(query)
    this.#statements.set(query, statement)
    return statement
  }

  #number(query: string, ...values: (string | number)[]): number {
    const row = this.#prepared(query).get(...values)
    const value = row === undefined ? 0 : Object.values(row)[0]
    return typeof value === 'number' ? value : 0
  }
}

/** A file made by a later version of the module: it is set aside like a damaged one. */
class ForeignFile extends Error {
  constructor(version: number) {
    super(`The file has version ${version}, not ${SCHEMA_VERSION}.`)
  }
}

/** Whether an error says that a file is no sound database of ours (SQLITE_CORRUPT, SQLITE_NOTADB). */
export function damaged(error: unknown): boolean {
  return error instanceof ForeignFile || [11, 26].includes(sqliteCode(error))
}

/** Whether an error says that the writer has only begun to make the file, or has not taken it over yet. */
export function unfinished(error: unknown): boolean {
  return sqliteCode(error) === 1 && error instanceof Error && /^no such (?:table|column)/.test(error.message)
}

/** The primary result code of SQLite; 0 for other errors. */
export function sqliteCode(error: unknown): number {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : 0
  return typeof code === 'number' ? code & 0xff : 0
}

/** Keeps a damaged file under another name. Its companions cannot be used without it. */
export function setAside(path: string, now: number): string {
  const aside = damagedPath(path, now)
  renameSync(path, aside)
  for (const file of companionsOf(path)) rmSync(file, { force: true })
  return aside
}
