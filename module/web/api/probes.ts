/** What other programs watch: `/healthz` for everybody, `/metrics` for who may look. */
import type { Context, Middleware } from 'koa'
import type { WebParts } from '../parts.ts'
import { answered } from './api.ts'
import { callerOf, demand } from './caller.ts'
import { Refusal } from './problem.ts'

export function probes(parts: WebParts): Middleware {
  return async (ctx, next) => {
    if (ctx.path === '/healthz') return answered(ctx, () => answerHealth(ctx, parts))
    if (ctx.path === '/metrics') return answered(ctx, () => metrics(ctx, parts))
    return next()
  }
}

/** 200 or 503; what is wrong is only said to who may look. */
async function answerHealth(ctx: Context, parts: WebParts): Promise<void> {
  only(ctx, ['GET', 'HEAD'])
  const health = parts.service.health()
  const open = ctx.get('Authorization') === ''
  if (!open) demand(await callerOf(ctx, parts), 'view')
  ctx.status = health.ok ? 200 : 503
  ctx.body = JSON.stringify(open ? { ok: health.ok } : health)
  ctx.type = 'application/json'
}

async function metrics(ctx: Context, parts: WebParts): Promise<void> {
  demand(await callerOf(ctx, parts), 'view')
  only(ctx, ['GET'])
  ctx.status = 200
  ctx.body = await parts.service.metrics.text()
  ctx.set('Content-Type', parts.service.metrics.type)
}

function only(ctx: Context, methods: readonly string[]): void {
  if (methods.includes(ctx.method)) return
  ctx.set('Allow', methods.join(', '))
  throw new Refusal(405, 'This cannot be done here.')
}
