/** What went wrong, as a page: a reason for the administrator, never a stack or a path of the disk. */
import { HttpError } from 'koa'
import type { Middleware } from 'koa'
import { brokenOff } from '../broken-off.ts'
import type { WebContext } from '../context.ts'
import { hasText } from '../locale.ts'
import { render } from '../views.ts'

export function answerErrors(): Middleware {
  return async (ctx, next) => {
    try {
      await next()
      if (ctx.status === 404 && ctx.body === undefined) show(ctx, 404, '')
    } catch (error) {
      const status = error instanceof HttpError ? error.status : brokenOff(error) ? 400 : 500
      if (status === 500) ctx.app.emit('error', error, ctx)
      show(ctx, status, error instanceof HttpError ? error.message : '')
    }
  }
}

function show(ctx: WebContext, status: number, reason: string): void {
  const key = [`errors.${reason}`, `errors.${status}`].find((each) => hasText(each)) ?? 'errors.500'
  ctx.status = status
  render(ctx, 'error', { status, text: ctx.state.t(key) })
  ctx.status = status
}
