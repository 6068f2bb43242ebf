/**
 * Logins behind the rules and the counters: whoever may not come in from where he is gets the answer to a wrong password,
 * after the time of one, so that neither the account's existence nor a right guess shows (RFC 2577 section 7).
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Accounts, LoginAnswer, LoginRequest } from '../ftp/backend.ts'
import { refusedBy } from '../ftp/verdict.ts'
import type { AccessGate } from './gate.ts'
import type { Hammering } from './hammering.ts'

/** An account as far as rules ask. */
export interface Identity {
  readonly name: string
  readonly groups: readonly string[]
}

export interface GuardParts {
  /** Who checks names and passwords. */
  readonly logins: Accounts
  readonly gate: Pick<AccessGate, 'admitLogin'>
  readonly hammering: Pick<Hammering, 'failed' | 'succeeded'>
  /**
   * The account that a typed name means, in the spelling its rules are kept under; undefined for names that mean none. A
   * typed name in other letters must not slip past the rules of its account.
   */
  identify(name: string): Promise<Identity | undefined>
  /** The directory failed; the login was refused. */
  fault(error: unknown): void
  /** The address has just been banned for so many minutes. */
  readonly banned?: (address: string, minutes: number, failures: number) => void
  /** Waits so many milliseconds. */
  readonly wait?: (milliseconds: number) => Promise<void>
}

export class GuardedLogins implements Accounts {
  readonly #parts: GuardParts

  constructor(parts: GuardParts) {
    this.#parts = parts
  }

  async login(request: LoginRequest): Promise<LoginAnswer> {
    try {
      const found = await this.#parts.identify(request.user)
      return await this.#guarded(request, found ?? { name: request.user, groups: [] })
    } catch (error) {
      // Without its groups nobody knows which rules an account has.
      this.#parts.fault(error)
      return { refused: refusedBy('login.unavailable', 'system') }
    }
  }

  async #guarded(request: LoginRequest, { name, groups }: Identity): Promise<LoginAnswer> {
    const { gate, hammering, wait = pause } = this.#parts
    const { client, domain } = request
    const admitted = () => gate.admitLogin(client, { domain, user: name, groups })
    let verdict = await admitted()
    const answer = verdict.allowed ? await this.#parts.logins.login(request) : await this.#pretend(request)
    if (verdict.allowed && 'account' in answer) {
      // A rule or a ban that came while the password was being checked is too late for nobody: guesses made side by side are counted.
      verdict = await admitted()
      if (!verdict.allowed) answer.account.release?.()
    }
    if (verdict.allowed && 'account' in answer) {
      hammering.succeeded(client.address, name, answer.account.guest)
      return answer
    }
    // Nobody looked at the password: a directory that is away must ban nobody.
    if ('refused' in answer && answer.refused.rule === 'login.unavailable') return answer
    const { delay, failures, bannedMinutes } = hammering.failed(client.address, name, domain)
    if (bannedMinutes !== undefined) this.#parts.banned?.(client.address, bannedMinutes, failures)
    if (delay > 0) await wait(delay)
    return verdict.allowed ? answer : { refused: verdict }
  }

  /** Spends the time that a wrong password takes. */
  async #pretend(request: LoginRequest): Promise<LoginAnswer> {
    const answer = await this.#parts.logins.login({ ...request, password: randomBytes(16).toString('hex') })
    // A guest needs no password.
    if ('account' in answer) answer.account.release?.()
    return answer
  }
}
