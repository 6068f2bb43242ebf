/** Tokens of the API: made, shown once, listed, revoked. */
import { Router } from '@koa/router'
import type { NewToken } from '../../service/tokens.ts'
import { SettingsError } from '../../settings/problems.ts'
import { fields } from '../body.ts'
import type { Fields } from '../body.ts'
import type { WebContext, WebState } from '../context.ts'
import { redirectWith } from '../flash.ts'
import type { WebParts } from '../parts.ts'
import { problemText } from '../problem-text.ts'
import { settingsNavigation } from '../settings/page-view.ts'
import { requires } from '../steps/identity.ts'
import { render } from '../views.ts'

const PATH = '/settings/api-tokens'
/** Days until a new token ends, as the form offers them; empty = never. */
const LIFETIMES = ['', '30', '90', '365']
/** New tokens that wait to be shown; further logins than these make no tokens at the same time. */
const WAITING = 20

export function apiTokens({ service }: WebParts): Router<WebState> {
  const router = new Router<WebState>()
  /** By login: what was made and has not been seen yet. */
  const fresh = new Map<string, NewToken>()

  const show = (ctx: WebContext, typed: Fields = {}, errors: Readonly<Record<string, string>> = {}) => {
    const { sessionId } = ctx.state.identity
    const made = fresh.get(sessionId)
    fresh.delete(sessionId)
    const form = { note: '', permission: 'view', days: '', ...typed }
    const tokens = service.tokens.list()
    render(ctx, 'pages/api-tokens', {
      navigation: settingsNavigation('tokens'),
      tokens,
      made,
      form,
      errors,
      lifetimes: LIFETIMES,
    })
  }

  router.get(PATH, (ctx) => show(ctx))

  router.post(PATH, requires('manage'), async (ctx) => {
    const typed = fields(ctx)
    try {
      const made = await service.tokens.create(requestOf(typed), ctx.state.identity.name)
      for (const oldest of fresh.keys()) if (fresh.size >= WAITING) fresh.delete(oldest)
      fresh.set(ctx.state.identity.sessionId, made)
      redirectWith(ctx, PATH, 'tokens.made')
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error
      ctx.status = 422
      const errors = error.problems.map((each) => [each.path || 'note', problemText(each, ctx.state.t)] as const)
      show(ctx, typed, Object.fromEntries(errors))
    }
  })

  router.get(`${PATH}/:id/revoke`, requires('manage'), (ctx) => {
    const token = service.tokens.list().find(({ id }) => id === ctx.params['id'])
    if (!token) ctx.throw(404)
    render(ctx, 'pages/api-token-revoke', { token, path: PATH })
  })

  router.post(`${PATH}/:id/revoke`, requires('manage'), async (ctx) => {
    if (!(await service.tokens.revoke(ctx.params['id'] ?? '', ctx.state.identity.name))) ctx.throw(404)
    redirectWith(ctx, PATH, 'tokens.revoked')
  })

  return router
}

function requestOf({ note, permission, days = '' }: Fields): object {
  const lifetime = LIFETIMES.includes(days) && days !== '' ? Number(days) * 86_400_000 : undefined
  const expires = lifetime === undefined ? {} : { expires: new Date(Date.now() + lifetime).toISOString() }
  return { note, permission, ...expires }
}
