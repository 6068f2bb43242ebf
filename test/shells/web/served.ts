/** The embedded shell with the module, served on a free port, and browsers that keep cookies. */
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFtpModule } from '../../../module/index.ts'
import { preset as presetSchema } from '../../../module/settings/preset.ts'
import { checked } from '../../../module/settings/problems.ts'
import type { ApplianceModule, AuditEntry } from '../../../module/shell.ts'
import { fakeTiming } from '../../access/fake-timing.ts'
import { type EmbeddedShell, openEmbeddedShell } from '../../../module/shells/embedded/embedded-shell.ts'
import { type EmbeddedWeb, openWeb } from '../../../module/shells/embedded/web/open.ts'

/** The administrator that {@link served} makes unless it is told not to. */
export const ADMIN = { name: 'admin', password: 'seven green bottles' }

/**
 * Starts everything with a preset; `administrator: undefined` for a machine that nobody has set up. The pages are at a free port,
 * or with `port: undefined` where the preset says. Dispose of it.
 */
export async function served(
  given: object = {},
  { port }: { port?: number | undefined } = { port: 0 },
): Promise<Served> {
  const data = await mkdtemp(join(tmpdir(), 'served-'))
  const settings = { port: 0, address: '127.0.0.1', passivePorts: 'any' }
  const preset = checked(presetSchema, { administrator: ADMIN, settings, ...given })
  const it = new Served(data)
  const { enabled, accounts, resources } = preset
  it.shell = await openEmbeddedShell({
    places: { data },
    preset,
    webPort: port,
    audit: (entry) => it.audited.push(entry),
  })
  it.module = await createFtpModule(it.shell, { initial: { enabled, settings: preset.settings, accounts, resources } })
  it.web = await openWeb(it.shell, it.module, {
    clock: () => it.now,
    pause: async (time) => void it.pauses.push(time),
    timing: it.timing,
  })
  await it.module.start()
  return it
}

export class Served implements AsyncDisposable {
  readonly data: string
  readonly audited: AuditEntry[] = []
  /** Milliseconds that answers were held back. */
  readonly pauses: number[] = []
  /** The clock of the login guard, milliseconds. */
  now = 1_000_000
  /** The clock and the timers of a new place on trial. */
  readonly timing = fakeTiming()
  shell!: EmbeddedShell
  module!: ApplianceModule
  web!: EmbeddedWeb

  constructor(data: string) {
    this.data = data
  }

  /** A browser that looks where the pages are, or at an address. */
  browser(url?: string): Browser {
    return new Browser(() => url ?? this.web.url)
  }

  /** A browser in which an administrator is logged in. */
  async loggedIn(who = ADMIN, url?: string): Promise<Browser> {
    const browser = this.browser(url)
    const { status } = await browser.post('/login', who)
    if (status !== 303) throw new Error(`the login was answered with ${status}`)
    return browser
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.web.close()
    await this.module.dispose()
    this.shell.close()
    await rm(this.data, { recursive: true, force: true })
  }
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** Keeps cookies, follows no redirects. */
export class Browser {
  readonly cookies = new Map<string, string>()
  readonly #url: () => string

  constructor(url: () => string) {
    this.#url = url
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.#fetch(path, { headers })
  }

  /** Posts a form with the token of a page: the login page, or one's own account once logged in. */
  async post(
    path: string,
    fields: Readonly<Record<string, string | readonly string[]>>,
    headers = {},
  ): Promise<Answer> {
    const body = new URLSearchParams('_csrf' in fields ? {} : { _csrf: await this.token() })
    for (const [name, value] of Object.entries(fields)) for (const each of [value].flat()) body.append(name, each)
    return this.#fetch(path, { method: 'POST', body, headers })
  }

  /** Posts a form with a file. */
  async upload(path: string, fields: Readonly<Record<string, string>>, content: Buffer | string): Promise<Answer> {
    const body = new FormData()
    body.append('_csrf', await this.token())
    for (const [name, value] of Object.entries(fields)) body.append(name, value)
    body.append('file', new Blob([content]), 'file')
    return this.#fetch(path, { method: 'POST', body })
  }

  async token(): Promise<string> {
    for (const path of ['/appliance/account', '/login', '/setup']) {
      const token = /name="_csrf" value="([^"]+)"/.exec((await this.get(path)).text)?.[1]
      if (token !== undefined) return token
    }
    return ''
  }

  /** The status under a host name that `fetch` would not let us say. */
  statusAs(host: string, path = '/login'): Promise<number> {
    return new Promise((resolve, reject) => {
      const sent = request(new URL(path, this.#url()), { headers: { host }, agent: false }, (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
      sent.on('error', reject).end()
    })
  }

  async #fetch(path: string, options: RequestInit): Promise<Answer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { ...(options.headers as Record<string, string>), ...(cookie && { cookie }) }
    const response = await fetch(new URL(path, this.#url()), { ...options, headers, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    return { status: response.status, headers: response.headers, text: await response.text() }
  }
}
