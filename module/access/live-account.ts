/** The account of a user who is logged in: what the engine asks before every command, answered by what holds now. */
import type { Account, AccountLimits, Files } from '../ftp/backend.ts'
import { resolvePathname, ROOT, type VirtualPath } from '../ftp/pathname.ts'
import { allowedBy, refusedBy, type Verdict } from '../ftp/verdict.ts'
import { shownIn } from '../settings/domain.ts'
import type { Member, Policy } from '../settings/inheritance.ts'
import { disabledUntil, effectiveLimits, machineZone } from '../settings/inheritance.ts'
import { UNLIMITED } from '../settings/values.ts'
import type { DirectoryUser } from '../shell.ts'
import { LimitsNow, type LimitSources } from './limits.ts'

/** Who looks at the resources. */
export interface LoginVisitor {
  readonly name: string
  readonly groups: readonly string[]
  readonly guest: boolean
  readonly address: string
  readonly lan: boolean
  /** Absent = unlimited. */
  readonly quotaBytes?: number
  /** Names of the resources of the domain; absent = all. */
  readonly shown?: ReadonlySet<string>
}

/** What an account is answered from. */
export interface AccountParts {
  /** The settings in force. */
  policy(): Policy
  /** Whether an address belongs to the LAN. */
  lan(address: string): boolean
  /** The tree that a visitor sees; the visitor is asked anew each time, so that a changed group counts at once. */
  filesFor(visitor: () => LoginVisitor): Files
  /** Milliseconds since 1970; absent = the clock of the machine. */
  readonly now?: () => number
  /** IANA name of the zone whose clock the hours of limits go by; absent = that of the machine. */
  readonly timeZone?: () => string
}

/** What is known of a user with live sessions. */
export interface LiveUser {
  readonly name: string
  /** Undefined once the shell does not know the name any more. */
  user: DirectoryUser | undefined
  sessions: number
}

/** One object instead of a closure for each question: thousands of sessions may lie idle. */
export class LiveAccount implements Account, LimitSources {
  readonly guest = false
  readonly files: Files
  readonly home: VirtualPath
  readonly domain: string
  readonly #parts: AccountParts
  readonly #live: LiveUser
  readonly #address: string
  readonly #limits: LimitsNow
  readonly #released: (live: LiveUser) => void
  #here = true
  /** The visitor as he was asked for last. */
  #seen: LoginVisitor | undefined

  /** `released` is called once, when the session has ended or logged out. */
  constructor(
    parts: AccountParts,
    live: LiveUser,
    { address, domain }: { readonly address: string; readonly domain: string },
    released: (live: LiveUser) => void,
  ) {
    this.#parts = parts
    this.#live = live
    this.#address = address
    this.domain = domain
    this.#released = released
    this.#limits = new LimitsNow(this)
    this.files = parts.filesFor(() => this.#visitor())
    this.home = resolvePathname(ROOT, this.#limits.effective.startFolder.value)
  }

  get name(): string {
    return this.#live.name
  }

  standing(): Verdict {
    return standingOf(this.#parts, this.#live.user, this.#address, this.#limits)
  }

  limits(): AccountLimits {
    return this.#limits.engine
  }

  release(): void {
    if (this.#here) this.#released(this.#live)
    this.#here = false
  }

  policy(): Policy {
    return this.#parts.policy()
  }

  member(): Member {
    return this.#live.user ?? { name: this.name, groups: [] }
  }

  now(): number {
    return (this.#parts.now ?? Date.now)()
  }

  timeZone(): string {
    return (this.#parts.timeZone ?? machineZone)()
  }

  /** The same object until something about him changes: he is asked for several times with every file. */
  #visitor(): LoginVisitor {
    const { value: quota } = this.#limits.effective.quotaBytes
    const { groups } = this.member()
    const lan = this.#parts.lan(this.#address)
    const shown = shownIn(this.#parts.policy().domains ?? [], this.domain)
    const seen = this.#seen
    const same = seen?.groups === groups && seen.lan === lan && seen.shown === shown
    if (same && (seen.quotaBytes ?? UNLIMITED) === quota) return seen
    const who = { name: this.name, groups, guest: false, address: this.#address, lan }
    this.#seen = { ...who, ...(shown && { shown }), ...(quota !== UNLIMITED && { quotaBytes: quota }) }
    return this.#seen
  }
}

/** The part of a visitor that his address and his domain decide. */
export function whenceOf(
  parts: Pick<AccountParts, 'policy' | 'lan'>,
  address: string,
  domain: string,
): Pick<LoginVisitor, 'address' | 'lan' | 'shown'> {
  const shown = shownIn(parts.policy().domains ?? [], domain)
  return { address, lan: parts.lan(address), ...(shown && { shown }) }
}

const WELCOME = allowedBy('login.password', 'user')

/** Whether a user may be here now. */
export function standingOf(
  parts: Pick<AccountParts, 'policy' | 'lan' | 'now'>,
  user: DirectoryUser | undefined,
  address: string,
  limits?: LimitsNow,
): Verdict {
  if (!user) return refusedBy('login.deleted', 'user')
  if (!user.enabled) return refusedBy('login.disabled', 'user')
  const policy = parts.policy()
  const disabled = disabledUntil(policy, user, (parts.now ?? Date.now)())
  if (disabled) return refusedBy('login.disabled-until', disabled.level, disabled.value)
  const { ftp, fromOutside } = limits?.effective ?? effectiveLimits(policy, user)
  if (!ftp.value) return refusedBy('login.ftp', ftp.level, ftp.from)
  if (!fromOutside.value && !parts.lan(address)) {
    return refusedBy('login.from-outside', fromOutside.level, fromOutside.from)
  }
  return WELCOME
}
