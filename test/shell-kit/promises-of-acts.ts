/** What the contract promises of events, the firewall, the log, the web host; and that the module works in the shell. */
import { IncomingMessage, ServerResponse } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { Socket } from 'node:net'
import { Client } from 'basic-ftp'
import { expect } from 'chai'
import Koa from 'koa'
import type { Context } from 'koa'
import { createFtpModule } from '../../module/index.ts'
import type { PortNeed, WebHost } from '../../module/shell.ts'
import { capped } from './capped.ts'
import type { ShellPromise, ShellUnderTest } from './shell-under-test.ts'

const HOSTILE = '<script>alert(1)</script>\r\n\u001b[31m\u202e {{7*7}}'
const NEED: PortNeed = { id: 'control', protocol: 'tcp', from: 2121, to: 2121, zones: [] }

export const actPromises: readonly ShellPromise[] = [
  {
    name: 'what is taken down or told never throws, whatever the text',
    check: async ({ shell }) => {
      for (const level of ['error', 'warning', 'notice', 'info'] as const) {
        shell.audit({ level, event: 'kit.test', by: HOSTILE, text: HOSTILE })
      }
      shell.notify?.({ level: 'info', text: HOSTILE })
    },
  },
  {
    name: 'listeners are told of events until they unsubscribe',
    check: async ({ shell, cause = {} }) => {
      for (const [event, make] of Object.entries(cause) as [keyof typeof cause, () => Promise<void>][]) {
        let told = 0
        const first = new Promise<void>((resolve) => {
          const unsubscribe = shell.on(event, () => {
            told += 1
            unsubscribe()
            resolve()
          })
        })
        await make()
        await capped(first, `${event} is told`)
        const again = new Promise<void>((resolve) => {
          const unsubscribe = shell.on(event, () => {
            unsubscribe()
            resolve()
          })
        })
        await make()
        await capped(again, `${event} is told again`)
        expect(told, `${event} after unsubscribing`).to.equal(1)
      }
    },
  },
  {
    name: 'the firewall takes the same needs twice, and gives everything back',
    check: async ({ shell: { firewall } }) => {
      if (!firewall) return
      const ids = (await firewall.zones()).map(({ id }) => id)
      expect(new Set(ids).size, 'ids of zones are unique').to.equal(ids.length)
      try {
        await firewall.apply([NEED])
        await firewall.apply([NEED])
        await firewall.apply([{ ...NEED, id: 'passive', from: 50000, to: 50099, zones: ids.slice(0, 1) }])
      } finally {
        await firewall.apply([])
        await firewall.apply([])
      }
    },
  },
  {
    name: 'nobody is an administrator without a login, whatever headers are sent',
    check: async ({ shell: { web } }) => {
      if (!web) return
      const forged = Object.fromEntries(
        ['x-shell-user', 'x-shell-role', 'x-forwarded-user', 'remote-user', 'x-remote-user', 'authorization'].map(
          (name) => [name, 'root'],
        ),
      )
      for (const headers of [{}, forged, { cookie: 'login=root; session=1; __Host-login=x' }]) {
        expect(await web.identify(contextOf(headers)), JSON.stringify(headers)).to.equal(undefined)
      }
    },
  },
  {
    name: 'a login has a name, a permission and a session that stays the same',
    check: async ({ shell: { web }, loggedIn }) => {
      if (!web) return
      if (!loggedIn) throw new Error('`loggedIn` is needed where the shell has `web`')
      const headers = await loggedIn()
      const [one, two] = [await web.identify(contextOf(headers)), await web.identify(contextOf(headers))]
      expect(one?.name).to.be.a('string').and.not.equal('')
      expect(one?.permission).to.be.oneOf(['view', 'operate', 'manage'])
      expect(one?.sessionId).to.be.a('string').and.not.equal('')
      expect(two, 'asked again').to.deep.equal(one)
      // It is handed to nobody, but a form token is made of it: the cookie itself must not be it.
      expect((headers.cookie ?? '').includes(one?.sessionId ?? ''), 'sessionId is not the cookie').to.equal(false)
    },
  },
  {
    name: 'pages know where they are and how they have to look',
    check: async ({ shell: { web } }) => {
      if (!web) return
      for (const headers of [{}, { 'accept-language': 'ru' }, { 'accept-language': HOSTILE.replace(/[\r\n]/g, '') }]) {
        checkLook(web, contextOf(headers))
      }
    },
  },
  {
    name: 'the module starts in it, its user logs in over FTP, and it ends without a trace of life',
    check: async (it) => {
      const settings = { port: 0, address: '127.0.0.1', passivePorts: 'any', tls: { policy: 'optional' } }
      const module = await createFtpModule(it.shell, { initial: { enabled: true, settings } })
      try {
        await module.start()
        expect(module.status().state).to.equal('on')
        expect(Boolean(module.web), 'pages where the shell has `web`').to.equal(it.shell.web !== undefined)
        await logIn(it, module.status().addresses[0]?.port ?? 0)
        await module.stop({ graceMs: 0 })
        expect(module.status().addresses).to.deep.equal([])
      } finally {
        await module.wipe({ keepLogs: false })
      }
    },
  },
]

async function logIn({ user }: ShellUnderTest, port: number): Promise<void> {
  const client = new Client(10_000)
  try {
    const secureOptions = { rejectUnauthorized: false }
    await client.access({
      host: '127.0.0.1',
      port,
      user: user.name,
      password: user.password,
      secure: true,
      secureOptions,
    })
    expect(await client.list()).to.deep.equal([])
  } finally {
    client.close()
  }
}

function checkLook(web: WebHost, ctx: Context): void {
  expect(web.basePath(ctx)).to.match(/^(?:\/[A-Za-z0-9._~-]+)*$/)
  for (const url of [web.loginUrl(ctx), web.logoutUrl(ctx)]) {
    expect(url === undefined || /^(?:\/(?!\/)|https?:\/\/)/.test(url), String(url)).to.equal(true)
  }
  const { locale, timeZone, theme, embed } = web.present(ctx)
  expect(Intl.getCanonicalLocales(locale)).to.have.length(1)
  expect(() => new Intl.DateTimeFormat('en', { timeZone })).to.not.throw()
  expect(theme).to.be.oneOf(['light', 'dark', 'auto'])
  expect(embed).to.be.oneOf(['page', 'frame', 'fragment'])
}

/** A request for the start page with these headers, as the shell sees it. */
function contextOf(headers: IncomingHttpHeaders): Context {
  const request = new IncomingMessage(new Socket())
  Object.assign(request, { method: 'GET', url: '/' })
  Object.assign(request.headers, { host: '127.0.0.1', ...headers })
  return new Koa().createContext(request, new ServerResponse(request))
}
