/** A whole back end in memory: files, a few accounts and a gate, all of which a test can change while sessions live. */
import type { Account, AccountLimits, Accounts, Backend, Client, Gate } from '../module/ftp/backend.ts'
import type { Files, LoginAnswer, LoginRequest } from '../module/ftp/backend.ts'
import { allowedBy, refusedBy, type Verdict } from '../module/ftp/verdict.ts'

const FINE = allowedBy('test.fine', 'system')

/** One account; the password undefined admits any (a guest). */
export class MemoryAccount implements Account {
  readonly name: string
  readonly password: string | undefined
  readonly files: Files
  verdict: Verdict = FINE
  now: AccountLimits
  released = 0

  constructor(name: string, password: string | undefined, files: Files, limits: Partial<AccountLimits> = {}) {
    this.name = name
    this.password = password
    this.files = files
    this.now = { download: [], upload: [], ...limits }
  }

  get guest(): boolean {
    return this.password === undefined
  }

  standing(): Verdict {
    return this.verdict
  }

  limits(): AccountLimits {
    return this.now
  }

  release(): void {
    this.released += 1
  }
}

export class MemoryBackend implements Backend, Accounts, Gate {
  readonly accounts = this
  readonly gate = this
  readonly logins: LoginRequest[] = []
  /** Decides about connections and hosts; everything may come in unless a test replaces it. */
  admits: (client: Client, domain: string) => Verdict | Promise<Verdict> = () => FINE
  admitsHost: (client: Client, domain: string) => Verdict | Promise<Verdict> = () => FINE
  readonly #accounts: Map<string, MemoryAccount>

  constructor(accounts: readonly MemoryAccount[]) {
    this.#accounts = new Map(accounts.map((account) => [account.name, account]))
  }

  account(name: string): MemoryAccount {
    const found = this.#accounts.get(name)
    if (!found) throw new Error(`no account ${name}`)
    return found
  }

  admit(client: Client, domain: string): Verdict | Promise<Verdict> {
    return this.admits(client, domain)
  }

  admitHost(client: Client, domain: string): Verdict | Promise<Verdict> {
    return this.admitsHost(client, domain)
  }

  async login(request: LoginRequest): Promise<LoginAnswer> {
    this.logins.push(request)
    if (request.user === 'faulty') throw new TypeError('secret detail of the account store')
    const account = this.#accounts.get(request.user)
    const right = account && (account.guest || account.password === request.password)
    return right ? { account } : { refused: refusedBy('login.password', 'user') }
  }
}
