/** The test box: which rule decides about an address, level by level, as the gate itself would. */
import { Router } from '@koa/router'
import type { GateStep } from '../../access/gate.ts'
import { parseAddress } from '../../access/address.ts'
import { DEFAULT_DOMAIN } from '../../settings/domain.ts'
import { GUEST_NAMES } from '../../settings/values.ts'
import { accessNavigation } from '../access/navigation.ts'
import { placeName, placePage } from '../access/place.ts'
import type { WebContext, WebState } from '../context.ts'
import type { WebParts } from '../parts.ts'
import { render } from '../views.ts'

export function accessTest({ service, shell }: WebParts): Router<WebState> {
  const router = new Router<WebState>()

  router.get('/access/test', async (ctx) => {
    const given = new URLSearchParams(ctx.querystring)
    const asked = { address: text(given, 'address'), user: text(given, 'user'), domain: text(given, 'domain') }
    const settings = service.settings()
    const known = parseAddress(asked.address) !== undefined
    const domain = settings.domains.some(({ id }) => id === asked.domain) ? asked.domain : DEFAULT_DOMAIN
    const guest = GUEST_NAMES.includes(asked.user.toLowerCase())
    const found = asked.user === '' || guest ? undefined : await shell.users.find(asked.user)
    const name = guest ? GUEST_NAMES[0] : asked.user || undefined
    const who = found ?? (name === undefined ? undefined : { name, groups: [] })
    const visitor = { domain, ...(who ? { user: who.name, groups: who.groups } : {}) }
    const steps = known ? await service.access.gate.explain(asked.address, visitor) : []
    render(ctx, 'pages/access-test', {
      navigation: accessNavigation('rules'),
      asked,
      domains: settings.domains.map(({ id, name: label }) => ({ id, name: label })),
      unknown: asked.address !== '' && !known,
      unknownUser: asked.user !== '' && !guest && !found,
      steps: steps.map((step) => row(ctx, step)),
      allowed: steps.length > 0 && steps.every(({ verdict }) => verdict.allowed),
      refusedAt: steps.find(({ verdict }) => !verdict.allowed)?.level,
    })
  })

  function row(ctx: WebContext, { level, owner, verdict, index }: GateStep) {
    const { t } = ctx.state
    const listed = level === 'server' || level === 'domain' || level === 'group' || level === 'user'
    const place = listed ? { level, name: owner ?? '' } : undefined
    const banned = verdict.rule === 'access.ban' || verdict.rule === 'access.hammering'
    return {
      where: banned || !place ? '' : placeName(t, place, service.settings()),
      path: banned ? '/access/blocked' : place ? placePage(place) : '',
      allowed: verdict.allowed,
      text: t(`access.test.by.${verdict.rule.replace('access.', '')}`, {
        number: index === undefined ? '' : index + 1,
        detail: verdict.detail?.replace(/^.*: /, '') ?? '',
      }),
    }
  }

  return router
}

const text = (given: URLSearchParams, name: string): string => (given.get(name) ?? '').trim().slice(0, 255)
