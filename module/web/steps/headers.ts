/** Headers of every answer: nothing inline runs, nobody frames us but whom the shell names, nothing is guessed (ASVS 3.4). */
import type { Middleware } from 'koa'
import type { WebParts } from '../parts.ts'

/** The policy for pages; the shell's own style sheets come from its own origin. */
function policy(frames: string): string {
  return [
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    `frame-ancestors ${frames}`,
  ].join('; ')
}

export function secureHeaders({ host }: Pick<WebParts, 'host'>): Middleware {
  return async (ctx, next) => {
    const framed = host.present(ctx).embed !== 'page'
    ctx.set('Content-Security-Policy', policy(framed ? "'self'" : "'none'"))
    ctx.set('X-Content-Type-Options', 'nosniff')
    ctx.set('Referrer-Policy', 'same-origin')
    ctx.set('Cross-Origin-Opener-Policy', 'same-origin')
    ctx.set('Cache-Control', 'no-store')
    await next()
  }
}
