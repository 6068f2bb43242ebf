/** Pages for who is not logged in yet: their forms are bound to a cookie of their own, which is worth nothing afterwards. */
import { randomBytes } from 'node:crypto'
import type { Middleware } from 'koa'
import { formToken } from '../../../web/steps/identity.ts'
import { readCookie, writeCookie } from './cookies.ts'

export function visitor(): Middleware {
  return async (ctx, next) => {
    let visit = readCookie(ctx, 'visit')
    if (visit === undefined || !/^[\w-]{43}$/.test(visit)) {
      visit = randomBytes(32).toString('base64url')
      writeCookie(ctx, 'visit', visit)
    }
    const identity = { name: '', permission: 'view' as const, sessionId: `visit ${visit}` }
    Object.assign(ctx.state, { base: '', identity, csrf: formToken(identity), layout: 'shell/visitor.njk' })
    await next()
  }
}
