/** Access → Accounts: the users and groups of the appliance, what FTP they have, and one switch for several of them. */
import { Router } from '@koa/router'
import { effectiveLimits } from '../../settings/inheritance.ts'
import type { Settings } from '../../settings/schema.ts'
import { accessNavigation } from '../access/navigation.ts'
import { switchFtp } from '../accounts/bulk.ts'
import { accountPath, everybody, matching, sorted, type Listed } from '../accounts/directory.ts'
import { sourceText } from '../accounts/source.ts'
import { fields, values } from '../body.ts'
import type { WebContext, WebState } from '../context.ts'
import { redirectWith } from '../flash.ts'
import type { WebParts } from '../parts.ts'
import { requires } from '../steps/identity.ts'
import { render } from '../views.ts'

/** Rows of a page. */
const ROWS = 50

type Kind = 'user' | 'group'

export function accounts({ service, shell }: WebParts): Router<WebState> {
  const router = new Router<WebState>()

  const list = async (ctx: WebContext, kind: Kind): Promise<void> => {
    const query = new URLSearchParams(ctx.querystring)
    const search = (query.get('q') ?? '').trim()
    const settings = service.settings()
    const all = await everybody(kind, shell, settings.accounts).catch(() => undefined)
    const found = sorted((all ?? []).filter(matching(search)))
    const pages = Math.max(1, Math.ceil(found.length / ROWS))
    const page = Math.min(pages, Math.max(1, Number.parseInt(query.get('page') ?? '', 10) || 1))
    render(ctx, 'pages/accounts', {
      navigation: accessNavigation('accounts'),
      kind,
      path: kind === 'user' ? '/access/accounts' : '/access/accounts/groups',
      reachable: all !== undefined,
      rows: found.slice((page - 1) * ROWS, page * ROWS).map((one) => row(ctx, settings, kind, one)),
      search,
      query: (number: number) => queryText(search, number),
      page,
      pages,
      total: all?.length ?? 0,
      found: found.length,
    })
  }

  router.get('/access/accounts', (ctx) => list(ctx, 'user'))
  router.get('/access/accounts/groups', (ctx) => list(ctx, 'group'))

  router.post('/access/accounts/ftp', requires('manage'), async (ctx) => {
    const { to = '', confirmed } = fields(ctx)
    const settings = service.settings()
    const known = new Set((await everybody('user', shell, settings.accounts)).map(({ name }) => name))
    const names = [...new Set(values(ctx, 'name'))].filter((name) => known.has(name))
    if (names.length === 0) return redirectWith(ctx, '/access/accounts', 'accounts.bulk.nobody')
    if (to === 'off' && confirmed === undefined) return render(ctx, 'pages/accounts-off', { names })
    const ftp = to === 'on' ? true : to === 'off' ? false : null
    await switchFtp(service, names, ftp, ctx.state.identity.name)
    redirectWith(ctx, '/access/accounts', 'accounts.bulk.done', { count: String(names.length) })
  })

  return router
}

function queryText(search: string, page: number): string {
  const query = new URLSearchParams({
    ...(search === '' ? {} : { q: search }),
    ...(page > 1 ? { page: String(page) } : {}),
  })
  return query.size > 0 ? `?${query.toString()}` : ''
}

function row({ state: { t, formats } }: WebContext, settings: Settings, kind: Kind, one: Listed) {
  const { accounts: stored } = settings
  const entries = kind === 'user' ? stored.users : stored.groups
  const entry = Object.hasOwn(entries, one.name) ? entries[one.name] : undefined
  // A group is asked as its only member would be.
  const member = kind === 'user' ? one : { name: '', groups: [one.name] }
  const limits = effectiveLimits(settings, member)
  const shared = kind === 'group' && entry ? (stored.groups[one.name]?.together ?? {}) : {}
  const until = entry?.disabledUntil === undefined ? 0 : Date.parse(entry.disabledUntil)
  const shown = (found: typeof limits.ftp) => ({
    allowed: found.value,
    inherited: found.level !== kind || found.from !== one.name,
    source: sourceText(found, settings, t),
  })
  return {
    ...one,
    path: accountPath(kind, one.name),
    ftp: shown(limits.ftp),
    fromOutside: shown(limits.fromOutside),
    disabled: until > Date.now() ? formats.date(until) : '',
    limits: Object.keys({ ...entry?.limits }).length + Object.keys(shared).length,
    hours: entry?.hours.length ?? 0,
    rules: entry?.access.rules.length ?? 0,
  }
}
