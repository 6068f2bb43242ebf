/** The pages over a log that a test fills itself: no other part of the service is asked for. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import Koa from 'koa'
import type { Journal } from '../../module/journal/journal.ts'
import type { Presentation, WebHost } from '../../module/shell.ts'
import { createWeb } from '../../module/web/app.ts'
import type { WebParts } from '../../module/web/parts.ts'

export interface LogPagesOptions {
  readonly base?: string
  readonly presentation?: Partial<Presentation>
}

/** Serves the pages for somebody who may only look. Dispose of it with `await using`; the journal is the test's own. */
export async function logPages(journal: Journal, { base = '', presentation }: LogPagesOptions = {}): Promise<LogPages> {
  const shown: Presentation = { locale: 'en', timeZone: 'UTC', theme: 'light', embed: 'page', ...presentation }
  const host = {
    basePath: () => base,
    identify: async () => ({ name: 'root', permission: 'view', sessionId: 'one' }) as const,
    loginUrl: () => undefined,
    logoutUrl: () => undefined,
    present: () => shown,
  } satisfies WebHost
  const service = { journal, rules: { trial: undefined }, settings: () => ({ domains: [] }) }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the Log tab and the steps before it ask for nothing else
  const web = createWeb({ host, service, shell: { on: () => () => undefined } } as unknown as WebParts)
  const app = new Koa()
  app.silent = true
  app.use(async (ctx, next) => {
    ctx.path = ctx.path.slice(base.length) || '/'
    await web(ctx, next)
  })
  const answer = app.callback()
  const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return new LogPages(server, base)
}

/** A journal that answers some questions otherwise. */
export function instead(journal: Journal, answers: Partial<Journal>): Journal {
  return {
    observe: journal.observe,
    record: (entry) => journal.record(entry),
    days: (month) => journal.days(month),
    page: (filter, request) => journal.page(filter, request),
    story: (session) => journal.story(session),
    trail: (request) => journal.trail(request),
    export: (filter, format) => journal.export(filter, format),
    subscribe: (listener) => journal.subscribe(listener),
    change: (options) => journal.change(options),
    today: () => journal.today(),
    state: () => journal.state(),
    flush: () => journal.flush(),
    close: () => journal.close(),
    ...answers,
  }
}

export class LogPages implements AsyncDisposable {
  readonly origin: string
  readonly #server: Server

  constructor(server: Server, base: string) {
    this.#server = server
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}${base}`
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}, signal?: AbortSignal): Promise<Response> {
    return fetch(this.origin + path, { headers, ...(signal && { signal }) })
  }

  async text(path: string): Promise<string> {
    const answer = await this.get(path)
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`)
    return answer.text()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

/** The texts of the rows, in their order. */
export function rows(html: string): string[] {
  return [...html.matchAll(/<td class="log-text">[^]*?<bdi>([^]*?)<\/bdi>/g)].map(([, text]) => plain(text ?? ''))
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' }

function plain(html: string): string {
  return html.replaceAll(/&(?:#(\d+)|(\w+));/g, (_, code: string | undefined, name: string) =>
    code === undefined ? (NAMED[name] ?? '') : String.fromCharCode(Number(code)),
  )
}

/** The first link that a text of the page stands in, as an address. */
export function link(html: string, text: RegExp): string {
  const found = [...html.matchAll(/<a [^>]*href="([^"]*)"[^>]*>([^]*?)<\/a>/g)].find(([whole]) => text.test(whole))
  return (found?.[1] ?? '').replaceAll('&amp;', '&')
}
