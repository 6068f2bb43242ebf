/** Following the log: what is stored from now on, in batches that a browser can keep up with. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Entry } from '../../journal/entry.ts'
import { matches, type Filter } from '../../journal/filter.ts'
import type { Journal } from '../../journal/journal.ts'
import { idOf } from '../../journal/row.ts'

export interface Batch {
  /** Oldest first; at most {@link BATCH}. */
  readonly entries: readonly Entry[]
  /** Whether there were more: the oldest are left out. */
  readonly skipped: boolean
  /** The next day has begun: nothing more comes. */
  readonly over: boolean
}

/** Entries of a batch, and milliseconds between two: more than that nobody reads. */
export const BATCH = 200
const BETWEEN = 300

/** Entries of the filter's day behind the one with the id `after`, as they are stored, until the signal or the end of the day. */
export async function* follow(
  journal: Pick<Journal, 'page' | 'subscribe'>,
  filter: Filter,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<Batch, void, undefined> {
  const inbox = new Inbox(filter, after)
  // Subscribed first: what comes while the page is read lies in the inbox, and the inbox takes no entry twice.
  const unsubscribe = journal.subscribe((stored) => inbox.add(stored()))
  try {
    inbox.add(await missed(journal, filter, after))
    while (!signal.aborted) {
      await inbox.filled(signal)
      if (signal.aborted) return
      const batch = inbox.take()
      yield batch
      if (batch.over) return
      await pause(BETWEEN, undefined, { signal, ref: false }).catch(() => undefined)
    }
  } finally {
    unsubscribe()
  }
}

/** What was stored since the page was made; of very many the newest. */
async function missed(journal: Pick<Journal, 'page'>, filter: Filter, after: number): Promise<readonly Entry[]> {
  const size = BATCH + 1
  const { entries, page } = await journal.page(filter, { page: 'last', size })
  const oldest = entries[0]
  if (page === 1 || oldest === undefined || oldest.id <= after) return entries
  return [...(await journal.page(filter, { page: page - 1, size })).entries, ...entries]
}

class Inbox {
  readonly #filter: Filter
  readonly #last: number
  #after: number
  #entries: Entry[] = []
  #skipped = false
  #over = false
  #wake: () => void = () => undefined

  constructor(filter: Filter, after: number) {
    this.#filter = filter
    this.#after = after
    this.#last = idOf(filter.day, 1e9 - 1)
  }

  add(entries: readonly Entry[]): void {
    const known = new Set(this.#entries.map(({ id }) => id))
    const fresh = entries.filter(({ id }) => id > this.#after && !known.has(id))
    if (fresh.some(({ id }) => id > this.#last)) this.#over = true
    const shown = fresh.filter((entry) => entry.id <= this.#last && matches(this.#filter, entry))
    this.#entries = [...this.#entries, ...shown].sort((one, other) => one.id - other.id)
    if (this.#entries.length > BATCH) {
      this.#entries.splice(0, this.#entries.length - BATCH)
      this.#skipped = true
    }
    if (this.#full) this.#wake()
  }

  /** Resolves once there is something to take, or on the signal. */
  async filled(signal: AbortSignal): Promise<void> {
    if (this.#full || signal.aborted) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const wake = () => resolve()
    this.#wake = wake
    signal.addEventListener('abort', wake)
    await promise
    signal.removeEventListener('abort', wake)
  }

  take(): Batch {
    const batch = { entries: this.#entries, skipped: this.#skipped, over: this.#over }
    this.#after = this.#entries.at(-1)?.id ?? this.#after
    this.#entries = []
    this.#skipped = false
    return batch
  }

  get #full(): boolean {
    return this.#entries.length > 0 || this.#over
  }
}
