/** Who asks: nobody gets further without an identity from the shell. */
import { createHmac, randomBytes } from 'node:crypto'
import type { Middleware } from 'koa'
import type { Identity, Permission } from '../../shell.ts'
import type { WebContext } from '../context.ts'
import type { WebParts } from '../parts.ts'
import { may } from '../permission.ts'
import { render } from '../views.ts'
import { speak } from './language.ts'

/** Dies with the process, and with it every form that is still open. */
const key = randomBytes(32)

export function identify({ host }: Pick<WebParts, 'host'>): Middleware {
  return async (ctx, next) => {
    ctx.state['base'] = host.basePath(ctx)
    const identity = await host.identify(ctx)
    if (!identity) return await refuse(ctx, host)
    ctx.state['identity'] = identity
    ctx.state['csrf'] = formToken(identity)
    await next()
  }
}

/** The token that forms of this login carry. */
export function formToken({ sessionId, name }: Identity): string {
  return createHmac('sha256', key).update(`${name}\0${sessionId}`).digest('base64url')
}

/** Lets through only who may; everybody else gets 403. To be put before the handler of a route. */
export function requires(permission: Permission): Middleware {
  return async (ctx, next) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- set by the step above
    if (!may(ctx.state['identity'] as Identity, permission)) ctx.throw(403)
    await next()
  }
}

async function refuse(ctx: Parameters<Middleware>[0], host: WebParts['host']): Promise<void> {
  const login = host.loginUrl(ctx)
  const html = ctx.accepts('html', 'json') === 'html' && ctx.get('HX-Request') !== 'true'
  const page = html && (ctx.method === 'GET' || ctx.method === 'HEAD')
  if (login !== undefined && page) return ctx.redirect(login)
  // A part of a page cannot become a login page: the script loads the whole page anew.
  if (login !== undefined && ctx.get('HX-Request') === 'true') ctx.set('HX-Redirect', login)
  ctx.status = 401
  ctx.body = ''
  if (html) await speak({ host })(ctx, async () => sayEnded(ctx, login))
}

/** A form came after the end of the login it was shown to: an empty page would not say that nothing has been done. */
function sayEnded(ctx: Parameters<Middleware>[0], login: string | undefined): void {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- all that these pages need of it is put in here
  const web = ctx as unknown as WebContext
  const nobody: Identity = { name: '', permission: 'view', sessionId: '' }
  Object.assign(web.state, { identity: nobody, csrf: '', layout: 'shell/visitor.njk' })
  render(web, 'ended', { login })
}
