/** Reads forms, within bounds, and nothing that is compressed or of another kind. */
import { bodyParser } from '@koa/bodyparser'
import type { Middleware } from 'koa'
import { UPLOAD, uploadedFields } from '../upload.ts'

/** Settings of a thousand resources fit; backups have their own way in. */
const LIMIT = '2mb'
const FORM = 'application/x-www-form-urlencoded'
/** A form of a few short fields. */
const SMALL = '16kb'

/** `visitors`: forms of a few short fields and nothing else, for who has not said yet who asks. */
export function parseBody({ visitors = false } = {}): Middleware {
  // A form comes as text: the parser's own would nest the names with dots in them and drop everything after the thousandth field.
  const parse = bodyParser({
    enableTypes: ['text'],
    extendTypes: { text: [FORM] },
    textLimit: visitors ? SMALL : LIMIT,
    encoding: 'utf-8',
  })
  return async (ctx, next) => {
    const encoding = ctx.get('Content-Encoding')
    // A few kilobytes could unpack to anything (CVE-2026-28318).
    if (encoding !== '' && encoding !== 'identity') ctx.throw(415, 'Compressed requests are not accepted.')
    // Before a single octet of it is read: files and documents are for who is logged in.
    if (visitors && ctx.is(FORM) === false) ctx.throw(415, 'Only short forms are accepted here.')
    if (ctx.is(UPLOAD)) {
      ctx.request.body = await uploadedFields(ctx)
      await next()
      return
    }
    await parse(ctx, async () => {
      const { body } = ctx.request
      if (typeof body === 'string') ctx.request.body = ctx.is(FORM) ? formFields(body) : {}
      await next()
    })
  }
}

/** Fields by name, of a name that was sent several times all values. */
function formFields(text: string): Record<string, string | string[]> {
  const found: Record<string, string | string[]> = Object.create(null)
  for (const [name, value] of new URLSearchParams(text)) {
    const before = found[name]
    if (Array.isArray(before)) before.push(value)
    else found[name] = before === undefined ? value : [before, value]
  }
  return found
}
