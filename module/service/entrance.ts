/** Who comes in: rules, bans and counters of failed logins as the settings want them, in front of the logins. */
import { join } from 'node:path'
import { AccessControl } from '../access/access-control.ts'
import type { AccessSettings } from '../access/access-control.ts'
import type { AccessPolicy } from '../access/gate.ts'
import type { GateStep } from '../access/gate.ts'
import { GuardedLogins } from '../access/guarded-logins.ts'
import type { Identity } from '../access/guarded-logins.ts'
import { checkRules, RuleList } from '../access/ip-rules.ts'
import type { Names } from '../access/names.ts'
import type { Foreseen, Logins } from '../access/login.ts'
import type { Accounts, LoginAnswer } from '../ftp/backend.ts'
import type { SessionView } from '../ftp/session-view.ts'
import type { Verdict } from '../ftp/verdict.ts'
import type { AccessRule } from '../settings/access.ts'
import { DEFAULT_DOMAIN } from '../settings/domain.ts'
import { SettingsError } from '../settings/problems.ts'
import type { Problem } from '../settings/problems.ts'
import type { Settings } from '../settings/schema.ts'
import { GUEST_NAMES } from '../settings/values.ts'
import type { ApplianceShell, AuditEntry } from '../shell.ts'

export interface EntranceParts {
  readonly shell: Pick<ApplianceShell, 'users' | 'paths'>
  readonly logins: Accounts & Pick<Logins, 'foresee'>
  readonly settings: Settings
  /** The groups of a logged-in user as they are now. */
  readonly groupsOf: (user: string) => readonly string[]
  /** Whether an address belongs to the LAN. */
  readonly lan: (address: string) => boolean
  readonly audit: (entry: AuditEntry) => void
  readonly fault: (what: string, error: unknown) => void
  /** Who looks up names of rules; absent = the machine's own name servers are asked. */
  readonly names?: Names | undefined
}

export class Entrance {
  readonly control: AccessControl
  /** Logins that rules and counters have been asked about. */
  readonly accounts: Accounts
  readonly #lan: (address: string) => boolean
  readonly #groupsOf: EntranceParts['groupsOf']
  readonly #logins: EntranceParts['logins']
  readonly #identify: (name: string) => Promise<Identity | undefined>
  /** The lists in force by their rules as JSON: masks of rules that did not change are not read again. */
  #lists: ReadonlyMap<string, RuleList> = new Map()

  constructor({ shell, logins, settings, groupsOf, lan, audit, fault, names }: EntranceParts) {
    this.#lan = lan
    this.#groupsOf = groupsOf
    this.#logins = logins
    this.#identify = async (name) => {
      if (GUEST_NAMES.includes(name.toLowerCase())) return GUEST
      const user = await shell.users.find(name)
      return user && { name: user.name, groups: user.groups }
    }
    this.control = new AccessControl({
      settings: this.#settings(settings),
      file: join(shell.paths.state, 'bans.json'),
      failed: (error) => fault('bans', error),
      ...(names && { names }),
    })
    const { gate, hammering } = this.control
    this.accounts = new GuardedLogins({
      logins,
      gate,
      hammering,
      identify: this.#identify,
      fault: (error) => fault('directory', error),
      banned: (address, minutes, failures) => {
        const text = `${address} is banned for ${minutes} min after ${failures} failed logins.`
        audit({ level: 'warning', event: 'access.banned', text })
      },
    })
  }

  /** Takes over changed rules and numbers; the next decision is made by them. */
  configure(settings: Settings): void {
    this.control.configure(this.#settings(settings))
    // A domain that comes later may have the id of one that is gone: it must not inherit its bans.
    this.control.bans.keepDomains(new Set([DEFAULT_DOMAIN, ...settings.domains.map(({ id }) => id)]))
  }

  /** What a login would meet if its password were right: rules of all levels, then the account; the answer is absent where a rule refuses. */
  async foresee(request: Foreseen): Promise<{ readonly steps: readonly GateStep[]; readonly answer?: LoginAnswer }> {
    const { client, domain, user, at } = request
    const { name, groups } = (await this.#identify(user)) ?? { name: user, groups: [] }
    const steps = await this.control.gate.explain(client.address, { domain, user: name, groups }, at)
    if (steps.at(-1)?.verdict.allowed === false) return { steps }
    return { steps, answer: await this.#logins.foresee(request) }
  }

  /** What the rules of all levels say of a session that is in already. */
  stays({ address, domain, user, guest }: SessionView): Verdict | Promise<Verdict> {
    const who = user === undefined ? {} : { user, groups: guest ? [] : this.#groupsOf(user) }
    return this.control.gate.standing({ address }, { domain, ...who })
  }

  #settings(settings: Settings): AccessSettings {
    const used = new Map<string, RuleList>()
    const policy = accessPolicy(settings, (rules) => {
      const text = JSON.stringify(rules)
      const ready = used.get(text) ?? this.#lists.get(text) ?? new RuleList(rules)
      used.set(text, ready)
      return ready
    })
    this.#lists = used
    return { policy, hammering: settings.settings.access.hammering, lan: this.#lan }
  }
}

const GUEST = { name: GUEST_NAMES[0] ?? '', groups: [] }

/** The rule lists of all levels; `list` reads the masks of one. */
export function accessPolicy(
  { settings: { access }, domains, accounts }: Settings,
  list: (rules: readonly AccessRule[]) => RuleList = (rules) => new RuleList(rules),
): AccessPolicy {
  const named = (entries: readonly (readonly [string, readonly AccessRule[]])[]) =>
    new Map(entries.filter(([, rules]) => rules.length > 0).map(([name, rules]) => [name, list(rules)]))
  const ofAccounts = (entries: Settings['accounts']['users']) =>
    named(Object.entries(entries).map(([name, entry]) => [name, entry.access.rules]))
  return {
    server: list(access.rules),
    domains: named(domains.map((domain) => [domain.id, domain.access.rules])),
    groups: ofAccounts(accounts.groups),
    users: ofAccounts(accounts.users),
  }
}

/** What is wrong with the masks of the rules, of whatever level: the schema cannot say it. */
export function ruleProblems({ settings, domains, accounts }: Settings): readonly Problem[] {
  return [
    ...maskProblems('settings.access.rules', settings.access.rules),
    ...domains.flatMap(({ access }, at) => maskProblems(`domains[${at}].access.rules`, access.rules)),
    ...Object.entries(accounts.groups).flatMap(([name, { access }]) =>
      maskProblems(`accounts.groups${member(name)}.access.rules`, access.rules),
    ),
    ...Object.entries(accounts.users).flatMap(([name, { access }]) =>
      maskProblems(`accounts.users${member(name)}.access.rules`, access.rules),
    ),
  ]
}

/** What is wrong with the masks of one list, which stands at a path. */
export function maskProblems(path: string, rules: readonly AccessRule[]): readonly Problem[] {
  return checkRules(rules).map(({ index, problem: { message, meant } }) => ({
    path: `${path}[${index}].mask`,
    text: meant === undefined ? message : `${message} Did you mean "${meant}"?`,
    got: JSON.stringify(rules[index]?.mask ?? '').slice(0, 80),
  }))
}

/** A name as part of a path, as problems of the schema have it. */
const member = (name: string) => (/^[\w-]+$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`)

/** Throws `SettingsError` for rules whose masks cannot be read; `source` is where they came from. */
export function checkEntrance(settings: Settings, source?: string): void {
  const problems = ruleProblems(settings)
  if (problems.length > 0) throw new SettingsError(problems, source)
}
