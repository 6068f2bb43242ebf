/** The file of one day, as its one writer holds it: appends entries, packs full blocks, counts, forgets the oldest. */
import { closeSync, openSync, renameSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { SQLInputValue, StatementSync } from 'node:sqlite'
import { BLOCK, packBlock } from './block.ts'
import { KINDS } from './entry.ts'
import type { CleanEntry } from './entry.ts'
import { companionsOf, damagedPath } from './folder.ts'
import { addValues, entryOf, idOf, insertEntries, numberOf, SCHEMA, SCHEMA_VERSION } from './row.ts'

/** Entries written by one statement: to run it costs as much as a row. More at once gain nothing. */
const TOGETHER = 5
/** Names remembered; beyond, they are looked up again. */
const NAMES = 20_000

export class DayFile {
  readonly day: string
  readonly #database: DatabaseSync
  readonly #insert: StatementSync
  readonly #insertSome: StatementSync
  readonly #names = new Map<string, number>()
  /** The entries behind the last full block. */
  #loose: CleanEntry[]
  #last: number

  /** Opens or makes the file. Throws SQLite's error, see {@link damaged}. */
  constructor(path: string, day: string) {
    this.day = day
    // SQLite gives its companions the mode of the file: names and addresses are nobody else's business.
    closeSync(openSync(path, 'a', 0o600))
    this.#database = new DatabaseSync(path, { timeout: 2000 })
    try {
      this.#prepare()
      this.#insert = this.#database.prepare(insertEntries(1))
      this.#insertSome = this.#database.prepare(insertEntries(TOGETHER))
      const sealed = this.#number('SELECT coalesce(max(first) + ?, 0) FROM block', BLOCK - 1)
      const rows = this.#database.prepare('SELECT * FROM entry WHERE position > ? ORDER BY position').all(sealed)
      this.#loose = rows.map((row) => entryOf(day, row))
      this.#last = sealed + rows.length
    } catch (error) {
      this.#database.close()
      throw error
    }
  }

  /** Writes entries in one transaction, all or none, and answers their ids. */
  append(entries: readonly CleanEntry[]): number[] {
    const loose = [...this.#loose, ...entries]
    const last = this.#last + entries.length
    this.#transaction(() => {
      this.#write(entries)
      while (loose.length >= BLOCK) this.#seal(last - loose.length + 1, loose.splice(0, BLOCK))
      this.#count(entries, 1)
    })
    const before = idOf(this.day, this.#last)
    const ids = entries.map((_, index) => before + index + 1)
    this.#loose = loose
    this.#last = last
    return ids
  }

  #write(entries: readonly CleanEntry[]): void {
    for (let at = 0; at < entries.length;) {
      const number = entries.length - at < TOGETHER ? 1 : TOGETHER
      const values: SQLInputValue[] = []
      for (const entry of entries.slice(at, at + number)) addValues(values, this.#last + ++at, entry)
      ;(number === 1 ? this.#insert : this.#insertSome).run(...values)
    }
  }

  /** Forgets the oldest full block; its room in the file is used again. False if there is none but the newest. */
  forgetBlock(): boolean {
    // The newest block stays: positions are counted from it.
    if (this.#number('SELECT count(*) FROM block') < 2) return false
    const first = this.#number('SELECT min(first) FROM block')
    this.#transaction(() => {
      const kinds = 'SELECT kind, count(*) AS n FROM entry WHERE position < ? GROUP BY kind'
      for (const row of this.#database.prepare(kinds).all(first + BLOCK)) {
        this.#add(numberOf(row, 'kind'), -numberOf(row, 'n'))
      }
      this.#database.prepare('DELETE FROM entry WHERE position < ?').run(first + BLOCK)
      this.#database.prepare('DELETE FROM block WHERE first = ?').run(first)
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
      return this.#database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'] === 'ok'
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
    if (version !== 0 && version !== SCHEMA_VERSION) throw new ForeignFile(version)
    if (version === 0) this.#database.exec('PRAGMA page_size = 8192')
    this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 16777216')
    if (version === 0) this.#transaction(() => this.#database.exec(SCHEMA))
  }

  #seal(first: number, entries: CleanEntry[]): void {
    const { kinds, users, sessions, text } = packBlock(entries, (name) => this.#codeOf(name))
    const insert = this.#database.prepare('INSERT INTO block VALUES (?, ?, ?, ?, ?)')
    insert.run(first, kinds, octets(users), octets(sessions), text)
  }

  #codeOf(name: string): number {
    const known = this.#names.get(name)
    if (known !== undefined) return known
    this.#database.prepare('INSERT OR IGNORE INTO name (name) VALUES (?)').run(name)
    const code = this.#number('SELECT code FROM name WHERE name = ?', name)
    if (this.#names.size >= NAMES) this.#names.clear()
    this.#names.set(name, code)
    return code
  }

  #count(entries: readonly CleanEntry[], sign: 1 | -1): void {
    for (const [code, kind] of KINDS.entries()) {
      const number = entries.filter((entry) => entry.kind === kind).length
      if (number > 0) this.#add(code, sign * number)
    }
  }

  #add(kind: number, number: number): void {
    const add = 'INSERT INTO tally VALUES (?, ?) ON CONFLICT DO UPDATE SET entries = entries + excluded.entries'
    this.#database.prepare(add).run(kind, number)
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

  #number(query: string, ...values: (string | number)[]): number {
    const row = this.#database.prepare(query).get(...values)
    const value = row === undefined ? 0 : Object.values(row)[0]
    return typeof value === 'number' ? value : 0
  }
}

/** A file made by another version of the module: it is set aside like a damaged one. */
class ForeignFile extends Error {
  constructor(version: number) {
    super(`The file has version ${version}, not ${SCHEMA_VERSION}.`)
  }
}

/** Whether an error says that a file is no sound database of ours (SQLITE_CORRUPT, SQLITE_NOTADB). */
export function damaged(error: unknown): boolean {
  return error instanceof ForeignFile || [11, 26].includes(sqliteCode(error))
}

/** Whether an error says that the writer has only begun to make the file: it has no tables yet. */
export function unfinished(error: unknown): boolean {
  return sqliteCode(error) === 1 && error instanceof Error && error.message.startsWith('no such table')
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

function octets(column: Uint32Array): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength)
}
