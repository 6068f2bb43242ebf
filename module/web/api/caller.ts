/** Who calls the API: the bearer of a token, or a login of the pages. */
import type { Context } from 'koa'
import { may } from '../permission.ts'
import type { WebParts } from '../parts.ts'
import type { Permission } from '../../shell.ts'
import { formToken } from '../steps/identity.ts'
import { checkOrigin } from '../steps/csrf.ts'
import { Refusal } from './problem.ts'

export interface Caller {
  /** For the log. */
  readonly name: string
  readonly permission: Permission
}

/** Names of parameters in which tokens are put by mistake; what stands in an address ends up in logs and histories. */
const SECRETS = ['token', 'access_token', 'api_key', 'apikey', 'authorization']

/**
 * Throws {@link Refusal} 401 for nobody. A request with a token is judged by the token alone: one that is wrong is not made right by
 * a cookie. A login of the pages has to show that a page of ours sends the request (CSRF).
 */
export async function callerOf(ctx: Context, { host, service }: WebParts): Promise<Caller> {
  if (SECRETS.some((name) => ctx.URL.searchParams.has(name))) {
    throw new Refusal(400, 'A token belongs into the header Authorization; this one should be revoked now.')
  }
  const bearer = /^Bearer(?: +(.*))?$/i.exec(ctx.get('Authorization'))
  if (bearer) {
    const token = service.tokens.find((bearer[1] ?? '').trim())
    if (token) return { name: `token ${token.id} (${token.note})`, permission: token.permission }
    ctx.set('WWW-Authenticate', 'Bearer realm="FTP module", error="invalid_token"')
    throw new Refusal(401, 'The token is not known, was revoked or is past its end.')
  }
  const identity = await host.identify(ctx)
  if (!identity) {
    ctx.set('WWW-Authenticate', 'Bearer realm="FTP module"')
    throw new Refusal(401, 'A token is needed: Authorization: Bearer …')
  }
  ctx.state['csrf'] = formToken(identity)
  await checkOrigin()(ctx, async () => undefined)
  return identity
}

/** Throws {@link Refusal} 403 for who may not. */
export function demand(caller: Caller, permission: Permission): void {
  if (!may(caller, permission)) throw new Refusal(403, `This needs the permission "${permission}".`)
}
