/**
 * What settings would have said to sessions of the past: the gate, the counters of failed logins and the engine's own checks, made
 * anew out of those settings, on a clock that shows the time of each event. Nothing of the running service is touched.
 */
import type { Address } from '../access/address.ts'
import { Bans } from '../access/bans.ts'
import type { Clock } from '../access/clock.ts'
import { AccessGate } from '../access/gate.ts'
import { Hammering } from '../access/hammering.ts'
import { Domains } from '../ftp/domains.ts'
import { requireTls } from '../ftp/permission.ts'
import { Refusal } from '../ftp/reply.ts'
import { refusedBy } from '../ftp/verdict.ts'
import type { Verdict } from '../ftp/verdict.ts'
import type { TrailRow } from '../journal/trail.ts'
import { engineOptions } from '../settings/engine-options.ts'
import { DEFAULT_DOMAIN } from '../settings/domain.ts'
import type { Settings } from '../settings/schema.ts'
import { accessPolicy } from './entrance.ts'

/** The events of one session, oldest first. */
export type PastSession = readonly [TrailRow, ...TrailRow[]]

export interface Judgement {
  /** Absent = nothing would have stopped it. */
  readonly refused?: Verdict
  /** The event that would have been refused. */
  readonly at?: TrailRow
  /** A rule of names was reached: what a name server would have said then, nobody knows. */
  readonly untold: boolean
}

interface CourtParts {
  readonly settings: Settings
  /** Whether an address belongs to the LAN. */
  lan(address: string): boolean
  groupsOf(user: string): Promise<readonly string[]>
}

/** No certificate is needed to know whether one would have been asked for. */
const KEY_PAIR = { certificate: '', key: '' }

export class Court {
  readonly #parts: CourtParts
  readonly #gate: AccessGate
  readonly #hammering: Hammering
  readonly #domains: Domains
  #now = 0
  #untold = false

  constructor(parts: CourtParts) {
    this.#parts = parts
    const { settings } = parts
    const clock: Clock = { monotonic: () => this.#now, wall: () => this.#now, boot: '' }
    const spared = (address: Address): boolean =>
      (!settings.settings.access.hammering.banLan && parts.lan(address.text)) || this.#gate.exempt(address)
    const bans = new Bans({ clock, spared })
    const belongs = async (): Promise<boolean> => {
      this.#untold = true
      return false
    }
    const names = { lookup: () => ({ belongs }) }
    this.#gate = new AccessGate({ clock, bans, names, policy: accessPolicy(settings) })
    this.#hammering = new Hammering({ clock, bans, settings: settings.settings.access.hammering, spared })
    this.#domains = new Domains(engineOptions(settings, { keyPair: KEY_PAIR, externalAddress: () => undefined }))
  }

  /** Sessions have to come in the order in which they began: failed logins are counted. */
  async judge(session: PastSession): Promise<Judgement> {
    this.#untold = false
    const state = { secure: false, domain: DEFAULT_DOMAIN }
    for (const event of session) {
      this.#now = event.time
      state.domain = event.domain ?? state.domain
      if (event.event === 'secured' || event.secure) state.secure = true
      const refused = await this.#verdict(event, state)
      if (refused && !refused.allowed) return { refused, at: event, untold: this.#untold }
    }
    return { untold: this.#untold }
  }

  async #verdict(event: TrailRow, state: { secure: boolean; domain: string }): Promise<Verdict | undefined> {
    const { address, user } = event
    switch (event.event) {
      case 'session-opened':
      case 'connection-refused':
        return this.#gate.admit({ address }, state.domain)
      case 'secured':
        return this.#options(state.domain).tls ? undefined : refusedBy('tls.off', 'server')
      case 'domain-chosen':
        return this.#gate.admitHost({ address }, state.domain)
      case 'login':
      case 'login-failed':
        return this.#login(event, user ?? '', state)
      case 'command':
        return this.#command(event.verb ?? '', state.domain)
      default:
        return undefined
    }
  }

  async #login(
    { event, address, rule }: TrailRow,
    user: string,
    state: { secure: boolean; domain: string },
  ): Promise<Verdict | undefined> {
    const { domain } = state
    const clear = this.#protection(address, state)
    if (clear) return clear
    const groups = await this.#parts.groupsOf(user)
    const verdict = await this.#gate.admitLogin({ address }, { domain, user, groups })
    // A login that only the rules of its time refused may have had the right password.
    const failed = event === 'login-failed' && !rule?.startsWith('access.')
    if (failed || !verdict.allowed) this.#hammering.failed(address, user, domain)
    else if (event === 'login') this.#hammering.succeeded(address, user, user === 'anonymous')
    return verdict
  }

  #command(verb: string, domain: string): Verdict | undefined {
    return this.#options(domain).disabled.has(verb) ? refusedBy('command.disabled', 'server', verb) : undefined
  }

  #protection(address: string, { secure, domain }: { secure: boolean; domain: string }): Verdict | undefined {
    try {
      requireTls({ options: this.#options(domain), control: { secure }, client: { address } })
      return undefined
    } catch (error) {
      if (error instanceof Refusal) return error.verdict
      throw error
    }
  }

  #options(domain: string) {
    return this.#domains.of(domain).options
  }
}
