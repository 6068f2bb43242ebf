/** The pages over a real service and the embedded shell's parts, mounted in a small host that says who is asking. */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Koa from 'koa'
import { createFtpService, type OwnedFtpService } from '../../module/service.ts'
import { preset as presetSchema } from '../../module/settings/preset.ts'
import { checked } from '../../module/settings/problems.ts'
import { type EmbeddedShell, openEmbeddedShell } from '../../module/shells/embedded/embedded-shell.ts'
import type { AuditEntry, Identity, Permission, Presentation, WebHost } from '../../module/shell.ts'
import { createWeb } from '../../module/web/app.ts'
import { brokenOff } from '../../module/web/broken-off.ts'
import { formToken } from '../../module/web/steps/identity.ts'

const LOGIN_URL = '/login'
// With an icon that need not be asked for: a browser would complain of one that is missing.
const LOGIN_PAGE = '<!doctype html><title>Login</title><link rel="icon" href="data:,">'

export interface MountedOptions {
  /** Besides what a test always needs: ports that are free, loopback only. */
  readonly preset?: object
  /** `/modules/ftp` to be mounted below a path. */
  readonly base?: string
  readonly permission?: Permission
  readonly presentation?: Partial<Presentation>
  /** Clocks and name servers of the service that tests bring. */
  readonly instruments?: Parameters<typeof createFtpService>[2]
}

/** Starts everything. Dispose of it with `await using`. */
export async function mounted(options: MountedOptions = {}): Promise<Mounted> {
  const data = await mkdtemp(join(tmpdir(), 'web-'))
  const given = { enabled: true, ...options.preset } as { settings?: object }
  const settings = { port: 0, address: '127.0.0.1', passivePorts: 'any', ...given.settings }
  const preset = checked(presetSchema, { ...given, settings })
  const audited: AuditEntry[] = []
  const shell = await openEmbeddedShell({ places: { data }, preset, audit: (entry) => audited.push(entry) })
  const { enabled, accounts, domains, resources, tokens } = preset
  const stored = { enabled, settings: preset.settings, accounts, domains, resources, tokens }
  const service = await createFtpService(shell, stored, options.instruments)
  await service.start()
  const it = new Mounted(data, options.base ?? '', shell, service, audited)
  it.identity = { name: 'root', permission: options.permission ?? 'manage', sessionId: 'one' }
  it.presentation = { locale: 'en', timeZone: 'UTC', theme: 'light', embed: 'page', ...options.presentation }
  await it.listen()
  return it
}

export class Mounted implements AsyncDisposable {
  readonly data: string
  readonly base: string
  readonly shell: EmbeddedShell
  readonly service: OwnedFtpService
  readonly audited: readonly AuditEntry[]
  /** What failed on this side. */
  readonly faults: unknown[] = []
  /** Who asks; undefined for nobody. May be changed at any time. */
  identity: Identity | undefined
  presentation: Presentation = { locale: 'en', timeZone: 'UTC', theme: 'light', embed: 'page' }
  /** Cookies of the last answers. */
  readonly cookies = new Map<string, string>()
  #server!: Server

  constructor(data: string, base: string, shell: EmbeddedShell, service: OwnedFtpService, audited: AuditEntry[]) {
    this.data = data
    this.base = base
    this.shell = shell
    this.service = service
    this.audited = audited
  }

  /** `http://127.0.0.1:port` */
  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** The FTP port. */
  get port(): number {
    return this.service.status().addresses[0]?.port ?? 0
  }

  async listen(): Promise<void> {
    const host: WebHost = {
      basePath: () => this.base,
      identify: async () => this.identity,
      loginUrl: () => LOGIN_URL,
      logoutUrl: () => undefined,
      present: () => this.presentation,
    }
    const web = createWeb({ shell: this.shell, host, service: this.service })
    const app = new Koa()
    app.silent = true
    app.on('error', (error: unknown) => brokenOff(error) || this.faults.push(error))
    app.use(async (ctx, next) => {
      if (ctx.path === LOGIN_URL) ctx.body = LOGIN_PAGE
      if (!ctx.path.startsWith(this.base)) return
      ctx.path = ctx.path.slice(this.base.length) || '/'
      await web(ctx, next)
    })
    const answer = app.callback()
    this.#server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  /** A page, with the cookies so far; redirects are not followed. The path is one of the module, without the base. */
  async get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.#answer(
      await fetch(this.origin + this.base + path, { redirect: 'manual', headers: this.#with(headers) }),
    )
  }

  /** Posts a form of a page of ours: with its token. */
  async post(
    path: string,
    fields: Readonly<Record<string, string | readonly string[]>> = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const body = new URLSearchParams({ _csrf: await this.token() })
    for (const [name, value] of Object.entries(fields)) for (const each of [value].flat()) body.append(name, each)
    const sent = { method: 'POST', body, redirect: 'manual' as const, headers: this.#with(headers) }
    return this.#answer(await fetch(this.origin + this.base + path, sent))
  }

  /** The form token of this login, as every form of its pages holds it. */
  async token(): Promise<string> {
    return this.identity ? formToken(this.identity) : ''
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await this.service.dispose()
    this.shell.close()
    await rm(this.data, { recursive: true, force: true })
  }

  #with(headers: Readonly<Record<string, string>>): Record<string, string> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    return { ...(cookie && { cookie }), ...headers }
  }

  async #answer(response: Response): Promise<Answer> {
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    return { status: response.status, headers: response.headers, text: await response.text() }
  }
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}
