/** Which rule of a list a form means, and where a new one belongs. */
import { parseMask } from '../../access/ip-rule.ts'
import type { AccessRule } from '../../settings/access.ts'
import type { WebContext } from '../context.ts'

/** A position in the list, from 0. Throws 409 where there is none: the page is older than the list. */
export function position(ctx: WebContext, given: unknown, rules: readonly AccessRule[]): number {
  const at = Number(given)
  return typeof given === 'string' && /^\d+$/.test(given) && at < rules.length ? at : ctx.throw(409)
}

/** Masks that leave nothing to the rules behind them, for one family at least. */
const EVERYBODY: ReadonlySet<string> = new Set(['*.*.*.*', '*:*', '0.0.0.0/0', '::/0'].map((mask) => meaning(mask)))

/** Where a new rule belongs, from 1: before the rules for everybody at the end, behind which it would never be reached. */
export function newPosition(rules: readonly AccessRule[]): number {
  return rules.findLastIndex(({ mask }) => !EVERYBODY.has(meaning(mask))) + 2
}

function meaning(mask: string): string {
  const result = parseMask(mask)
  return 'mask' in result ? result.mask.text : mask
}
