/** Reads forms and JSON, within bounds, and nothing that is compressed or of another kind. */
import { bodyParser } from '@koa/bodyparser'
import type { Middleware } from 'koa'

/** Settings of a thousand resources fit; backups have their own way in. */
const LIMIT = '2mb'

export function parseBody(): Middleware {
  const parse = bodyParser({ enableTypes: ['form', 'json'], formLimit: LIMIT, jsonLimit: LIMIT, encoding: 'utf-8' })
  return async (ctx, next) => {
    const encoding = ctx.get('Content-Encoding')
    // A few kilobytes could unpack to anything (CVE-2026-28318).
    if (encoding !== '' && encoding !== 'identity') ctx.throw(415, 'Compressed requests are not accepted.')
    await parse(ctx, next)
  }
}
