/** Entries on their way to the writing worker: a bounded queue emptied in runs, one run under way at a time. */
import type { Entry, NewEntry } from './entry.ts'
import { entriesOf, OpenRun, runOf } from './run.ts'
import type { Run } from './run.ts'
import type { Appended } from './store.ts'

/** What the queue does with a run: stores it. `again` says that the run was tried before. */
export type Append = (run: Run, again: boolean) => Promise<Appended>

/** How long an entry waits for others, milliseconds, and how many go together: some hundred kilobytes of text. */
const TOGETHER = { milliseconds: 250, entries: 1000 }
/** What may wait; beyond, entries are dropped and counted. The second bound is characters. */
const WAITING = { entries: 20_000, characters: 8_000_000 }
/** Milliseconds before a run that could not be stored is tried again. */
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
  /** Runs that wait, the oldest first; the last one is still being written. */
  readonly #runs: OpenRun[] = [new OpenRun()]
  #waiting = 0
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

  push(entry: NewEntry): void {
    if (this.#waiting >= WAITING.entries || this.#weight >= WAITING.characters) return this.drop()
    const run = this.#add(entry)
    if (run.entries >= TOGETHER.entries && !this.#problem) this.#send()
    else this.#wait(TOGETHER.milliseconds)
  }

  /** Counts an entry as lost. */
  drop(): void {
    this.#dropped++
    this.#untold++
    this.#wait(TOGETHER.milliseconds)
  }

  state(): QueueState {
    const state = { waiting: this.#waiting, dropped: this.#dropped }
    return this.#problem === undefined ? state : { ...state, problem: this.#problem }
  }

  /** Resolves once everything that waits now is stored, or could not be. */
  async flush(): Promise<void> {
    for (let left = this.#runs.length + (this.#untold > 0 ? 1 : 0); left > 0; left--) {
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

  #add(entry: NewEntry): OpenRun {
    let run = this.#runs.at(-1)
    if (!run || run.entries >= TOGETHER.entries) this.#runs.push((run = new OpenRun()))
    const before = run.weight
    run.add(entry, Date.now())
    this.#waiting++
    this.#weight += run.weight - before
    return run
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
    const [run] = this.#runs
    if (!run || run.entries === 0) return
    // Nothing more goes into a run that is under way.
    if (this.#runs.length === 1) this.#runs.push(new OpenRun())
    this.#sending = this.#sendRun(run).finally(() => {
      this.#sending = undefined
      if (this.#waiting === 0) return
      const full = (this.#runs[0]?.entries ?? 0) >= TOGETHER.entries
      if (this.#problem || !full) this.#wait(this.#problem ? RETRY : TOGETHER.milliseconds)
      else this.#send()
    })
  }

  async #sendRun(run: OpenRun): Promise<void> {
    let answer: Appended
    try {
      answer = await this.#append(run.closed(), this.#again)
    } catch {
      answer = { stored: [], notices: [], problem: 'The log cannot be written.' }
    }
    this.#problem = answer.problem
    if (answer.problem !== undefined) this.#lastProblem = answer.problem
    this.#again = answer.problem !== undefined
    const stored = answer.stored.reduce((sum, { entries }) => sum + entries, 0)
    this.#forget(run, stored)
    if (stored + answer.notices.length > 0) this.#stored(() => [...storedOf(run, answer), ...answer.notices])
  }

  /** Takes out of the oldest run what was stored. */
  #forget(run: OpenRun, stored: number): void {
    if (stored === 0) return
    const rest = stored < run.entries ? runOf(entriesOf(run).slice(stored), 0) : new OpenRun()
    this.#runs.splice(0, 1, ...(rest.entries > 0 ? [rest] : []))
    this.#waiting -= stored
    this.#weight -= run.weight - rest.weight
  }

  // Said as soon as something can be stored again: an entry more never matters to the bounds.
  #tellDropped(): void {
    if (this.#untold === 0 || this.#problem) return
    const reason = this.#lastProblem ?? 'They came faster than they could be written.'
    const text = `${this.#untold} ${this.#untold === 1 ? 'entry' : 'entries'} of the log were lost. ${reason}`
    this.#add({ kind: 'error', event: 'journal-lost', text })
    this.#untold = 0
    this.#lastProblem = undefined
  }
}

/** The entries that were stored, with their ids. */
function storedOf(run: Run, { stored }: Appended): Entry[] {
  const ids = stored.flatMap(({ first, entries }) => Array.from({ length: entries }, (_, index) => first + index))
  return entriesOf(run)
    .slice(0, ids.length)
    .map((entry, index) => ({ ...entry, id: ids[index] ?? 0 }))
}
