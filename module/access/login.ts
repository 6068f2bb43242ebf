/**
 * Who may log in: the engine's `Accounts` over the shell's users, the module's own entries beside them, and the guests of the
 * resources. Every refusal looks the same and takes the time of a wrong password (RFC 2577 section 7).
 */
import { randomBytes } from 'node:crypto'
import type { Account, Accounts, Files, LoginAnswer, LoginRequest } from '../ftp/backend.ts'
import { resolvePathname, ROOT } from '../ftp/pathname.ts'
import { allowedBy, refusedBy } from '../ftp/verdict.ts'
import { GUEST_NAMES } from '../settings/values.ts'
import type { Directory, DirectoryUser } from '../shell.ts'
import { guestLimits } from './limits.ts'
import { LiveAccount, standingOf, whenceOf } from './live-account.ts'
import type { AccountParts, LiveUser, LoginVisitor } from './live-account.ts'

export interface LoginParts extends AccountParts {
  readonly directory: Directory
  /** The same tree for questions; absent = nobody asks. */
  readonly rehearsedFiles?: (visitor: () => LoginVisitor) => Files
  /** Whether some resource, of those shown where they log in, lets guests of this address in. */
  guestsAllowed(address: string, lan: boolean, shown?: ReadonlySet<string>): boolean
  /** The directory failed; the login was refused. */
  fault(error: unknown): void
}

/** A login that is asked about; nobody has to know the password for that. */
export interface Foreseen {
  readonly client: Pick<LoginRequest['client'], 'address'>
  readonly domain: string
  readonly user: string
  readonly at?: number
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
    const standing = standingOf(parts, user, request.client.address)
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

  #guest({ client: { address }, domain }: Pick<Foreseen, 'client' | 'domain'>): LoginAnswer {
    const visitor = () => ({ name: GUEST, groups: [], guest: true, ...whenceOf(this.#parts, address, domain) })
    const standing = () => {
      const { lan, shown } = visitor()
      const verdict = this.#parts.guestsAllowed(address, lan, shown) ? allowedBy : refusedBy
      return verdict('login.guest', 'resource')
    }
    const verdict = standing()
    if (!verdict.allowed) return { refused: verdict }
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
    const before = known && standingOf(this.#parts, known, client.address)
    if (before?.allowed === false) {
      // A right password may be remembered and then is answered sooner: who may not come in gets the wrong one's time.
      await directory.verify(name, randomBytes(16).toString('hex'), origin)
      return { refused: before }
    }
    const user = await directory.verify(name, password, origin)
    if (!user) return { refused: refusedBy(known ? 'login.password' : 'login.unknown', 'user') }
    const standing = standingOf(this.#parts, user, client.address)
    return standing.allowed ? { account: this.#account(user, client.address, domain) } : { refused: standing }
  }

  #account(user: DirectoryUser, address: string, domain: string): Account {
    return new LiveAccount(this.#parts, this.#join(user), { address, domain }, this.#leave)
  }

  #join(user: DirectoryUser): LiveUser {
    const live = this.#live.get(user.name) ?? { name: user.name, user, sessions: 0 }
    live.user = user
    live.sessions += 1
    this.#live.set(user.name, live)
    return live
  }

  readonly #leave = (live: LiveUser): void => {
    live.sessions -= 1
    if (live.sessions === 0) this.#live.delete(live.name)
  }
}
