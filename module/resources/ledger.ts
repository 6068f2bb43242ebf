/**
 * Whose bytes lie where, for quotas per user: every file that somebody with a quota stored, in a SQLite file that exists only
 * once there was a quota. A file that several appended to belongs to each by what they wrote.
 */
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS file (
    path TEXT NOT NULL, owner TEXT NOT NULL, bytes INTEGER NOT NULL, PRIMARY KEY (path, owner)
  ) WITHOUT ROWID, STRICT;`

/** Rows looked at in one go by a survey. */
const PAGE = 500

interface Share {
  readonly owner: string
  readonly bytes: number
}

/** What one user has stored and is storing. */
export interface Account {
  used: number
  /** Bytes promised to uploads that have not ended. */
  pending: number
}

export class Ledger {
  readonly #folder: string
  #database: DatabaseSync | undefined
  readonly #statements = new Map<string, StatementSync>()
  readonly #accounts = new Map<string, Account>()
  /** Rises with every change, so that a look at the disk notices what happened meanwhile. */
  changes = 0

  constructor(stateFolder: string) {
    this.#folder = stateFolder
    if (existsSync(join(stateFolder, 'ledger.sqlite'))) this.open()
  }

  /** Somebody has a quota: from now on files are written down. */
  open(): void {
    if (this.#database) return
    mkdirSync(this.#folder, { recursive: true })
    this.#database = new DatabaseSync(join(this.#folder, 'ledger.sqlite'))
    this.#database.exec(SCHEMA)
    this.resum()
  }

  /** Adds up anew what is written down: another process that still ends its uploads may have written as well. */
  resum(): void {
    for (const account of this.#accounts.values()) account.used = 0
    for (const row of this.#all('SELECT owner, sum(bytes) AS bytes FROM file GROUP BY owner')) {
      this.account(String(row['owner'])).used = Number(row['bytes'])
    }
  }

  /** Whether files are written down at all. */
  get active(): boolean {
    return this.#database !== undefined
  }

  account(owner: string): Account {
    let account = this.#accounts.get(owner)
    if (!account) this.#accounts.set(owner, (account = { used: 0, pending: 0 }))
    return account
  }

  /** A file has new content, all of it from this owner, or from nobody who is counted. */
  replace(path: string, owner: string | undefined, bytes: number): void {
    if (!this.#database) return
    this.remove(path)
    if (owner !== undefined) this.grow(path, owner, bytes)
  }

  /** The owner wrote so many bytes more. */
  grow(path: string, owner: string, bytes: number): void {
    if (!this.#database || bytes === 0) return
    this.#run(
      'INSERT INTO file VALUES (?, ?, ?) ON CONFLICT (path, owner) DO UPDATE SET bytes = bytes + excluded.bytes',
      path,
      owner,
      bytes,
    )
    this.account(owner).used += bytes
  }

  /** The file has become shorter: whoever wrote in it is credited until the sum fits. */
  shrink(path: string, size: number): void {
    if (!this.#database) return
    let excess = this.#sharesOf(path).reduce((sum, { bytes }) => sum + bytes, 0) - size
    for (const { owner, bytes } of this.#sharesOf(path)) {
      if (excess <= 0) return
      const credit = Math.min(bytes, excess)
      this.#run('UPDATE file SET bytes = bytes - ? WHERE path = ? AND owner = ?', credit, path, owner)
      this.account(owner).used -= credit
      excess -= credit
    }
  }

  /** The file is gone. */
  remove(path: string): void {
    if (!this.#database) return
    for (const { owner, bytes } of this.#sharesOf(path)) this.account(owner).used -= bytes
    this.#run('DELETE FROM file WHERE path = ?', path)
  }

  /** A file or a folder has another path; what was there before is gone. */
  rename(from: string, to: string): void {
    if (!this.#database || from === to) return
    this.remove(to)
    // Of a folder that others removed, files may still be written down here.
    for (const gone of this.below(to)) for (const path of gone) this.remove(path)
    this.#run('UPDATE file SET path = ? WHERE path = ?', to, from)
    // '0' follows '/': the range holds exactly the paths below the folder.
    this.#run(
      'UPDATE file SET path = ? || substr(path, ?) WHERE path > ? AND path < ?',
      `${to}/`,
      from.length + 2,
      `${from}/`,
      `${from}0`,
    )
  }

  /** Paths below a folder that are written down, in pages, for a survey. */
  *below(folder: string): Generator<readonly string[]> {
    let after = `${folder}/`
    for (;;) {
      const rows = this.#all(
        'SELECT DISTINCT path FROM file WHERE path > ? AND path < ? ORDER BY path LIMIT ?',
        after,
        `${folder}0`,
        PAGE,
      )
      const paths = rows.map((row) => String(row['path']))
      if (paths.length === 0) return
      yield paths
      after = paths.at(-1) ?? after
    }
  }

  close(): void {
    this.#database?.close()
    this.#database = undefined
    this.#statements.clear()
  }

  #sharesOf(path: string): Share[] {
    return this.#all('SELECT owner, bytes FROM file WHERE path = ?', path).map((row) => ({
      owner: String(row['owner']),
      bytes: Number(row['bytes']),
    }))
  }

  #statement(sql: string): StatementSync | undefined {
    let statement = this.#statements.get(sql)
    if (!statement && this.#database) this.#statements.set(sql, (statement = this.#database.prepare(sql)))
    return statement
  }

  #run(sql: string, ...values: (string | number)[]): void {
    this.changes += 1
    this.#statement(sql)?.run(...values)
  }

  #all(sql: string, ...values: (string | number)[]): Record<string, unknown>[] {
    return this.#statement(sql)?.all(...values) ?? []
  }
}
