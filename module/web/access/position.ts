/** Which rule of a list a form means. */
import type { AccessRule } from '../../settings/access.ts'
import type { WebContext } from '../context.ts'

/** A position in the list, from 0. Throws 409 where there is none: the page is older than the list. */
export function position(ctx: WebContext, given: unknown, rules: readonly AccessRule[]): number {
  const at = Number(given)
  return typeof given === 'string' && /^\d+$/.test(given) && at < rules.length ? at : ctx.throw(409)
}
