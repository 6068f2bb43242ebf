/**
 * Who may log in: the engine's `Accounts` over the shell's users, the module's own entries beside them, and the guests of the
 * resources. Every refusal looks the same and takes the time of a wrong password (RFC 2577 section 7).
 */
import { randomBytes } from 'node:crypto'
import type { Account, Accounts, Files, LoginAnswer, LoginRequest } from '../ftp/backend.ts'
import { resolvePathname, ROOT } from '../ftp/pathname.ts'
import type { Verdict } from '../ftp/verdict.ts'
import { allowedBy, refusedBy } from '../ftp/verdict.ts'
import { shownIn } from '../settings/domain.ts'
import type { Policy } from '../settings/inheritance.ts'
import { disabledUntil, effectiveLimits, machineZone } from '../settings/inheritance.ts'
import { GUEST_NAMES, UNLIMITED } from '../settings/values.ts'
import type { Directory, DirectoryUser } from '../shell.ts'
import { guestLimits, LimitsNow } from './limits.ts'

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

export interface LoginParts {
  readonly directory: Directory
  /** The settings in force. */
  policy(): Policy
  /** Whether an address belongs to the LAN. */
  lan(address: string): boolean
  /** The tree that a visitor sees; the visitor is asked anew each time, so that a changed group counts at once. */
  filesFor(visitor: () => LoginVisitor): Files
  /** The same tree for questions; absent = nobody asks. */
  readonly rehearsedFiles?: (visitor: () => LoginVisitor) => Files
  /** Whether some resource, of those shown where they log in, lets guests of this address in. */
  guestsAllowed(address: string, lan: boolean, shown?: ReadonlySet<string>): boolean
  /** The directory failed; the login was refused. */
  fault(error: unknown): void
  /** Milliseconds since 1970; absent = the clock of the machine. */
  readonly now?: () => number
  /** IANA name of the zone whose clock the hours of limits go by; absent = that of the machine. */
  readonly timeZone?: () => string
}

/** A login that is asked about; nobody has to know the password for that. */
export interface Foreseen {
  readonly client: Pick<LoginRequest['client'], 'address'>
  readonly domain: string
  readonly user: string
  readonly at?: number
}

/** What is known of a user with live sessions. */
interface LiveUser {
  /** Undefined once the shell does not know the name any more. */
  user: DirectoryUser | undefined
  sessions: number
}

const GUEST = 'anonymous'

export class Logins implements Accounts {
  readonly #parts: LoginParts
  readonly #live = new Map<string, LiveUser>()
  #refreshing: Promise<void> = Promise.resolve()

  constructor(parts: LoginParts) {
    this.#parts = parts
  }

  async login(request: LoginRequest): Promise<LoginAnswer> {
    if (GUEST_NAMES.includes(request.user.toLowerCase())) return this.#guest(request)
    try {
      return await this.#user(request)
    } catch (error) {
      this.#parts.fault(error)
      return { refused: refusedBy('login.unavailable', 'system') }
    }
  }

  /**
   * What a login would come to if its password were right: the same decisions about the same people. The account of the answer
   * is for questions alone: its files change nothing. `at` stands for now, milliseconds since 1970.
   */
  async foresee(request: Foreseen): Promise<LoginAnswer> {
    const { rehearsedFiles } = this.#parts
    if (!rehearsedFiles) return { refused: refusedBy('login.unavailable', 'system') }
    const parts = {
      ...this.#parts,
      filesFor: rehearsedFiles,
      ...(request.at === undefined ? {} : { now: () => request.at ?? 0 }),
    }
    // On its own: who asks is nobody's live session.
    const apart = new Logins(parts)
    if (GUEST_NAMES.includes(request.user.toLowerCase())) return apart.#guest(request)
    const user = await this.#parts.directory.find(request.user)
    if (!user) return { refused: refusedBy('login.unknown', 'user') }
    const standing = apart.#standing(user, request.client.address)
    return standing.allowed
      ? { account: apart.#account(user, request.client.address, request.domain) }
      : { refused: standing }
  }

  /** Asks the shell again about everybody who is logged in; called when its users have changed. */
  refresh(): Promise<void> {
    this.#refreshing = this.#refreshing.then(async () => {
      for (const [name, live] of this.#live) {
        try {
          live.user = await this.#parts.directory.find(name)
        } catch (error) {
          // A directory that is away for a moment is no reason to throw everybody out.
          this.#parts.fault(error)
        }
      }
    })
    return this.#refreshing
  }

  /** The groups of a logged-in user as they are now; none for anybody else. */
  groupsOf(user: string): readonly string[] {
    return this.#live.get(user)?.user?.groups ?? []
  }

  /** The part of a visitor that his domain decides. */
  #shown(domain: string): Pick<LoginVisitor, 'shown'> {
    const shown = shownIn(this.#parts.policy().domains ?? [], domain)
    return shown ? { shown } : {}
  }

  #guest({ client: { address }, domain }: Pick<Foreseen, 'client' | 'domain'>): LoginAnswer {
    const standing = () =>
      this.#parts.guestsAllowed(address, this.#parts.lan(address), this.#shown(domain).shown)
        ? allowedBy('login.guest', 'resource')
        : refusedBy('login.guest', 'resource')
    const verdict = standing()
    if (!verdict.allowed) return { refused: verdict }
    const who = { name: GUEST, groups: [], guest: true, address }
    const visitor = () => ({ ...who, lan: this.#parts.lan(address), ...this.#shown(domain) })
    const files = this.#parts.filesFor(visitor)
    const { startFolder = '/' } = this.#parts.policy().settings.guests
    const home = resolvePathname(ROOT, startFolder)
    const limits = () => guestLimits(this.#parts.policy())
    return { account: { name: GUEST, guest: true, files, home, standing, limits } }
  }

  async #user({ client, domain, user: name, password, secure }: LoginRequest): Promise<LoginAnswer> {
    const { directory } = this.#parts
    const origin = { address: client.address, service: secure ? 'ftps' : 'ftp' } as const
    const known = await directory.find(name)
    const before = known && this.#standing(known, client.address)
    if (before?.allowed === false) {
      // A right password may be remembered and then is answered sooner: who may not come in gets the wrong one's time.
      await directory.verify(name, randomBytes(16).toString('hex'), origin)
      return { refused: before }
    }
    const user = await directory.verify(name, password, origin)
    if (!user) return { refused: refusedBy(known ? 'login.password' : 'login.unknown', 'user') }
    const standing = this.#standing(user, client.address)
    return standing.allowed ? { account: this.#account(user, client.address, domain) } : { refused: standing }
  }

  #account(user: DirectoryUser, address: string, domain: string): Account {
    const { name } = user
    const { now = Date.now, timeZone = machineZone } = this.#parts
    const policy = () => this.#parts.policy()
    const live = this.#join(user)
    const nobody = { name, groups: [] }
    const member = () => live.user ?? nobody
    const limits = new LimitsNow({ policy, member, domain, now, timeZone })
    const visitor = (): LoginVisitor => {
      const { quotaBytes } = limits.effective
      const whence = { address, lan: this.#parts.lan(address), ...this.#shown(domain) }
      const who = { name, groups: member().groups, guest: false, ...whence }
      return quotaBytes.value === UNLIMITED ? who : { ...who, quotaBytes: quotaBytes.value }
    }
    let released = false
    return {
      name,
      guest: false,
      files: this.#parts.filesFor(visitor),
      home: resolvePathname(ROOT, limits.effective.startFolder.value),
      standing: () => this.#standing(live.user, address, limits),
      limits: () => limits.engine,
      release: () => {
        if (!released) this.#leave(name, live)
        released = true
      },
    }
  }

  #join(user: DirectoryUser): LiveUser {
    const live = this.#live.get(user.name) ?? { user, sessions: 0 }
    live.user = user
    live.sessions += 1
    this.#live.set(user.name, live)
    return live
  }

  #leave(name: string, live: LiveUser): void {
    live.sessions -= 1
    if (live.sessions === 0) this.#live.delete(name)
  }

  /** Whether a user may be here now; asked at the login and before every command. */
  #standing(user: DirectoryUser | undefined, address: string, limits?: LimitsNow): Verdict {
    if (!user) return refusedBy('login.deleted', 'user')
    if (!user.enabled) return refusedBy('login.disabled', 'user')
    const policy = this.#parts.policy()
    const disabled = disabledUntil(policy, user, (this.#parts.now ?? Date.now)())
    if (disabled) return refusedBy('login.disabled-until', disabled.level, disabled.value)
    const { ftp, fromOutside } = limits?.effective ?? effectiveLimits(policy, user)
    if (!ftp.value) return refusedBy('login.ftp', ftp.level, ftp.from)
    if (!fromOutside.value && !this.#parts.lan(address)) {
      return refusedBy('login.from-outside', fromOutside.level, fromOutside.from)
    }
    return allowedBy('login.password', 'user')
  }
}
