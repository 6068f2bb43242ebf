/** Entries on their way to the writing worker: a bounded queue emptied in batches, one batch under way at a time. */
import { cleanEntry, weightOf } from './entry.ts'
import type { CleanEntry, Entry } from './entry.ts'
import type { Appended } from './store.ts'

/** What the queue does with a batch: stores it. `again` says that the batch was tried before. */
export type Append = (entries: readonly CleanEntry[], again: boolean) => Promise<Appended>

/** How long an entry waits for others, milliseconds, and how many go together: copying more at once would hold up the event loop. */
const BATCH = { milliseconds: 250, entries: 250 }
/** What may wait; beyond, entries are dropped and counted. The second bound is characters. */
const WAITING = { entries: 20_000, characters: 8_000_000 }
/** Milliseconds before a batch that could not be stored is tried again. */
const RETRY = 1000

export interface QueueState {
  readonly waiting: number
  /** Entries that were lost since the start. */
  readonly dropped: number
  /** Why entries are not being stored at present. */
  readonly problem?: string
}

export class Queue {
  readonly #append: Append
  readonly #stored: (entries: () => readonly Entry[]) => void
  readonly #entries: { entry: CleanEntry; weight: number }[] = []
  #weight = 0
  #timer: NodeJS.Timeout | undefined
  #sending: Promise<void> | undefined
  #again = false
  #closing = false
  #dropped = 0
  /** Dropped, and not said yet. */
  #untold = 0
  #problem: string | undefined
  #lastProblem: string | undefined

  /** `stored` is told of what has been stored; it asks for the entries where somebody wants them. */
  constructor(append: Append, stored: (entries: () => readonly Entry[]) => void) {
    this.#append = append
    this.#stored = stored
  }

  push(entry: CleanEntry): void {
    const weight = weightOf(entry)
    if (this.#entries.length >= WAITING.entries || this.#weight + weight > WAITING.characters) return this.drop()
    this.#entries.push({ entry, weight })
    this.#weight += weight
    if (this.#entries.length >= BATCH.entries && !this.#problem) this.#send()
    else this.#wait(BATCH.milliseconds)
  }

  /** Counts an entry as lost. */
  drop(): void {
    this.#dropped++
    this.#untold++
    this.#wait(BATCH.milliseconds)
  }

  state(): QueueState {
    const state = { waiting: this.#entries.length, dropped: this.#dropped }
    return this.#problem === undefined ? state : { ...state, problem: this.#problem }
  }

  /** Resolves once everything that waits now is stored, or could not be. */
  async flush(): Promise<void> {
    for (let left = this.#entries.length + (this.#untold > 0 ? 1 : 0); left > 0; left -= BATCH.entries) {
      await this.#sending
      this.#send()
      await this.#sending
      if (this.#problem) return
    }
    await this.#sending
  }

  /** Stores what it can and takes nothing more. */
  async close(): Promise<void> {
    await this.flush()
    this.#closing = true
    clearTimeout(this.#timer)
  }

  #wait(milliseconds: number): void {
    if (this.#timer || this.#sending || this.#closing) return
    this.#timer = setTimeout(() => this.#send(), milliseconds).unref()
  }

  #send(): void {
    if (this.#sending || this.#closing) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#tellDropped()
    if (this.#entries.length === 0) return
    this.#sending = this.#sendBatch().finally(() => {
      this.#sending = undefined
      if (this.#entries.length === 0) return
      if (this.#problem || this.#entries.length < BATCH.entries) this.#wait(this.#problem ? RETRY : BATCH.milliseconds)
      else this.#send()
    })
  }

  async #sendBatch(): Promise<void> {
    const batch = this.#entries.slice(0, BATCH.entries).map(({ entry }) => entry)
    let answer: Appended
    try {
      answer = await this.#append(batch, this.#again)
    } catch {
      answer = { ids: [], notices: [], problem: 'The log cannot be written.' }
    }
    this.#problem = answer.problem
    if (answer.problem !== undefined) this.#lastProblem = answer.problem
    this.#again = answer.problem !== undefined
    for (const { weight } of this.#entries.splice(0, answer.ids.length)) this.#weight -= weight
    if (answer.ids.length + answer.notices.length === 0) return
    const entries = () => answer.ids.flatMap((id, index) => (batch[index] ? [{ ...batch[index], id }] : []))
    this.#stored(() => [...entries(), ...answer.notices])
  }

  // Said as soon as something can be stored again: an entry more never matters to the bounds.
  #tellDropped(): void {
    if (this.#untold === 0 || this.#problem) return
    const reason = this.#lastProblem ?? 'They came faster than they could be written.'
    const text = `${this.#untold} ${this.#untold === 1 ? 'entry' : 'entries'} of the log were lost. ${reason}`
    const entry = cleanEntry({ kind: 'error', event: 'journal-lost', text }, Date.now())
    this.#entries.push({ entry, weight: 0 })
    this.#untold = 0
    this.#lastProblem = undefined
  }
}
