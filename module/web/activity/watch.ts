/**
 * The list of sessions while pages show it. All of them look at one picture of the sessions, and a row is rendered once for
 * everybody who sees it in the same form; a page hears only of rows that are on it and have changed.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Picture } from '../../activity/picture.ts'
import type { SessionRow } from '../../activity/session-record.ts'
import type { FtpService } from '../../service.ts'
import { DEFAULT_DOMAIN } from '../../settings/domain.ts'
import type { WebContext } from '../context.ts'
import type { LiveMessage } from '../live.ts'
import { renderText } from '../views.ts'
import { choose, type Chosen } from './choose.ts'
import type { ListQuery } from './query.ts'
import { type Beside, rowKey, shownSession } from './rows.ts'

/** Milliseconds between two looks. */
const BETWEEN = 500
/** Milliseconds for which a picture serves all pages. */
const FRESH = 200
/** Rendered rows that are kept. */
const KEPT = 2000

/** What a page is sent: rows that are new, cells that have changed, the order of all where it has, what stands around them. */
export interface ListChange {
  readonly rows: readonly string[]
  /** By the id of the session: which cell, and what it holds now. */
  readonly cells: Readonly<Record<string, readonly (readonly [at: number, html: string])[]>>
  readonly order?: readonly string[]
  readonly around?: string
}

interface RenderedRow {
  readonly key: string
  readonly html: string
  /** What stands in its cells. */
  readonly cells: readonly string[]
}

/** No text can look like a cell: what is no markup of ours is escaped. */
const CELL = /<td[^>]*>([^]*?)<\/td>/g

export type WatchedService = Pick<FtpService, 'activity' | 'access' | 'settings'>

export class Watch {
  readonly #service: WatchedService
  readonly #rendered = new Map<string, RenderedRow>()
  #picture: Picture | undefined
  #taken = -Infinity

  constructor(service: WatchedService) {
    this.#service = service
  }

  /** The sessions as they were a moment ago at most. */
  picture(): Picture {
    const now = performance.now()
    if (this.#picture && now - this.#taken < FRESH) return this.#picture
    this.#picture = this.#service.activity.picture()
    this.#taken = now
    return this.#picture
  }

  /** What an open page shows; a page that is opened looks anew, for it may follow upon a deed. */
  choose(query: ListQuery, { anew = false } = {}): Chosen {
    if (anew) this.#taken = -Infinity
    return choose(this.picture(), query, (address) => this.#service.access.names.knownName(address))
  }

  /** One row of the table, rendered before or now. */
  row(ctx: WebContext, row: SessionRow): RenderedRow {
    const { locale, presentation, base, identity } = ctx.state
    const beside = this.#beside(row)
    const key = rowKey(row, beside)
    const place = [locale, presentation.timeZone, base, identity.permission, row.id].join('\n')
    const kept = this.#rendered.get(place)
    if (kept?.key === key) return kept
    const domains = this.severalDomains
    const html = renderText(ctx, 'partials/activity-row', { row: shownSession(ctx, row, beside), domains })
    const rendered = { key, html, cells: [...html.matchAll(CELL)].map(([, cell = '']) => cell) }
    this.#rendered.delete(place)
    this.#rendered.set(place, rendered)
    for (const oldest of this.#rendered.keys()) {
      if (this.#rendered.size <= KEPT) break
      this.#rendered.delete(oldest)
    }
    return rendered
  }

  /** Whether the page says which domain a session is in. */
  get severalDomains(): boolean {
    return this.#service.settings().domains.length > 0
  }

  /** What an open page hears until the signal. */
  async *follow(ctx: WebContext, query: ListQuery, signal: AbortSignal): AsyncGenerator<LiveMessage, void, undefined> {
    const page = new OpenList(this, ctx, query)
    while (!signal.aborted) {
      const change = page.change()
      if (change) yield { event: 'sessions', data: JSON.stringify(change) }
      await pause(BETWEEN, undefined, { signal, ref: false }).catch(() => undefined)
    }
  }

  #beside({ address, domain }: SessionRow): Beside {
    const named = this.#service.settings().domains.find(({ id }) => id === domain)
    return {
      host: this.#service.access.names.nameOf(address) ?? '',
      domain: domain === DEFAULT_DOMAIN ? '' : (named?.name ?? domain),
    }
  }
}

/** One browser's list: what it has been sent, so that only what differs is sent again. */
class OpenList {
  readonly #watch: Watch
  readonly #ctx: WebContext
  readonly #query: ListQuery
  #sent = new Map<string, RenderedRow>()
  #around = ''

  constructor(watch: Watch, ctx: WebContext, query: ListQuery) {
    this.#watch = watch
    this.#ctx = ctx
    this.#query = query
  }

  change(): ListChange | undefined {
    const chosen = this.#watch.choose(this.#query)
    const before = this.#sent
    const rows: string[] = []
    const cells: Record<string, [number, string][]> = {}
    this.#sent = new Map()
    for (const row of chosen.rows) {
      const { id } = row
      const now = this.#watch.row(this.#ctx, row)
      const was = before.get(id)
      this.#sent.set(id, now)
      if (!was) rows.push(now.html)
      else if (was.key !== now.key) {
        cells[id] = [...now.cells.entries()].filter(([at, cell]) => was.cells[at] !== cell)
      }
    }
    const order = [...this.#sent.keys()]
    const moved = order.length !== before.size || [...before.keys()].some((id, at) => id !== order[at])
    const around = renderText(this.#ctx, 'partials/activity-count', { ...aroundOf(chosen), query: this.#query })
    const told = around !== this.#around
    this.#around = around
    if (rows.length === 0 && Object.keys(cells).length === 0 && !moved && !told) return undefined
    return { rows, cells, ...(moved && { order }), ...(told && { around }) }
  }
}

/** What stands around the rows. */
export function aroundOf({ found, total, page, pages }: Chosen) {
  return { found, total, page, pages }
}
