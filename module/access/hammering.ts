/**
 * Anti-hammering: counts failed logins for each origin in a sliding window and bans the origin that has too many. Every
 * failure carries the name it was for, so that a success forgives that name alone.
 */
import { hash } from 'node:crypto'
import type { HammeringSettings } from '../settings/access.ts'
import { originOf, parseAddress, type Address } from './address.ts'
import type { Bans } from './bans.ts'
import { BoundedMap } from './bounded-map.ts'
import type { Clock } from './clock.ts'

/** Origins counted at once; beyond, the one that failed longest ago is forgotten. */
export const COUNTED_ORIGINS = 10_000
/** Failures remembered of an origin that cannot be banned; enough for the longest delay. */
const REMEMBERED_FAILURES = 8
/** Milliseconds before the answer to a first failure, doubled by each further one, and the most there is. */
const FIRST_DELAY = 100
const LONGEST_DELAY = 10_000
/** Minutes. */
const LONGEST_BAN = 24 * 60
/** Characters of a name that are kept. */
const NAME = 64

/** A failed login: when, in monotonic milliseconds, and for which name. */
export interface Failure {
  readonly at: number
  /** The name, or a digest of one that is too long to be kept. */
  readonly key: string
}

export interface FailureResult {
  /** Failures of this origin within the window, this one included. */
  readonly failures: number
  /** Milliseconds to wait before the failure is answered. */
  readonly delay: number
  /** Minutes for which the origin has just been banned; absent = it has not. */
  readonly bannedMinutes?: number
}

export interface HammeringOptions {
  readonly clock: Clock
  readonly bans: Bans
  readonly settings: HammeringSettings
  /** Addresses that are delayed but never banned, see `Bans`. */
  readonly spared: (address: Address) => boolean
  readonly changed?: () => void
}

export class Hammering {
  readonly #clock: Clock
  readonly #bans: Bans
  readonly #spared: (address: Address) => boolean
  readonly #changed: () => void
  #settings: HammeringSettings
  /** Ordered by the last failure, oldest first. */
  readonly #origins = new BoundedMap<string, Failure[]>(COUNTED_ORIGINS)

  constructor({ clock, bans, settings, spared, changed }: HammeringOptions) {
    this.#clock = clock
    this.#bans = bans
    this.#settings = settings
    this.#spared = spared
    this.#changed = changed ?? (() => {})
  }

  /** Takes over changed numbers at once. Switching off forgets every failure and ends the bans they led to. */
  configure(settings: HammeringSettings): void {
    this.#settings = settings
    if (settings.enabled) return
    this.#origins.clear()
    this.#bans.liftAutomatic()
  }

  /** Counts a failed login. While the origin is banned nothing is counted, so that no attempt makes a ban longer. */
  failed(addressText: string, user: string, domain: string): FailureResult {
    const address = parseAddress(addressText)
    const now = this.#clock.monotonic()
    if (!address || !this.#settings.enabled) return { failures: 0, delay: 0 }
    const origin = originOf(address)
    const spared = this.#spared(address)
    const ban = this.#bans.automatic(origin)
    if (ban && ban.until > now && !spared) return { failures: 0, delay: LONGEST_DELAY }
    const failures = this.#recent(origin, now)
    failures.push({ at: now, key: nameKey(user) })
    const delay = Math.min(FIRST_DELAY * 2 ** (failures.length - 1), LONGEST_DELAY)
    this.#changed()
    if (failures.length < this.#settings.failures || spared) {
      if (failures.length > this.#kept()) failures.shift()
      this.#origins.set(origin, failures)
      return { failures: failures.length, delay }
    }
    this.#origins.delete(origin)
    const times = (ban?.times ?? 0) + 1
    const minutes = banMinutes(this.#settings.minutes, times)
    this.#bans.banOrigin({
      origin,
      until: now + minutes * 60_000,
      since: this.#clock.wall(),
      failures: failures.length,
      times,
      user: ownText(user.slice(0, NAME)),
      domain,
    })
    return { failures: failures.length, delay, bannedMinutes: minutes }
  }

  /** Forgives the failures of one name at one origin. The success of a guest proves nothing and forgives nothing (CVE-2000-1033). */
  succeeded(addressText: string, user: string, guest: boolean): void {
    const address = parseAddress(addressText)
    if (!address || guest) return
    const origin = originOf(address)
    const before = this.#origins.get(origin)
    if (!before) return
    const key = nameKey(user)
    const after = before.filter((failure) => failure.key !== key)
    if (after.length === before.length) return
    if (after.length === 0) this.#origins.delete(origin)
    else this.#origins.replace(origin, after)
    this.#changed()
  }

  /** How many failures of an origin, and of one name at it, count now. */
  count(addressText: string, user?: string): number {
    const address = parseAddress(addressText)
    if (!address) return 0
    const failures = this.#recent(originOf(address), this.#clock.monotonic())
    if (user === undefined) return failures.length
    const key = nameKey(user)
    return failures.filter((failure) => failure.key === key).length
  }

  /** Ends a ban and starts its origin's count anew. */
  lift(id: string): ReturnType<Bans['lift']> {
    const row = this.#bans.lift(id)
    if (row?.reason === 'failures') this.#origins.delete(row.subject)
    return row
  }

  /** Origins that are counted now. */
  get size(): number {
    return this.#origins.size
  }

  /** The failures that still count, for the store. */
  entries(): { origin: string; failures: readonly Failure[] }[] {
    const now = this.#clock.monotonic()
    return [...this.#origins.keys()]
      .map((origin) => ({ origin, failures: this.#recent(origin, now) }))
      .filter(({ failures }) => failures.length > 0)
  }

  /** Takes over failures that were stored, oldest origin first. */
  restore(entries: readonly { origin: string; failures: readonly Failure[] }[]): void {
    for (const { origin, failures } of entries) this.#origins.set(origin, [...failures])
  }

  #recent(origin: string, now: number): Failure[] {
    const failures = this.#origins.get(origin) ?? []
    const start = now - this.#settings.seconds * 1000
    return failures.filter((failure) => failure.at > start)
  }

  #kept(): number {
    return Math.max(this.#settings.failures, REMEMBERED_FAILURES)
  }
}

/** Minutes of the n-th ban in a row: doubled each time, up to a day. */
function banMinutes(minutes: number, times: number): number {
  return Math.min(minutes * 2 ** Math.min(times - 1, 20), Math.max(LONGEST_BAN, minutes))
}

/** What tells names apart without keeping long ones: an attacker chooses how long a name is. */
function nameKey(user: string): string {
  return user.length <= NAME ? ownText(user) : hash('sha256', user)
}

/** A copy that does not keep alive the received line it was cut out of. */
function ownText(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le')
}
