/** Blocking for good: a deny rule at the top, which must not turn an empty list into one that denies everybody. */
import type { AccessRule } from '../settings/access.ts'
import { parseMask } from './ip-rule.ts'

/** The rules that admit whatever no rule before them has decided about. */
export const EVERYBODY: readonly AccessRule[] = [
  { action: 'allow', mask: '*.*.*.*', note: '' },
  { action: 'allow', mask: '*:*', note: '' },
]

/** The list with a mask denied before everything else; on an empty list the two rules that admit everybody come with it. */
export function withBlock(rules: readonly AccessRule[], mask: string, note: string): readonly AccessRule[] {
  const rest = rules.length === 0 ? EVERYBODY : rules
  const [first] = rest
  if (first?.action === 'deny' && first.expires === undefined && meaning(first.mask) === meaning(mask)) return rest
  return [{ action: 'deny', mask, note }, ...rest]
}

function meaning(mask: string): string {
  const result = parseMask(mask)
  return 'mask' in result ? result.mask.text : mask
}
