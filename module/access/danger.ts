/** Whom a changed rule list would shut out that nobody means to shut out: the administrator, or everybody. */
import type { AccessRule } from '../settings/access.ts'
import { parseAddress } from './address.ts'
import { RuleList, type NameLookup } from './ip-rules.ts'
import { admitsNobody } from './rule-view.ts'

export interface Danger {
  /** `self`: an address that came in before. `everybody`: no address at all comes in. */
  readonly kind: 'self' | 'everybody'
}

export interface DangerQuestion {
  readonly before: readonly AccessRule[]
  readonly after: readonly AccessRule[]
  /** The administrator's address; absent where the list does not concern it. */
  readonly address?: string | undefined
  /** Wall clock, milliseconds since 1970. */
  readonly now: number
  readonly names: NameLookup
}

/** What is dangerous about a change. Throws where a mask cannot be read. */
export async function dangersOf({ before, after, address, now, names }: DangerQuestion): Promise<readonly Danger[]> {
  const next = new RuleList(after)
  const dangers: Danger[] = []
  const own = address === undefined ? undefined : parseAddress(address)
  if (own && (await new RuleList(before).decide(own, now, names)).allowed) {
    if (!(await next.decide(own, now, names)).allowed) dangers.push({ kind: 'self' })
  }
  if (admitsNobody(next.rules, now) && !admitsNobody(new RuleList(before).rules, now)) {
    dangers.push({ kind: 'everybody' })
  }
  return dangers
}
