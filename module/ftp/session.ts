/** One control connection's conversation: everything a command may read or change, in groups (RFC 959 section 5.4). */
import type { Account, Backend, Client } from './backend.ts'
import type { Domain, Domains } from './domains.ts'
import type { Options } from './options.ts'
import { Cut } from './data/aborted.ts'
import type { Signal } from './data/aborted.ts'
import type { DataEndpoint } from './data/endpoint.ts'
import type { PortPool } from './data/port-pool.ts'
import type { Throttle } from './data/throttle.ts'
import type { Census } from './census.ts'
import type { CommandTable } from './command.ts'
import type { CloseReason, FtpEvent } from './events.ts'
import type { Reply } from './reply.ts'
import { initialParameters } from './initial-parameters.ts'
import { ROOT } from './pathname.ts'
import type { LazyContext } from './tls.ts'
import { Totals } from './totals.ts'
import type { VirtualPath } from './pathname.ts'
import type { Verdict } from './verdict.ts'

/** What all sessions of a server share. */
export interface Shared {
  /** The server's, as they are now; never keep a copy. A session has its own, those of its domain. */
  options(): Options
  /** As they are now; never keep them. */
  domains(): Domains
  readonly table: CommandTable
  readonly backend: Backend
  /** As it is now. */
  ports(): PortPool
  readonly throttle: Throttle
  readonly census: Census<Session>
  /** Tells the client of another session and ends it. */
  end(session: Session, reason: CloseReason, last: Reply): void
  emit(event: FtpEvent): void
}

export interface Login {
  readonly account: Account
  directory: VirtualPath
}

/** A step that only makes sense with the command that follows it. */
export interface Pending {
  /** The path named by RNFR. */
  rename?: VirtualPath
  /** The offset named by REST, octets. */
  restart?: number
  /** The size announced by ALLO, octets. */
  allocate?: number
  /** The octets named by RANG: the first, and the one behind the last. */
  range?: { readonly from: number; readonly to: number }
}

/** The transfer that runs now, for STAT, ABOR and the activity page. */
export interface RunningTransfer {
  readonly id: number
  readonly verb: string
  readonly path: VirtualPath
  readonly size?: number
  bytes: number
  /** The 150 has been sent. */
  marked: boolean
  abort(reason: AbortReason): void
}

export type AbortReason = 'client' | 'administrator' | 'lost' | 'stall' | 'shutdown'

export class Session {
  readonly client: Client
  readonly shared: Shared
  /** What TLS changed. */
  readonly control: {
    secure: boolean
    /** From the first octet on, as on port 990. */
    implicit?: true
    /** The context that data connections resume from: it takes this session's own tickets. */
    context?: () => LazyContext
    protocol?: string
    serverName?: string
    /** The id of the domain whose certificate the client has seen. */
    servedAs?: string
  } = { secure: false }
  protection: 'clear' | 'private' = 'clear'
  /** PBSZ has been sent (RFC 4217 section 9). */
  bufferSizeSet = false
  parameters = initialParameters()
  /** The id of the domain that the listener belongs to. */
  readonly listener: string
  /** The id of the domain that SNI chose, else that of the listener: where REIN leads back to. */
  home: string
  #domainId: string
  /** The domains of which it was looked for last, every command asks for it many times; and what was found. */
  #domains: Domains
  #domain: Domain
  /** The name given by USER, while PASS is awaited. */
  user?: string | undefined
  login?: Login | undefined
  failedLogins = 0
  unknownCommands = 0
  clientName = ''
  data?: DataEndpoint | undefined
  pending: Pending = {}
  transfer?: RunningTransfer | undefined
  /** An ABOR waits for its reply: `wanted` while the command before it has not become a transfer, `done` once it cut one. */
  aborting?: 'wanted' | 'done' | undefined
  /** Why the session may not go on, once rules or accounts have changed so. */
  expelled?: Verdict | undefined
  /** Texts of administrators that wait for a reply to travel with. */
  readonly messages: string[] = []
  readonly totals = new Totals()
  lastVerb = ''
  /** Monotonic milliseconds. */
  readonly opened = performance.now()
  lastActivity = this.opened
  /** Since when nobody is logged in, or was before the login; monotonic milliseconds. */
  vacant = this.opened
  /** Looks at the times again, which may have changed; there once somebody keeps them. */
  clock?: { check(): void }
  /** The connection is over: nobody may come in any more. */
  ended = false
  /** What a command works out that may take long; the idle clock stands still meanwhile. */
  #work: Cut | undefined

  /** `listener` is the id of the domain that the listener belongs to. */
  constructor(client: Client, shared: Shared, listener: string) {
    this.client = client
    this.shared = shared
    this.listener = listener
    this.home = listener
    this.#domainId = listener
    this.#domains = shared.domains()
    this.#domain = this.#domains.of(listener)
  }

  get domainId(): string {
    return this.#domainId
  }

  /** The domain as it is now; the default one in the place of one that is gone. */
  get domain(): Domain {
    const domains = this.shared.domains()
    if (domains !== this.#domains) {
      this.#domains = domains
      this.#domain = domains.of(this.#domainId)
    }
    return this.#domain
  }

  /** What holds in this session: the options of its domain, as they are now. */
  get options(): Options {
    return this.domain.options
  }

  /** Goes on in another domain. */
  moveTo({ id }: Pick<Domain, 'id'>): void {
    if (id === this.#domainId) return
    const from = this.#domainId
    this.#domainId = id
    this.#domain = this.#domains.of(id)
    this.shared.census.moved(from, this)
    this.emit({ kind: 'domain-chosen', session: this.client, domain: id })
  }

  /** The pending step of a kind, if there is one; it is used up. */
  take<Kind extends keyof Pending>(kind: Kind): Pending[Kind] {
    const step = this.pending[kind]
    if (step !== undefined) delete this.pending[kind]
    return step
  }

  /** Where pathnames start from; `/` before the login. */
  get directory(): VirtualPath {
    return this.login?.directory ?? ROOT
  }

  /** Somebody has logged in. */
  enter(account: Account, directory: VirtualPath): void {
    this.user = undefined
    this.failedLogins = 0
    this.login = { account, directory }
    this.shared.census.loggedIn(account.name, this)
  }

  /** Forgets user, parameters, pending steps and data endpoint, as REIN, AUTH and a new USER do. */
  reset(): void {
    this.logout()
    this.user = undefined
    this.parameters = initialParameters()
    this.pending = {}
    this.closeData()
    this.clock?.check()
  }

  logout(): void {
    if (!this.login) return
    const { account } = this.login
    this.login = undefined
    this.vacant = performance.now()
    this.shared.census.loggedOut(account.name, this)
    account.release?.()
    this.emit({ kind: 'logout', session: this.client, user: account.name })
  }

  /** Whether a transfer or long work keeps the client waiting. */
  get working(): boolean {
    return this.transfer !== undefined || this.#work !== undefined
  }

  /** Does what may take long, with a signal that nobody waits for it any more. */
  async longWork<Result>(work: (signal: Signal) => Promise<Result>): Promise<Result> {
    const cut = (this.#work = new Cut())
    if (this.ended) cut.abort('lost')
    try {
      return await work(cut)
    } finally {
      this.#work = undefined
    }
  }

  /** The connection is over: what runs for it is cut, and what it holds is given back. */
  end(reason: 'lost' | 'shutdown'): void {
    this.ended = true
    this.#work?.abort(reason)
    this.transfer?.abort(reason)
    this.closeData()
    this.logout()
  }

  /** Protects data connections as they are before PBSZ and PROT: every client of an implicit listener expects that they are. */
  resetProtection(): void {
    this.protection = this.control.implicit ? 'private' : 'clear'
    this.bufferSizeSet = false
  }

  /** Gives back the data endpoint that no transfer has used. */
  closeData(): void {
    this.data?.close()
    this.data = undefined
  }

  emit(event: FtpEvent): void {
    this.totals.take(event)
    this.shared.emit(event)
  }
}

/** A session in which somebody is logged in. */
export type LoggedInSession = Session & { login: Login }
