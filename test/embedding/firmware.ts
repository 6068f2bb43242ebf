/** A firmware's own web server with the FTP module mounted below a path: the whole of what docs/EMBEDDING.md explains. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import Koa from 'koa'
import type { Context } from 'koa'
import { createFtpModule } from '../../module/index.ts'
import type { ApplianceModule, ApplianceShell, DirectoryUser } from '../../module/index.ts'

const BASE = '/modules/ftp'

/** What a firmware has already; here in its smallest form. */
export interface Firmware {
  /** A folder of its own for the module. */
  readonly folder: string
  /** A folder that may be shared. */
  readonly disk: string
  readonly certificate: { readonly certificate: string; readonly key: string }
  /** Its own check of names and passwords. */
  checkPassword(name: string, password: string): Promise<boolean>
  readonly users: readonly DirectoryUser[]
  /** Who is logged in to its pages, by the cookie of its own. */
  administratorOf(cookie: string | undefined): { name: string; session: string } | undefined
  log(text: string): void
}

/** The contract, fulfilled with what the firmware has. */
export async function shellOf(firmware: Firmware): Promise<ApplianceShell> {
  const place = async (name: string) => {
    const path = join(firmware.folder, name)
    await mkdir(path, { recursive: true, mode: 0o700 })
    return path
  }
  const { users } = firmware
  const find = async (name: string) => users.find((user) => user.name === name)
  return {
    api: 1,
    product: { name: 'Example Router', version: '1.0' },
    paths: {
      config: await place('config'),
      state: await place('state'),
      runtime: await place('run'),
      log: await place('log'),
    },
    users: {
      list: async () => users,
      groups: async () => [...new Set(users.flatMap(({ groups }) => groups))].map((name) => ({ name })),
      find,
      verify: async (name, password) => {
        // Checked for unknown names as well: the answer must not come sooner for them.
        const right = await firmware.checkPassword(name, password)
        const user = await find(name)
        return right && user?.enabled ? user : undefined
      },
    },
    certificates: {
      list: async () => [{ id: 'router', label: 'Router' }],
      load: async (id = 'router') => {
        if (id !== 'router') throw new Error('There is no such certificate.')
        return firmware.certificate
      },
    },
    storage: { roots: async () => [{ id: 'disk', label: 'Disk', path: firmware.disk, readOnly: false }] },
    network: { lan: () => ['127.0.0.0/8', '192.168.1.0/24'], wanAddress: () => undefined, usedPorts: () => [80, 443] },
    timeZone: () => 'Europe/Berlin',
    web: {
      basePath: () => BASE,
      identify: async (ctx) => {
        const administrator = firmware.administratorOf(ctx.cookies.get('router'))
        return administrator && { name: administrator.name, permission: 'manage', sessionId: administrator.session }
      },
      loginUrl: (ctx) => `/login?next=${encodeURIComponent(BASE + ctx.url)}`,
      logoutUrl: () => undefined,
      present: (ctx) => ({
        locale: ctx.acceptsLanguages('en', 'ru') || 'en',
        timeZone: 'UTC',
        theme: 'auto',
        embed: 'page',
      }),
    },
    audit: ({ level, text, by }) => firmware.log(`${level}: ${text}${by === undefined ? '' : ` (${by})`}`),
    // A firmware whose users, disks and networks change calls the listeners.
    on: () => () => {},
  }
}

/** Puts the module below {@link BASE} of the firmware's own application. */
export async function mount(app: Koa, shell: ApplianceShell): Promise<ApplianceModule> {
  const module = await createFtpModule(shell)
  app.use(async (ctx: Context, next) => {
    const { path } = ctx
    const below = path === BASE || path.startsWith(`${BASE}/`)
    if (!below || !module.web) {
      await next()
      return
    }
    // The module sees paths of its own; what stands around it sees the whole again.
    ctx.path = path.slice(BASE.length) || '/'
    await module.web(ctx, async () => {}).finally(() => (ctx.path = path))
  })
  return module
}
