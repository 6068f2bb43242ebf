/**
 * The ban layer: who is kept out for a time, whatever the rules say. Bans are earned by failed logins (automatic, a bounded
 * table) or given by an administrator (manual, a mask). They are no rules: they never turn an empty list into a deny-all.
 */
import type { Verdict } from '../ftp/verdict.ts'
import { refusedBy } from '../ftp/verdict.ts'
import { originOf, type Address } from './address.ts'
import { BoundedMap } from './bounded-map.ts'
import type { Clock } from './clock.ts'
import { parseMask } from './ip-rule.ts'
import { holds, type AddressMask } from './mask.ts'

/** Automatic bans kept, over and in force, 20 MB of them; beyond, the one given longest ago is forgotten. */
export const AUTOMATIC_BANS = 100_000
/** Manual bans in force at once. */
export const MANUAL_BANS = 500
/** Milliseconds that a ban is remembered after its end, so that the next one is longer. */
export const REMEMBERED = 86_400_000

/** An automatic ban; moments are monotonic milliseconds, `since` is wall clock for people. */
export interface AutomaticBan {
  /** An IPv4 address or an IPv6 /64. */
  readonly origin: string
  readonly until: number
  readonly since: number
  /** Failed logins that led to it. */
  readonly failures: number
  /** How many bans in a row, this one included. */
  readonly times: number
  /** The last name tried, cut to what a list shows. */
  readonly user: string
  readonly domain: string
}

export interface ManualBan {
  /** Normalised text of the mask. */
  readonly mask: string
  readonly until: number
  readonly since: number
  /** Absent = the whole server. */
  readonly domain?: string
  readonly by: string
  readonly note: string
}

/** A ban as the page lists it. */
export interface BanRow {
  /** Names the ban for `lift`. */
  readonly id: string
  readonly reason: 'failures' | 'manual'
  /** The address, /64 or mask. */
  readonly subject: string
  readonly domain?: string
  /** Wall clock, milliseconds since 1970. */
  readonly since: number
  /** Seconds. */
  readonly expiresIn: number
  readonly failures?: number
  readonly times?: number
  readonly user?: string
  readonly by?: string
  readonly note?: string
}

export interface BansOptions {
  readonly clock: Clock
  /** Addresses that automatic bans do not hold for: named by an allow rule, or of the LAN. Asked at every decision. */
  readonly spared: (address: Address) => boolean
  /** Told after every change that should survive a restart. */
  readonly changed?: () => void
  /** Automatic bans kept; absent = {@link AUTOMATIC_BANS}. */
  readonly most?: number
}

export class Bans {
  readonly #clock: Clock
  readonly #spared: (address: Address) => boolean
  readonly #changed: () => void
  /** Ordered by when the ban was given, oldest first. */
  readonly #automatic: BoundedMap<string, AutomaticBan>
  readonly #manual = new Map<string, { readonly ban: ManualBan; readonly mask: AddressMask }>()

  constructor({ clock, spared, changed, most = AUTOMATIC_BANS }: BansOptions) {
    this.#automatic = new BoundedMap(most)
    this.#clock = clock
    this.#spared = spared
    this.#changed = changed ?? (() => {})
  }

  /** The verdict of the ban that keeps an address out of a domain, or undefined. */
  check(address: Address, domain: string): Verdict | undefined {
    const now = this.#clock.monotonic()
    for (const { ban, mask } of this.#manual.values()) {
      if (ban.until <= now || (ban.domain !== undefined && ban.domain !== domain)) continue
      if (holds(mask, address)) return refusedBy('access.ban', ban.domain ? 'domain' : 'server', ban.mask)
    }
    const ban = this.#automatic.get(originOf(address))
    if (!ban || ban.until <= now || this.#spared(address)) return undefined
    return refusedBy('access.hammering', 'server', ban.origin)
  }

  /** The automatic ban of an origin, also one that is over and still remembered. */
  automatic(origin: string): AutomaticBan | undefined {
    const ban = this.#automatic.get(origin)
    return ban && ban.until + REMEMBERED > this.#clock.monotonic() ? ban : undefined
  }

  /** Bans an origin for failed logins; replaces the ban it has. */
  banOrigin(ban: AutomaticBan): void {
    this.#automatic.set(ban.origin, ban)
    this.#changed()
  }

  /**
   * Bans a mask of addresses for some minutes, on the whole server or in one domain; a second ban of the same mask replaces
   * the first. Throws a RangeError where the mask is none of addresses or too many manual bans are in force.
   */
  banMask(request: { mask: string; minutes: number; by: string; domain?: string; note?: string }): BanRow {
    const result = parseMask(request.mask)
    if ('problem' in result) throw new RangeError(result.problem.message)
    const { mask } = result
    if (mask.kind !== 'addresses') throw new RangeError('Only addresses can be banned for a time, not names.')
    this.#sweep()
    const { domain, by, note = '' } = request
    const id = manualId(mask.text, domain)
    if (!this.#manual.has(id) && this.#manual.size >= MANUAL_BANS) {
      throw new RangeError(`At most ${MANUAL_BANS} bans can be given by hand; lift one or make it a deny rule.`)
    }
    const until = this.#clock.monotonic() + request.minutes * 60_000
    const ban = { mask: mask.text, until, since: this.#clock.wall(), by, note, ...(domain ? { domain } : {}) }
    this.#manual.set(id, { ban, mask })
    this.#changed()
    return this.#manualRow(id, ban)
  }

  /** How many bans are in force. */
  get count(): number {
    this.#sweep()
    const now = this.#clock.monotonic()
    let count = this.#manual.size
    for (const { until } of this.#automatic.values()) if (until > now) count++
    return count
  }

  /** Bans in force, those that end last first. */
  rows(): BanRow[] {
    this.#sweep()
    const now = this.#clock.monotonic()
    const automatic = [...this.#automatic.values()].filter((ban) => ban.until > now)
    const rows = [
      ...automatic.map((ban) => this.#automaticRow(ban)),
      ...[...this.#manual].map(([id, { ban }]) => this.#manualRow(id, ban)),
    ]
    return rows.sort((one, other) => other.expiresIn - one.expiresIn)
  }

  /** Ends a ban and forgets it, so that the next one starts short again. Answers the ban, or undefined where there is none. */
  lift(id: string): BanRow | undefined {
    const row = this.row(id)
    if (!row) return undefined
    if (row.reason === 'manual') this.#manual.delete(id)
    else this.#automatic.delete(row.subject)
    this.#changed()
    return row
  }

  /** The ban of an id, as long as it is in force. */
  row(id: string): BanRow | undefined {
    const manual = this.#manual.get(id)?.ban
    const automatic = id.startsWith(FAILURES) ? this.#automatic.get(id.slice(FAILURES.length)) : undefined
    const row = manual ? this.#manualRow(id, manual) : automatic && this.#automaticRow(automatic)
    return row && row.expiresIn > 0 ? row : undefined
  }

  /** Ends the bans of domains that are none of these. */
  keepDomains(known: ReadonlySet<string>): void {
    for (const [id, { ban }] of this.#manual) if (ban.domain !== undefined && !known.has(ban.domain)) this.lift(id)
  }

  /** Ends all automatic bans. */
  liftAutomatic(): void {
    if (this.#automatic.size === 0) return
    this.#automatic.clear()
    this.#changed()
  }

  /** All bans as they are, for the store. */
  entries(): { automatic: AutomaticBan[]; manual: ManualBan[] } {
    this.#sweep()
    return {
      automatic: [...this.#automatic.values()],
      manual: [...this.#manual.values()].map(({ ban }) => ban),
    }
  }

  /** Takes over bans that were stored, oldest first. */
  restore({ automatic, manual }: { automatic: readonly AutomaticBan[]; manual: readonly ManualBan[] }): void {
    for (const ban of automatic) this.#automatic.set(ban.origin, ban)
    for (const ban of manual.slice(-MANUAL_BANS)) {
      const result = parseMask(ban.mask)
      if (!('mask' in result) || result.mask.kind !== 'addresses') continue
      this.#manual.set(manualId(ban.mask, ban.domain), { ban, mask: result.mask })
    }
    this.#sweep()
  }

  #sweep(): void {
    const now = this.#clock.monotonic()
    for (const { origin, until } of this.#automatic.values()) {
      if (until + REMEMBERED <= now) this.#automatic.delete(origin)
    }
    for (const [id, { ban }] of this.#manual) if (ban.until <= now) this.#manual.delete(id)
  }

  #automaticRow({ origin, until, ...rest }: AutomaticBan): BanRow {
    return { ...rest, id: FAILURES + origin, reason: 'failures', subject: origin, expiresIn: this.#left(until) }
  }

  #manualRow(id: string, { mask, since, until, by, note, domain }: ManualBan): BanRow {
    const row = { id, reason: 'manual', subject: mask, since, expiresIn: this.#left(until), by, note } as const
    return domain === undefined ? row : { ...row, domain }
  }

  #left(until: number): number {
    return Math.ceil((until - this.#clock.monotonic()) / 1000)
  }
}

/** How the ids of automatic bans begin. */
const FAILURES = 'failures '

function manualId(mask: string, domain: string | undefined): string {
  return domain === undefined ? `manual ${mask}` : `manual ${mask} in ${domain}`
}
