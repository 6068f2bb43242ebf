/** The writing side of the log, as it runs in its worker: which file an entry goes to, what happens when a disk or a file fails. */
import { existsSync, mkdirSync } from 'node:fs'
import { Calendar } from './calendar.ts'
import { damaged, DayFile, setAside, sqliteCode } from './day-file.ts'
import type { Entry, NewEntry } from './entry.ts'
import { dayPath, daysIn, leftOpen, versionOf } from './folder.ts'
import { dropExcess, dropExpired } from './retention.ts'
import type { Retention } from './retention.ts'
import { SCHEMA_VERSION } from './row.ts'
import { entriesOf, OpenRun, runOf } from './run.ts'
import type { Run } from './run.ts'

/** What became of a run. Without a problem all of it was stored. */
export interface Appended {
  /** Of the first entries of the run, as many as were stored: the id of one, and how many got this and the next ones. */
  readonly stored: readonly { readonly first: number; readonly entries: number }[]
  /** What the store itself had to say, stored behind them. */
  readonly notices: readonly Entry[]
  /** Why the rest was not; it may be tried again. */
  readonly problem?: string
}

/** Today and the day before: clocks go back by seconds, and runs lie across midnight. */
const OPEN_FILES = 2
/** Blocks forgotten in one sweep: it must not hold up the writing for seconds. */
const FORGET_AT_ONCE = 200

export class Store {
  readonly #folder: string
  readonly #calendar: Calendar
  readonly #retention: Retention
  /** The last used is last. */
  readonly #files = new Map<string, DayFile>()
  /** What the store itself has to say; written with the next run. */
  readonly #notices: NewEntry[] = []

  constructor(options: { folder: string; timeZone: string; retention: Retention }) {
    this.#folder = options.folder
    this.#calendar = new Calendar(options.timeZone)
    this.#retention = options.retention
  }

  /** Writes entries in their order, each into the file of its day. Never throws. */
  append(run: Run): Appended {
    const stored: { first: number; entries: number }[] = []
    const notices: Entry[] = []
    try {
      for (const part of this.#daysOf(run)) stored.push({ first: this.#appendRun(part), entries: part.entries })
      for (let notice = this.#notices[0]; notice; notice = this.#notices[0]) {
        const said = runOf([notice], Date.now())
        const id = this.#appendRun(said)
        notices.push(...entriesOf(said).map((entry) => ({ ...entry, id })))
        this.#notices.shift()
      }
      return { stored, notices }
    } catch (error) {
      return { stored, notices, problem: problemOf(error) }
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

  /** Takes over what a process that was killed, or one of an earlier version, left in files of days; one at each step. */
  *settle(): Generator<void> {
    const today = this.#calendar.dayOf(Date.now())
    for (const day of daysIn(this.#folder)) {
      const path = dayPath(this.#folder, day)
      if (versionOf(path) >= SCHEMA_VERSION && (day === today || !leftOpen(path))) continue
      try {
        this.#open(day)
        this.#close(day)
      } catch {
        // Damaged, or the disk is at fault: whoever reads or writes it is told.
      }
      yield
    }
  }

  close(): void {
    for (const day of this.#files.keys()) this.#close(day)
  }

  /** The run in parts of one day each. */
  *#daysOf(run: Run): Generator<Run> {
    if (run.entries === 0) return
    if (this.#calendar.dayOf(run.oldest) === this.#calendar.dayOf(run.newest)) {
      yield run
      return
    }
    let part = new OpenRun()
    for (const entry of entriesOf(run)) {
      if (part.entries > 0 && this.#calendar.dayOf(part.newest) !== this.#calendar.dayOf(entry.time)) {
        yield part
        part = new OpenRun()
      }
      part.add(entry, entry.time)
    }
    yield part
  }

  #appendRun(run: Run): number {
    const day = this.#calendar.dayOf(run.oldest)
    try {
      return this.#open(day).append(run)
    } catch (error) {
      if (!damaged(error)) throw error
      this.#replace(day)
      return this.#open(day).append(run)
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
    this.#notices.push({ kind, event, text, time: Date.now() })
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
