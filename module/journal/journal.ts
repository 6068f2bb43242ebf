/** The log as the rest of the module sees it: takes events and notices without ever holding anybody up, answers pages. */
import { extname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Observer } from '../ftp/events.ts'
import { Calendar } from './calendar.ts'
import type { Entry, NewEntry } from './entry.ts'
import { entryFor } from './entry-for.ts'
import type { Format } from './export.ts'
import type { Filter, Page, PageRequest } from './filter.ts'
import { Queue } from './queue.ts'
import type { QueueState } from './queue.ts'
import type { DayTally, Piece } from './queries.ts'
import type { QueryMethods } from './query-worker.ts'
import type { Retention } from './retention.ts'
import type { Run } from './run.ts'
import { SessionContext } from './session-context.ts'
import type { Appended } from './store.ts'
import type { StoreData, StoreMethods } from './store-worker.ts'
import type { SyslogOptions } from './syslog.ts'
import type { TrailPiece, TrailRequest } from './trail.ts'
import { WorkerError, WorkerLink } from './worker-link.ts'

export interface JournalOptions {
  /** Made if missing; one file for each day. */
  readonly folder: string
  /** IANA name: where a day begins and ends. Throws a RangeError if there is no such zone. */
  readonly timeZone: string
  readonly retention: Retention
  readonly syslog?: SyslogOptions
  /** Whether commands and replies are logged; absent = yes. */
  readonly commands?: boolean
}

export interface Journal {
  /** Observer of the engine; never throws, never waits. */
  readonly observe: Observer
  /** Takes what is no event of the engine: an administrator's change, a state of the service, a notice. Never throws, never waits. */
  record(entry: NewEntry): void
  /** The days of a month, written `2026-10`, that have entries. */
  days(month: string): Promise<readonly DayTally[]>
  page(filter: Filter, request: PageRequest): Promise<Page>
  /** What sessions did that rules decide about, newest first; ask on with `next`. */
  trail(request: TrailRequest): Promise<TrailPiece>
  /** The entries of a session, oldest first, over all days; the newest 10,000. */
  story(session: string): Promise<readonly Entry[]>
  /** Exactly the entries that the filter shows when it begins, in pieces of text; reads on only as it is read. */
  export(filter: Filter, format: Format): AsyncIterable<string>
  /** Calls the listener as soon as entries are stored, with a way to get at them; answers how to stop that. */
  subscribe(listener: (stored: () => readonly Entry[]) => void): () => void
  /** Applies other options to what comes from now on; nothing taken is lost. */
  change(options: Omit<JournalOptions, 'folder'>): Promise<void>
  /** The day that now is. */
  today(): string
  state(): QueueState
  /** Resolves once everything taken so far is stored, or could not be. */
  flush(): Promise<void>
  /** Stores what was taken, then gives up the folder; waits at most 10 seconds. */
  close(): Promise<void>
}

/** Milliseconds for the last run, and for the files. */
const CLOSING = 5000

/** Opens the log. A folder that cannot be written is no error: entries wait, then are dropped, and `state` says why. */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const journal = new FileJournal(options)
  await journal.ready()
  return journal
}

class FileJournal implements Journal {
  #commands: boolean
  #calendar: Calendar
  readonly #folder: string
  #store: WorkerLink<StoreMethods>
  #queries: WorkerLink<QueryMethods>
  readonly #queue: Queue
  /** Ends with the last run given to the writer. */
  #appending: Promise<unknown> = Promise.resolve()
  readonly #context = new SessionContext()
  readonly #listeners = new Set<(stored: () => readonly Entry[]) => void>()

  constructor(options: JournalOptions) {
    this.#folder = options.folder
    this.#commands = options.commands ?? true
    this.#calendar = new Calendar(options.timeZone)
    this.#store = storeLink(options)
    this.#queries = queryLink(options)
    this.#queue = new Queue(
      (run, again) => this.#append(run, again),
      (entries) => this.#publish(entries),
    )
  }

  /** Resolves once the workers run, or broke. */
  async ready(): Promise<void> {
    await Promise.allSettled([this.#store.call('ready'), this.#queries.call('ready')])
  }

  readonly observe: Observer = (event) => {
    // Thousands of these a second are looked at no further.
    if (event.kind === 'transfer-progress') return
    if (!this.#commands && (event.kind === 'command' || event.kind === 'reply')) return
    try {
      const entry = entryFor(event, this.#context.of(event))
      if (entry) this.record(entry)
    } catch {
      this.#queue.drop()
    }
  }

  record(entry: NewEntry): void {
    try {
      this.#queue.push(entry)
    } catch {
      this.#queue.drop()
    }
  }

  days(month: string): Promise<readonly DayTally[]> {
    return this.#ask(() => this.#queries.call('days', month), [])
  }

  page(filter: Filter, request: PageRequest): Promise<Page> {
    const nothing = { entries: [], page: 1, pages: 1, total: 0, through: 0 }
    return this.#ask(() => this.#queries.call('page', filter, request), nothing)
  }

  trail(request: TrailRequest): Promise<TrailPiece> {
    return this.#ask(() => this.#queries.call('trail', request), { rows: [], looked: 0 })
  }

  story(session: string): Promise<readonly Entry[]> {
    return this.#ask(() => this.#queries.call('story', session), [])
  }

  async *export(filter: Filter, format: Format): AsyncGenerator<string, void, undefined> {
    let piece: Piece = { text: '', after: 0, through: 0, end: false }
    for (let through: number | undefined; !piece.end; through = piece.through) {
      piece = await this.#queries.call('piece', filter, format, piece.after, through)
      if (piece.text) yield piece.text
    }
  }

  subscribe(listener: (stored: () => readonly Entry[]) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async change(options: Omit<JournalOptions, 'folder'>): Promise<void> {
    const data = { ...options, folder: this.#folder }
    this.#calendar = new Calendar(data.timeZone)
    this.#commands = data.commands ?? true
    const queries = this.#queries
    this.#queries = queryLink(data)
    // One writer at a time: the new one starts when the old one has closed its files.
    const store = this.#store
    this.#appending = this.#appending.then(() => closeStore(store))
    this.#store = storeLink(data)
    await Promise.all([this.#appending, queries.terminate()])
  }

  today(): string {
    return this.#calendar.dayOf(Date.now())
  }

  state(): QueueState {
    return this.#queue.state()
  }

  flush(): Promise<void> {
    return this.#queue.flush()
  }

  async close(): Promise<void> {
    // Readers first: the writer then leaves files without companions.
    await this.#queries.terminate()
    await Promise.race([this.#queue.close(), pause(CLOSING, undefined, { ref: false })])
    await closeStore(this.#store)
  }

  #append(run: Run, again: boolean): Promise<Appended> {
    // The writer of now, though another may have taken its place when its turn comes.
    const store = this.#store
    const appended = this.#appending.then(() => store.call('append', run, again))
    this.#appending = appended.catch(() => undefined)
    return appended
  }

  /** A day whose file is damaged shows nothing; it is set aside and the log says so. */
  async #ask<Value>(call: () => Promise<Value>, nothing: Value): Promise<Value> {
    try {
      return await call()
    } catch (error) {
      const day = error instanceof WorkerError ? error.damagedDay : undefined
      if (day === undefined) throw error
      const { notices } = await this.#store.call('inspect', day)
      if (notices.length > 0) this.#publish(() => notices)
      return nothing
    }
  }

  #publish(make: () => readonly Entry[]): void {
    let made: readonly Entry[] | undefined
    const stored = () => (made ??= make())
    for (const listener of this.#listeners) {
      try {
        listener(stored)
      } catch {
        // A listener that fails must not cost the others their entries.
      }
    }
  }
}

function storeLink({ folder, timeZone, retention, syslog }: JournalOptions): WorkerLink<StoreMethods> {
  const data: StoreData = { folder, timeZone, retention, ...(syslog && { syslog }) }
  return new WorkerLink(workerFile('store-worker'), data)
}

function queryLink({ folder, timeZone }: JournalOptions): WorkerLink<QueryMethods> {
  return new WorkerLink(workerFile('query-worker'), { folder, timeZone })
}

/** Lets the writer close its files and ends it; waits at most 5 seconds. */
async function closeStore(store: WorkerLink<StoreMethods>): Promise<void> {
  await Promise.race([store.call('close').catch(() => undefined), pause(CLOSING, undefined, { ref: false })])
  await store.terminate()
}

/** The file of a worker beside this one, as source or as compiled. */
function workerFile(name: string): URL {
  return new URL(`./${name}${extname(import.meta.url)}`, import.meta.url)
}
