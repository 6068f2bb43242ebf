/** What the start page hears while it is open: parts that have changed, and a sample of the throughput each time there is one. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Entry } from '../../journal/entry.ts'
import { SAMPLE } from '../../service/statistics.ts'
import type { WebContext } from '../context.ts'
import type { LiveMessage } from '../live.ts'
import type { WebParts } from '../parts.ts'
import { renderText } from '../views.ts'
import { lastEntries } from './last-entries.ts'
import * as view from './parts.ts'

/** Milliseconds between two messages: nobody reads faster. */
const BETWEEN = 300

/** Messages until the signal: `samples` at first, `sample` from then on, and without a name the parts to be replaced. */
export async function* liveParts(
  ctx: WebContext,
  parts: WebParts,
  signal: AbortSignal,
): AsyncGenerator<LiveMessage, void, undefined> {
  const { journal, statistics } = parts.service
  const page = new OpenPage(ctx, parts)
  const stop = [parts.service.subscribe(() => page.wake()), journal.subscribe((stored) => page.add(stored()))]
  try {
    page.add(await lastEntries(journal, view.ENTRIES))
    yield { event: 'samples', data: JSON.stringify(view.points(statistics.samples())) }
    let sampled = statistics.samples().at(-1)
    while (!signal.aborted) {
      const changed = page.changed()
      if (changed !== '') yield { data: changed }
      const sample = statistics.samples().at(-1)
      if (sample && sample !== sampled) yield { event: 'sample', data: JSON.stringify(view.points([sample])) }
      sampled = sample
      await pause(BETWEEN, undefined, { signal, ref: false }).catch(() => undefined)
      await page.due(signal)
    }
  } finally {
    for (const unsubscribe of stop) unsubscribe()
  }
}

/** One browser's page: what it has been sent, so that only what differs is sent again. */
class OpenPage {
  readonly #ctx: WebContext
  readonly #parts: WebParts
  readonly #sent = new Map<string, string>()
  #entries: readonly Entry[] = []
  #awake = false
  #wake: () => void = () => undefined

  constructor(ctx: WebContext, parts: WebParts) {
    this.#ctx = ctx
    this.#parts = parts
  }

  /** Entries of the log, in whatever order they come. */
  add(entries: readonly Entry[]): void {
    const all = new Map([...this.#entries, ...entries.slice(-view.ENTRIES)].map((entry) => [entry.id, entry]))
    this.#entries = [...all.values()].sort((one, other) => one.id - other.id).slice(-view.ENTRIES)
    this.wake()
  }

  wake(): void {
    this.#awake = true
    this.#wake()
  }

  /** Resolves when something has changed, and after each sample. */
  async due(signal: AbortSignal): Promise<void> {
    if (!this.#awake && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#wake = resolve
      const timer = setTimeout(resolve, SAMPLE).unref()
      signal.addEventListener('abort', () => resolve(), { once: true, signal: AbortSignal.timeout(SAMPLE * 2) })
      await promise
      clearTimeout(timer)
    }
    this.#awake = false
  }

  /** The parts that differ from what was sent, for htmx to put in their places. */
  changed(): string {
    const ctx = this.#ctx
    const parts = this.#parts
    return [
      this.#part('status', view.statusPart(ctx, parts)),
      this.#part('figures', view.figuresPart(ctx, parts)),
      this.#part('throughput', view.throughputPart(ctx, parts)),
      this.#part('addresses', view.addressesPart(parts)),
      this.#part('warnings', view.warningsPart(ctx, parts)),
      this.#part('log', view.logPart(ctx, this.#entries)),
    ].join('')
  }

  #part(name: string, data: object): string {
    const key = JSON.stringify(data)
    if (this.#sent.get(name) === key) return ''
    this.#sent.set(name, key)
    const text = renderText(this.#ctx, `partials/start-${name}`, { [name]: data })
    return `<hx-partial hx-target="#start-${name}" hx-swap="innerMorph">${text}</hx-partial>`
  }
}
