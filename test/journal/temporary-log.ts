/** A journal in a temporary folder, and entries to put into it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Entry, NewEntry } from '../../module/journal/entry.ts'
import type { Filter } from '../../module/journal/filter.ts'
import { openJournal } from '../../module/journal/journal.ts'
import type { Journal, JournalOptions } from '../../module/journal/journal.ts'

export const DAY = '2026-10-20'
/** Noon of {@link DAY} in UTC. */
export const NOON = Date.parse(`${DAY}T12:00:00Z`)

export async function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'journal-'))
}

/** A journal of UTC that keeps everything. Dispose of it with `await using`. */
export async function temporaryLog(options: Partial<JournalOptions> = {}): Promise<TemporaryLog> {
  const folder = await temporaryFolder()
  return new TemporaryLog(folder, await openJournal({ folder, ...KEEP, ...options }))
}

export const KEEP = { timeZone: 'UTC', retention: { days: 36_500, megabytes: 1000 } } as const

export class TemporaryLog implements AsyncDisposable {
  readonly folder: string
  journal: Journal

  constructor(folder: string, journal: Journal) {
    this.folder = folder
    this.journal = journal
  }

  /** Stores entries, by default at noon of the test's day. */
  async write(...entries: readonly Partial<NewEntry>[]): Promise<void> {
    for (const given of entries) this.journal.record(entry(given))
    await this.journal.flush()
  }

  /** All that a filter shows. */
  async all(filter: Partial<Filter> = {}): Promise<readonly Entry[]> {
    return (await this.journal.page({ day: DAY, ...filter }, { page: 1, size: 1000 })).entries
  }

  async texts(filter: Partial<Filter> = {}): Promise<string[]> {
    return (await this.all(filter)).map(({ text }) => text)
  }

  async exported(format: 'csv' | 'jsonl' | 'text', filter: Partial<Filter> = {}): Promise<string> {
    let text = ''
    for await (const piece of this.journal.export({ day: DAY, ...filter }, format)) text += piece
    return text
  }

  /** Closes the journal and opens it again. */
  async reopen(options: Partial<JournalOptions> = {}): Promise<void> {
    await this.journal.close()
    this.journal = await openJournal({ folder: this.folder, ...KEEP, ...options })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.journal.close()
    await rm(this.folder, { recursive: true, force: true })
  }
}

export function entry(given: Partial<NewEntry> = {}): NewEntry {
  return { kind: 'message', event: 'command', text: 'NOOP', time: NOON, ...given }
}
