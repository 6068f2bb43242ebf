/** A change comes from one of our own pages or not at all (ASVS 3.5): origin, fetch metadata and the form's token. */
import { timingSafeEqual } from 'node:crypto'
import type { Middleware } from 'koa'

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

export function checkOrigin(): Middleware {
  return async (ctx, next) => {
    if (!SAFE.has(ctx.method)) {
      const site = ctx.get('Sec-Fetch-Site')
      if (site !== '' && site !== 'same-origin') ctx.throw(403, 'cross-site')
      const origin = ctx.get('Origin')
      if (origin !== '' && !sameHost(origin, ctx.host)) ctx.throw(403, 'cross-origin')
      const sent = ctx.get('X-CSRF-Token') || field(ctx.request.body, '_csrf')
      if (!equal(sent, String(ctx.state['csrf']))) ctx.throw(403, 'form-token')
    }
    await next()
  }
}

function sameHost(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host
}

function equal(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function field(body: unknown, name: string): string {
  const known = typeof body === 'object' && body !== null && Object.hasOwn(body, name)
  const value: unknown = known ? Reflect.get(body, name) : ''
  return typeof value === 'string' ? value : ''
}
