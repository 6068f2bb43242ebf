/** Where lists of IP access rules stand in the settings: at the server, a domain, a group or a user. */
import type { AccessRule } from './access.ts'
import type { Settings } from './schema.ts'
import { accountName } from './values.ts'

export type RuleLevel = 'server' | 'domain' | 'group' | 'user'

export interface RulePlace {
  readonly level: RuleLevel
  /** Id of the domain, name of the group or user; empty for the server. */
  readonly name: string
}

export const SERVER_RULES: RulePlace = { level: 'server', name: '' }

/** The rules of a place; none where nobody gave it any. Undefined for a domain that is not there, and for what can be no account. */
export function rulesAt(
  { settings, domains, accounts }: Settings,
  place: RulePlace,
): readonly AccessRule[] | undefined {
  const { level, name } = place
  if (level === 'server') return settings.access.rules
  if (level === 'domain') return domains.find(({ id }) => id === name)?.access.rules
  if (!accountName.safeParse(name).success) return undefined
  const entries = level === 'group' ? accounts.groups : accounts.users
  return Object.hasOwn(entries, name) ? (entries[name]?.access.rules ?? []) : []
}

/** The merge patch that gives a place these rules and leaves everything else. */
export function rulesPatch({ domains }: Settings, place: RulePlace, rules: readonly AccessRule[]): object {
  const { level, name } = place
  const access = { rules }
  if (level === 'server') return { settings: { access } }
  if (level === 'domain') return { domains: domains.map((one) => (one.id === name ? { ...one, access } : one)) }
  return { accounts: { [level === 'group' ? 'groups' : 'users']: { [name]: { access } } } }
}

/** Every place that has rules, the server first whether it has some or not. */
export function rulePlaces({ domains, accounts }: Settings): readonly RulePlace[] {
  const lists: readonly (readonly [RuleLevel, string, { readonly access: { readonly rules: readonly unknown[] } }])[] =
    [
      ...domains.map((one) => ['domain', one.id, one] as const),
      ...Object.entries(accounts.groups).map(([name, one]) => ['group', name, one] as const),
      ...Object.entries(accounts.users).map(([name, one]) => ['user', name, one] as const),
    ]
  const filled = lists.filter(([, , { access }]) => access.rules.length > 0)
  return [SERVER_RULES, ...filled.map(([level, name]) => ({ level, name }))]
}

export function samePlace(one: RulePlace, other: RulePlace): boolean {
  return one.level === other.level && one.name === other.name
}

/** `the server`, `group staff`: a place in a line of the log. */
export function placeText({ level, name }: RulePlace): string {
  return level === 'server' ? 'the server' : `${level} ${name}`
}
