/** The list of domains, switching single ones on and off, and deleting them. */
import { Router } from '@koa/router'
import type { Domain } from '../../settings/domain.ts'
import { fields } from '../body.ts'
import type { WebContext, WebState } from '../context.ts'
import { DOMAINS, domainPath } from '../domains/links.ts'
import { domainRows, found, keptLines } from '../domains/list.ts'
import { editDomains } from '../domains/save.ts'
import { redirectWith } from '../flash.ts'
import type { WebParts } from '../parts.ts'
import { settingsNavigation } from '../settings/page-view.ts'
import { requires } from '../steps/identity.ts'
import { render } from '../views.ts'

/** A list that is longer has a search. */
const SHORT = 20

export function settingsDomains({ service }: WebParts): Router<WebState> {
  const router = new Router<WebState>()

  router.get(DOMAINS, (ctx) => {
    const rows = domainRows(ctx, service.settings(), service.sessions())
    const search = new URLSearchParams(ctx.querystring).get('q') ?? ''
    render(ctx, 'pages/settings-domains', {
      navigation: settingsNavigation('domains'),
      domainsCurrent: true,
      rows: found(rows, search),
      total: rows.length - 1,
      long: rows.length > SHORT,
      search,
    })
  })

  router.get(`${DOMAINS}/:id/delete`, requires('manage'), (ctx) => {
    const domain = existing(ctx)
    const { listeners, id } = domain
    render(ctx, 'pages/settings-domain-delete', {
      domain,
      path: domainPath(id),
      sessions: service.sessions().filter((session) => session.domain === id).length,
      listeners: listeners.length,
      bans: service.access.bans.rows().filter((ban) => ban.reason === 'manual' && ban.domain === id).length,
      kept: keptLines(ctx, domain),
    })
  })

  router.post(`${DOMAINS}/:id/delete`, requires('manage'), async (ctx) => {
    const { id, name } = existing(ctx)
    await editDomains(service, ctx.state.identity.name, (all) => all.filter((one) => one.id !== id))
    redirectWith(ctx, service.settings().domains.length > 0 ? DOMAINS : '/settings', 'domains.deleted', { name })
  })

  router.post(`${DOMAINS}/:id/switch`, requires('manage'), async (ctx) => {
    const { id, name } = existing(ctx)
    const enabled = fields(ctx)['to'] === 'on'
    await editDomains(service, ctx.state.identity.name, (all) =>
      all.map((one) => (one.id === id ? { ...one, enabled } : one)),
    )
    redirectWith(ctx, DOMAINS, enabled ? 'domains.switchedOn' : 'domains.switchedOff', { name })
  })

  function existing(ctx: WebContext & { params: Record<string, string> }): Domain {
    return service.settings().domains.find(({ id }) => id === ctx.params['id']) ?? ctx.throw(404, 'domain')
  }

  return router
}
