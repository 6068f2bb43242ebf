/** Logging in and out. */
import { Router } from '@koa/router'
import { fields } from '../../../../web/body.ts'
import type { WebContext, WebState } from '../../../../web/context.ts'
import { render } from '../../../../web/views.ts'
import { WaitingRoomFull } from '../../waiting-room.ts'
import { readCookie, writeCookie } from '../cookies.ts'
import { enter } from '../enter.ts'
import { localPath } from '../local-path.ts'
import type { ShellParts } from '../parts.ts'

export function login(parts: ShellParts): Router<WebState> {
  const { shell } = parts
  const router = new Router<WebState>()

  router.get('/login', (ctx) => {
    if (shell.administrators.list().length === 0) return ctx.redirect('/setup')
    show(ctx, { next: localPath(String(ctx.query['next'] ?? '/')) })
  })

  router.post('/login', async (ctx) => {
    const { name = '', password = '', next } = fields(ctx)
    const attempt = parts.guard.begin(ctx.ip, name)
    if (typeof attempt === 'number') return tooMany(ctx, attempt, { name, next: localPath(next) })
    const administrator = await shell.administrators.verify(name, password).catch((error: unknown) => {
      if (error instanceof WaitingRoomFull) return 'busy' as const
      throw error
    })
    if (administrator === 'busy')
      return refuse(ctx, 503, ctx.state.t('shell.login.busy'), { name, next: localPath(next) })
    if (!administrator) {
      await parts.pause(attempt.delay)
      // A name that nobody has may be a password in the wrong field: it is not written down.
      const who = shell.administrators.find(name) ? JSON.stringify(name) : 'an unknown name'
      parts.audit({ level: 'warning', event: 'web.login-failed', text: `A login as ${who} from ${ctx.ip} failed.` })
      return refuse(ctx, 422, ctx.state.t('shell.login.wrong'), { name, next: localPath(next) })
    }
    attempt.succeeded()
    enter(ctx, parts, administrator.name)
    // Who gets in at a new place has found it; that is all it was on trial for.
    if (administrator.permission === 'manage' && parts.place.onTrial(ctx.req)) await parts.place.confirm(name)
    ctx.status = 303
    ctx.redirect(localPath(next))
  })

  return router
}

/** Logging out; only for who is logged in. */
export function logout({ shell, audit }: ShellParts): Router<WebState> {
  const router = new Router<WebState>()
  router.post('/logout', (ctx) => {
    const id = readCookie(ctx, 'login')
    if (id !== undefined) shell.web.sessions.end(id)
    writeCookie(ctx, 'login', null)
    audit({ level: 'info', event: 'web.logout', text: 'Logged out.', by: ctx.state.identity.name })
    ctx.status = 303
    ctx.redirect('/login')
  })
  return router
}

function tooMany(ctx: WebContext, seconds: number, typed: { name: string; next: string }): void {
  ctx.set('Retry-After', String(seconds))
  refuse(ctx, 429, ctx.state.t('shell.login.wait', { count: seconds }), typed)
}

function refuse(ctx: WebContext, status: number, problem: string, typed: { name: string; next: string }): void {
  ctx.status = status
  show(ctx, { ...typed, problem })
}

function show(ctx: WebContext, data: { name?: string; next: string; problem?: string }): void {
  render(ctx, 'shell/login', { name: '', problem: '', ...data })
}
