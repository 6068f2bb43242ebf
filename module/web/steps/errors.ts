/** What went wrong, as a page: a reason for the administrator, never a stack or a path of the disk. */
import { HttpError } from 'koa'
import type { Middleware } from 'koa'
import { NotStored } from '../../settings/not-stored.ts'
import { brokenOff } from '../broken-off.ts'
import type { WebContext } from '../context.ts'
import { hasText } from '../locale.ts'
import { problemText } from '../problem-text.ts'
import { render } from '../views.ts'

export function answerErrors(): Middleware {
  return async (ctx, next) => {
    try {
      await next()
      if (ctx.status === 404 && ctx.body === undefined) show(ctx, 404, '')
    } catch (error) {
      if (error instanceof NotStored) return showUnstored(ctx, error)
      const status = error instanceof HttpError ? error.status : brokenOff(error) ? 400 : 500
      if (status === 500) ctx.app.emit('error', error, ctx)
      show(ctx, status, error instanceof HttpError ? error.message : '')
    }
  }
}

function show(ctx: WebContext, status: number, reason: string): void {
  const key = [`errors.${reason}`, `errors.${status}`].find((each) => hasText(each)) ?? 'errors.500'
  showText(ctx, status, ctx.state.t(key))
}

function showUnstored(ctx: WebContext, { problems }: NotStored): void {
  showText(ctx, 507, problems.map((problem) => problemText(problem, ctx.state.t)).join(' '))
}

function showText(ctx: WebContext, status: number, text: string): void {
  ctx.status = status
  render(ctx, 'error', { status, text })
  ctx.status = status
}
