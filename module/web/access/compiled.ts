/** Rule lists made ready to be shown, kept for as long as the list is the same: thousands of rules take their time. */
import { RuleList } from '../../access/ip-rules.ts'
import { admitsNobody, neverReached, sortedView } from '../../access/rule-view.ts'
import type { AccessRule } from '../../settings/access.ts'

export interface CompiledList {
  readonly list: RuleList
  /** Positions in an order for reading. */
  readonly sorted: readonly number[]
  /** Positions of rules that never decide, each with those that take everything from it. */
  readonly never: ReadonlyMap<number, readonly number[]>
  /** Whether it has rules and none of them admits anybody. */
  readonly closed: boolean
}

const kept = new WeakMap<readonly AccessRule[], CompiledList & { readonly from: number; readonly until: number }>()

/** The list as it is at a moment of the wall clock, milliseconds since 1970. */
export function compiled(rules: readonly AccessRule[], now: number): CompiledList {
  const known = kept.get(rules)
  if (known && known.from <= now && now < known.until) return known
  const list = known?.list ?? new RuleList(rules)
  // Nothing changes before the next rule expires.
  const until = list.rules.reduce((next, rule) => (rule.until > now ? Math.min(next, rule.until) : next), Infinity)
  const made = {
    list,
    sorted: known?.sorted ?? sortedView(list.rules),
    never: neverReached(list.rules, now),
    closed: admitsNobody(list.rules, now),
    from: now,
    until,
  }
  kept.set(rules, made)
  return made
}
