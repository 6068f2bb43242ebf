/** Answers only under names that are ours: a page of another name that was made to point here gets nothing (DNS rebinding). */
import { isIP } from 'node:net'
import type { Middleware } from 'koa'

/** `names` are the host names that are ours, in small letters; addresses and `localhost` always are. */
export function knownHost(names: () => readonly string[]): Middleware {
  return async (ctx, next) => {
    // Two of them would be read differently by others (RFC 9112 section 3.2).
    const [host = '', ...more] = ctx.req.headersDistinct['host'] ?? []
    if (more.length > 0) ctx.throw(400)
    const name = hostName(host)
    if (name === undefined || !(isIP(name) !== 0 || name === 'localhost' || names().includes(name))) {
      ctx.status = 421
      ctx.type = 'text/plain; charset=utf-8'
      ctx.body = 'This name is not one of this device. Use its address, or add the name under "System".\n'
      return
    }
    await next()
  }
}

/** The host without its port, and an IPv6 address without its brackets; undefined for what is no host. */
function hostName(host: string): string | undefined {
  const [, bracketed, plain] = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+))(?::\d{1,5})?$/.exec(host) ?? []
  return bracketed ?? plain?.toLowerCase().replace(/\.$/, '')
}
