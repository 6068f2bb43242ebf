/** What the embedded shell tells the module of a request: who asks, in which language, and what else there is to see. */
import type { Context } from 'koa'
import type { Identity, NavigationEntry, Presentation, WebHost } from '../../../shell.ts'
import { chooseLocale, LOCALES, translator } from '../../../web/locale.ts'
import type { Administrators } from '../administrators.ts'
import { readChoice, readCookie } from './cookies.ts'
import type { Sessions } from './sessions.ts'

/** The shell's own pages, beside those of the module. */
const ENTRIES = [
  { key: 'shell.nav.users', href: '/appliance/users', within: ['/appliance/users', '/appliance/groups'] },
  { key: 'shell.nav.certificates', href: '/appliance/certificates', within: ['/appliance/certificates'] },
  { key: 'shell.nav.system', href: '/appliance/system', within: ['/appliance/system'] },
  { key: 'shell.nav.account', href: '/appliance/account', within: ['/appliance/account'] },
] as const

export class EmbeddedHost implements WebHost {
  readonly sessions: Sessions
  readonly #administrators: Administrators

  constructor(administrators: Administrators, sessions: Sessions) {
    this.#administrators = administrators
    this.sessions = sessions
    administrators.onLost((name) => sessions.endAllOf(name))
  }

  basePath(): string {
    return ''
  }

  async identify(ctx: Context): Promise<Identity | undefined> {
    const id = readCookie(ctx, 'login')
    // A stream that a forgotten page keeps open says nothing of anybody being there.
    const session = id === undefined ? undefined : this.sessions.find(id, ctx.get('Accept') !== 'text/event-stream')
    // Looked up each time: a permission that was taken away has gone with the next request.
    const administrator = session && this.#administrators.find(session.name)
    return administrator && session ? { ...administrator, sessionId: session.key } : undefined
  }

  loginUrl(ctx: Context): string {
    if (this.#administrators.list().length === 0) return '/setup'
    const page = ctx.method === 'GET' ? ctx.url : cameFrom(ctx)
    return page === '/' ? '/login' : `/login?next=${encodeURIComponent(page)}`
  }

  logoutUrl(): string {
    return '/logout'
  }

  present(ctx: Context): Presentation {
    const theme = readChoice(ctx, 'theme')
    return {
      locale: chosenLanguage(ctx) ?? chooseLocale(ctx.acceptsLanguages()),
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      theme: theme === 'light' || theme === 'dark' ? theme : 'auto',
      embed: 'page',
    }
  }

  navigation(ctx: Context): readonly NavigationEntry[] {
    const t = translator(chooseLocale([this.present(ctx).locale]))
    return ENTRIES.map(({ key, href, within }) => ({
      href,
      label: t(key),
      current: within.some((path) => ctx.path === path || ctx.path.startsWith(`${path}/`)),
    }))
  }
}

/** The page whose form was sent: behind its address there may be no page. */
function cameFrom(ctx: Context): string {
  const referrer = ctx.get('Referer')
  const url = URL.canParse(referrer) ? new URL(referrer) : undefined
  return url?.host === ctx.host ? url.pathname + url.search : '/'
}

/** The language chosen in this browser; undefined while it is the browser's own. */
export function chosenLanguage(ctx: Context): string | undefined {
  const language = readChoice(ctx, 'language')
  return LOCALES.find((locale) => locale === language)
}
