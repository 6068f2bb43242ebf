/**
 * The gate of the engine: bans first, then the rules of server and domain before the greeting, those of the domain again at
 * `HOST`, and at the login those of groups and user as well. An address must pass every level that has rules.
 */
import type { Client, Gate } from '../ftp/backend.ts'
import { allowedBy, refusedBy, type Level, type Verdict } from '../ftp/verdict.ts'
import { parseAddress, type Address } from './address.ts'
import type { Bans } from './bans.ts'
import type { Clock } from './clock.ts'
import type { Decision, NameLookup, RuleList } from './ip-rules.ts'
import type { Names } from './names.ts'

/** The rule lists of all levels; a level without rules need not be there. */
export interface AccessPolicy {
  readonly server: RuleList
  readonly domains: ReadonlyMap<string, RuleList>
  readonly groups: ReadonlyMap<string, RuleList>
  readonly users: ReadonlyMap<string, RuleList>
}

export interface GateOptions {
  readonly clock: Clock
  readonly bans: Bans
  readonly names: Pick<Names, 'lookup'>
  readonly policy: AccessPolicy
}

/** Who wants to log in where; without a user only server and domain are asked. */
export interface Visitor {
  readonly domain: string
  readonly user?: string
  readonly groups?: readonly string[]
}

/** One level on the way in: what it said, and which of its rules, from 0, said it. */
export interface GateStep {
  readonly level: Level
  /** Name of the domain, group or user. */
  readonly owner?: string
  readonly verdict: Verdict
  readonly index?: number
}

interface Check {
  readonly level: Level
  readonly owner?: string
  readonly list: RuleList
}

export class AccessGate implements Gate {
  readonly #clock: Clock
  readonly #bans: Bans
  readonly #names: Pick<Names, 'lookup'>
  #policy: AccessPolicy

  constructor({ clock, bans, names, policy }: GateOptions) {
    this.#clock = clock
    this.#bans = bans
    this.#names = names
    this.#policy = policy
  }

  /** Takes over changed rules; the next decision is made by them. */
  replace(policy: AccessPolicy): void {
    this.#policy = policy
  }

  admit(client: Pick<Client, 'address'>, domain: string): Verdict | Promise<Verdict> {
    return this.#decide(client.address, domain, () => this.#checks({ domain }))
  }

  admitHost(client: Pick<Client, 'address'>, domain: string): Verdict | Promise<Verdict> {
    return this.#decide(client.address, domain, () =>
      this.#checks({ domain }).filter(({ level }) => level === 'domain'),
    )
  }

  /**
   * Whether somebody may log in from an address: all levels, because rules and bans may have changed since the greeting. The
   * caller tells the client only after `PASS`, with the reply to a wrong password: anything else would tell that the
   * account exists.
   */
  admitLogin(client: Pick<Client, 'address'>, visitor: Visitor): Verdict | Promise<Verdict> {
    return this.#decide(client.address, visitor.domain, () => this.#checks(visitor))
  }

  /** What the rules say of somebody who is in already. Bans are for those who come: who guesses next door ends nobody's session. */
  standing({ address: text }: Pick<Client, 'address'>, visitor: Visitor): Verdict | Promise<Verdict> {
    const address = parseAddress(text)
    if (!address) return refusedBy('access.address', 'system')
    return this.#pass(this.#checks(visitor), address, this.#names.lookup(), OPEN)
  }

  /**
   * The way in level by level, up to the one that refuses: the very decisions that a client would meet. `at` stands for now where
   * rules expire, milliseconds since 1970.
   */
  async explain(addressText: string, visitor: Visitor, at = this.#clock.wall()): Promise<GateStep[]> {
    const address = parseAddress(addressText)
    if (!address) return [{ level: 'system', verdict: refusedBy('access.address', 'system') }]
    const ban = this.#bans.check(address, visitor.domain)
    if (ban) return [{ level: ban.level, verdict: ban }]
    const names = this.#names.lookup()
    const steps: GateStep[] = []
    for (const check of this.#checks(visitor)) {
      const { list, ...where } = check
      const decision = await list.decide(address, at, names)
      const step = { ...where, verdict: verdictOf(decision, check) }
      steps.push(decision.index === undefined ? step : { ...step, index: decision.index })
      if (!decision.allowed) break
    }
    return steps.length > 0 ? steps : [{ level: 'system', verdict: OPEN }]
  }

  /** Whether an allow rule of any level names exactly this address: it is then never banned for failed logins. */
  exempt(address: Address): boolean {
    const now = this.#clock.wall()
    const { server, domains, groups, users } = this.#policy
    if (server.namesExactly(address, now)) return true
    for (const lists of [domains, groups, users]) {
      for (const list of lists.values()) if (list.namesExactly(address, now)) return true
    }
    return false
  }

  #decide(addressText: string, domain: string, checks: () => Check[]): Verdict | Promise<Verdict> {
    const address = parseAddress(addressText)
    // A connection that is gone before it was accepted has no address any more.
    if (!address) return refusedBy('access.address', 'system')
    return this.#bans.check(address, domain) ?? this.#pass(checks(), address, this.#names.lookup(), OPEN)
  }

  /** The first refusal, else the word of the last level that had rules. Waits only where a rule of names is reached. */
  #pass(checks: readonly Check[], address: Address, names: NameLookup, said: Verdict): Verdict | Promise<Verdict> {
    const [check, ...rest] = checks
    if (!check) return said
    const decision = check.list.decide(address, this.#clock.wall(), names)
    const next = (decided: Decision): Verdict | Promise<Verdict> => {
      const verdict = verdictOf(decided, check)
      return verdict.allowed ? this.#pass(rest, address, names, verdict) : verdict
    }
    return decision instanceof Promise ? decision.then(next) : next(decision)
  }

  /** The lists that have rules, from the outermost level to the innermost. */
  #checks({ domain, user, groups = [] }: Visitor): Check[] {
    const policy = this.#policy
    const checks: Check[] = [{ level: 'server', list: policy.server }]
    const add = (level: Level, owner: string, list: RuleList | undefined): void => {
      if (list) checks.push({ level, owner, list })
    }
    add('domain', domain, policy.domains.get(domain))
    for (const group of groups) add('group', group, policy.groups.get(group))
    if (user !== undefined) add('user', user, policy.users.get(user))
    return checks.filter(({ list }) => !list.empty)
  }
}

/** No level has rules. */
const OPEN = allowedBy('access.empty', 'system')

function verdictOf(decision: Decision, { level, owner }: Check): Verdict {
  const whose = owner === undefined ? [] : [`${level} ${owner}`]
  const detail = [...whose, ...(decision.mask === undefined ? [] : [decision.mask])].join(': ')
  return (decision.allowed ? allowedBy : refusedBy)(`access.${decision.by}`, level, detail === '' ? undefined : detail)
}
