/** The tab "Access": rule lists of the server, of domains, groups and users; taking away expired rules. */
import { Router } from '@koa/router'
import { EVERYBODY } from '../../access/block.ts'
import { SERVER_RULES, type RulePlace } from '../../settings/rule-lists.ts'
import { compiled } from '../access/compiled.ts'
import { maskText } from '../access/mask-text.ts'
import { accessNavigation } from '../access/navigation.ts'
import { LIST_ROUTE, placeIn, placeLinks, placeName, placePage, placePath } from '../access/place.ts'
import { queryText, ruleQuery, rulesView } from '../access/rows.ts'
import { saveRules } from '../access/save.ts'
import type { WebContext, WebState } from '../context.ts'
import type { ApplianceShell } from '../../shell.ts'
import type { WebParts } from '../parts.ts'
import { requires } from '../steps/identity.ts'
import { render } from '../views.ts'

export function access({ service, shell }: WebParts): Router<WebState> {
  const router = new Router<WebState>()

  const list = async (ctx: WebContext, place: RulePlace): Promise<void> => {
    const { rules, revision } = service.rules.list(place) ?? ctx.throw(404)
    const now = Date.now()
    const query = ruleQuery(ctx.querystring)
    const settings = service.settings()
    const { t } = ctx.state
    render(ctx, 'pages/access', {
      navigation: accessNavigation('rules'),
      ...rulesView(ctx.state, rules, compiled(rules, now), query, now),
      queryText,
      place,
      name: placeName(t, place, settings),
      places: placeLinks(t, settings, place),
      page_: placePage(place),
      path: placePath(place),
      revision,
      domains: settings.domains.map(({ id, name }) => ({ id, name })),
      unknown: await unknownTo(shell, place),
    })
  }

  router.get('/access', (ctx) => list(ctx, SERVER_RULES))

  // Without script a list of another group or user is asked for by its name.
  router.get('/access/rules', (ctx) => {
    const { level, name } = { level: text(ctx.query['level']), name: text(ctx.query['name']).trim() }
    if (!['group', 'user'].includes(level) || name === '') return ctx.redirect(`${ctx.state.base}/access`)
    ctx.redirect(ctx.state.base + placePath({ level: level === 'group' ? 'group' : 'user', name }))
  })

  router.get('/access/mask', (ctx) => {
    const typed = text(ctx.query['mask'])
    render(ctx, 'partials/access-mask', { mask: typed === '' ? undefined : maskText(ctx.state, typed) })
  })

  router.get(LIST_ROUTE, (ctx) => list(ctx, placeIn(ctx, service.settings())))

  router.post(`${LIST_ROUTE}/expired`, requires('manage'), async (ctx) => {
    const place = placeIn(ctx, service.settings())
    const { rules } = service.rules.list(place) ?? ctx.throw(404)
    const now = Date.now()
    const left = rules.filter(({ expires }) => expires === undefined || Date.parse(expires) > now)
    await saveRules(service, ctx, { place, rules: left, done: 'access.rules.expiredRemoved' })
  })

  router.post(`${LIST_ROUTE}/everybody`, requires('manage'), async (ctx) => {
    const place = placeIn(ctx, service.settings())
    const { rules } = service.rules.list(place) ?? ctx.throw(404)
    await saveRules(service, ctx, { place, rules: [...rules, ...EVERYBODY], done: 'access.rules.everybodyAdded' })
  })

  return router
}

/** Whether the appliance has no such user or group: rules for a name that was mistyped would guard nobody. */
async function unknownTo({ users }: Pick<ApplianceShell, 'users'>, { level, name }: RulePlace): Promise<boolean> {
  if (level === 'user') return (await users.find(name)) === undefined
  return level === 'group' && !(await users.groups()).some((group) => group.name === name)
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
