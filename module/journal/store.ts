/** The writing side of the log, as it runs in its worker: which file an entry goes to, what happens when a disk or a file fails. */
import { existsSync, mkdirSync } from 'node:fs'
import { Calendar } from './calendar.ts'
import { damaged, DayFile, setAside, sqliteCode } from './day-file.ts'
import { cleanEntry } from './entry.ts'
import type { CleanEntry, Entry } from './entry.ts'
import { dayPath, daysIn, leftOpen } from './folder.ts'
import { dropExcess, dropExpired } from './retention.ts'
import type { Retention } from './retention.ts'

/** What became of a batch. Without a problem all of it was stored. */
export interface Appended {
  /** Of the first entries of the batch, as many as were stored. */
  readonly ids: readonly number[]
  /** What the store itself had to say, stored behind them. */
  readonly notices: readonly Entry[]
  /** Why the rest was not; it may be tried again. */
  readonly problem?: string
}

/** Today and the day before: clocks go back by seconds, and batches lie across midnight. */
const OPEN_FILES = 2
/** Blocks forgotten in one sweep: it must not hold up the writing for seconds. */
const FORGET_AT_ONCE = 200

export class Store {
  readonly #folder: string
  readonly #calendar: Calendar
  readonly #retention: Retention
  /** The last used is last. */
  readonly #files = new Map<string, DayFile>()
  /** What the store itself has to say; written with the next batch. */
  readonly #notices: CleanEntry[] = []

  constructor(options: { folder: string; timeZone: string; retention: Retention }) {
    this.#folder = options.folder
    this.#calendar = new Calendar(options.timeZone)
    this.#retention = options.retention
  }

  /** Writes entries in their order, each into the file of its day. Never throws. */
  append(entries: readonly CleanEntry[]): Appended {
    const ids: number[] = []
    const notices: Entry[] = []
    try {
      for (const run of this.#runsOf(entries)) ids.push(...this.#appendRun(run))
      for (let notice = this.#notices[0]; notice; notice = this.#notices[0]) {
        const [id] = this.#appendRun([notice])
        if (id !== undefined) notices.push({ ...notice, id })
        this.#notices.shift()
      }
      return { ids, notices }
    } catch (error) {
      return { ids, notices, problem: problemOf(error) }
    }
  }

  /** Sets a day's file aside if it is damaged after all; a reader found it to be. */
  inspect(day: string): void {
    try {
      if (!this.#open(day).sound()) this.#replace(day)
    } catch {
      // The disk is at fault, not the file.
    }
  }

  /** Forgets days that are too old by the clock as it is now. */
  expire(): void {
    const today = this.#calendar.dayOf(Date.now())
    for (const [day] of this.#files) if (day < today) this.#close(day)
    const days = dropExpired(this.#folder, today, this.#retention)
    if (days.length > 0) this.#say('status', 'journal-expired', `Forgot the log of ${listOf(days)}.`)
  }

  /** Forgets the oldest until the log is no larger than it may be. */
  shrink(): void {
    const open = new Map([...this.#files].map(([day, file]) => [day, file.bytes()]))
    const { days, excess } = dropExcess(this.#folder, open, this.#retention)
    if (days.length > 0) this.#say('status', 'journal-expired', `Forgot the log of ${listOf(days)}: it was too large.`)
    const [file] = this.#files.values()
    if (!file) return
    const enough = file.bytes() - excess
    for (let count = 0; count < FORGET_AT_ONCE && file.bytes() > enough; count++) if (!file.forgetBlock()) break
  }

  /** Takes over what a run that was killed left in files of past days. */
  settle(): void {
    const today = this.#calendar.dayOf(Date.now())
    for (const day of daysIn(this.#folder)) {
      if (day === today || !leftOpen(dayPath(this.#folder, day))) continue
      this.#open(day)
      this.#close(day)
    }
  }

  close(): void {
    for (const day of this.#files.keys()) this.#close(day)
  }

  *#runsOf(entries: readonly CleanEntry[]): Generator<readonly CleanEntry[]> {
    let start = 0
    for (let end = 1; end <= entries.length; end++) {
      if (end < entries.length && this.#dayOf(entries[end]) === this.#dayOf(entries[start])) continue
      yield entries.slice(start, end)
      start = end
    }
  }

  #dayOf(entry: CleanEntry | undefined): string {
    return this.#calendar.dayOf(entry?.time ?? 0)
  }

  #appendRun(entries: readonly CleanEntry[]): number[] {
    const day = this.#dayOf(entries[0])
    try {
      return this.#open(day).append(entries)
    } catch (error) {
      if (!damaged(error)) throw error
      this.#replace(day)
      return this.#open(day).append(entries)
    }
  }

  #open(day: string): DayFile {
    const path = dayPath(this.#folder, day)
    const known = this.#files.get(day)
    this.#files.delete(day)
    // A file that somebody removed would take entries for ever without anybody seeing them.
    if (known && existsSync(path)) {
      this.#files.set(day, known)
      return known
    }
    known?.close()
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    const file = new DayFile(path, day)
    this.#files.set(day, file)
    for (const [oldest] of this.#files) if (this.#files.size > OPEN_FILES) this.#close(oldest)
    return file
  }

  #replace(day: string): void {
    this.#close(day)
    setAside(dayPath(this.#folder, day), Date.now())
    this.#say('error', 'journal-damaged', `The log of ${day} was damaged; it was set aside and a new one begun.`)
  }

  #close(day: string): void {
    this.#files.get(day)?.close()
    this.#files.delete(day)
  }

  #say(kind: 'status' | 'error', event: string, text: string): void {
    this.#notices.push(cleanEntry({ kind, event, text }, Date.now()))
  }
}

function listOf(days: readonly string[]): string {
  return days.length > 3 ? `${days[0]} to ${days.at(-1)}` : days.join(', ')
}

/** A sentence without paths of the disk. */
function problemOf(error: unknown): string {
  switch (sqliteCode(error)) {
    case 13:
      return 'The disk of the log is full.'
    case 8:
      return 'The disk of the log is read-only.'
    case 14:
      return 'The file of the log cannot be opened.'
    case 10:
      return 'The disk of the log fails.'
    default:
      return `The log cannot be written: ${error instanceof Error && 'code' in error ? String(error.code) : 'unexpected error'}.`
  }
}
