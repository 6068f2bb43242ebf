/** Access control put together: rules, names, bans, counters and the file that carries them over a restart. */
import type { HammeringSettings } from '../settings/access.ts'
import type { Address } from './address.ts'
import { Bans } from './bans.ts'
import { BanStore } from './ban-store.ts'
import { systemClock, type Clock } from './clock.ts'
import { AccessGate, type AccessPolicy } from './gate.ts'
import { Hammering } from './hammering.ts'
import { Names } from './names.ts'

/** What may change while the server runs. */
export interface AccessSettings {
  readonly policy: AccessPolicy
  readonly hammering: HammeringSettings
  /** Whether an address, in canonical text, belongs to the LAN. */
  readonly lan: (address: string) => boolean
}

export interface AccessControlOptions {
  readonly settings: AccessSettings
  /** Where bans and failures are kept, ends in `.json`. */
  readonly file: string
  /** Told of a file that could not be read or written. */
  readonly failed: (error: unknown) => void
  readonly names?: Names
  readonly clock?: Clock
}

export class AccessControl {
  readonly gate: AccessGate
  readonly bans: Bans
  readonly hammering: Hammering
  readonly names: Names
  readonly #store: BanStore
  #settings: AccessSettings

  constructor({ settings, file, failed, names = new Names(), clock = systemClock }: AccessControlOptions) {
    this.#settings = settings
    this.names = names
    const spared = (address: Address): boolean => this.#spares(address)
    const changed = (): void => this.#store.changed()
    this.bans = new Bans({ clock, spared, changed })
    this.hammering = new Hammering({ clock, bans: this.bans, settings: settings.hammering, spared, changed })
    this.gate = new AccessGate({ clock, bans: this.bans, names, policy: settings.policy })
    this.#store = new BanStore({ file, clock, bans: this.bans, hammering: this.hammering, failed })
  }

  /** Takes over the bans of the last run; before the first connection. */
  async start(): Promise<void> {
    await this.#store.load()
  }

  /** Takes over changed settings; the next decision is made by them. */
  configure(settings: AccessSettings): void {
    this.#settings = settings
    this.gate.replace(settings.policy)
    this.hammering.configure(settings.hammering)
  }

  /** Writes bans and failures and gives up lookups. */
  async stop(): Promise<void> {
    this.names.close()
    await this.#store.close()
  }

  #spares(address: Address): boolean {
    const { hammering, lan } = this.#settings
    return (!hammering.banLan && lan(address.text)) || this.gate.exempt(address)
  }
}
