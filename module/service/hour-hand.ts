/** Watches the clock for hours of limits that begin or end, and for access rules that expire. */
import { inForce, localTime } from '../settings/hours.ts'
import type { Hours } from '../settings/hours.ts'
import { machineZone } from '../settings/inheritance.ts'
import { rulePlaces, rulesAt } from '../settings/rule-lists.ts'
import type { Settings } from '../settings/schema.ts'

/** The clock that people read, and whose zone hours go by. */
export interface WallClock {
  /** Milliseconds since 1970. */
  now(): number
  /** IANA name. */
  timeZone(): string
  /** Calls once after so many milliseconds; answers how to call it off. */
  after(milliseconds: number, action: () => void): () => void
}

/** The clock of the machine. */
export const wallClock: WallClock = {
  now: () => Date.now(),
  timeZone: machineZone,
  after(milliseconds, action) {
    const timer = setTimeout(action, milliseconds).unref()
    return () => clearTimeout(timer)
  },
}

const MINUTE = 60_000

export class HourHand {
  readonly #clock: WallClock
  readonly #turned: () => void
  #hours: readonly Hours[] = []
  /** When access rules end, milliseconds since 1970. */
  #ends: readonly number[] = []
  #inForce = ''
  #callOff: () => void = () => undefined

  /** `turned` is called when other rows or access rules are in force than before. */
  constructor(clock: WallClock, turned: () => void) {
    this.#clock = clock
    this.#turned = turned
  }

  /** Watches the hours and rules of these settings instead of those before. */
  follow(settings: Settings): void {
    this.#hours = allHours(settings)
    this.#ends = allEnds(settings)
    this.#inForce = this.#now()
    this.#wait()
  }

  stop(): void {
    this.#callOff()
  }

  /**
   * One look each minute, where there is anything that changes with the time: the clock may be set at any time, so nobody knows
   * when the next row begins. Only the end of a rule that is nearer is looked at on its own.
   */
  #wait(): void {
    this.#callOff()
    if (this.#hours.length + this.#ends.length === 0) return
    const now = this.#clock.now()
    const left = Math.min(MINUTE - (now % MINUTE), ...this.#ends.map((end) => end - now).filter((rest) => rest > 0))
    this.#callOff = this.#clock.after(left, () => {
      const before = this.#inForce
      this.#inForce = this.#now()
      this.#wait()
      if (this.#inForce !== before) this.#turned()
    })
  }

  /** The rows and the rules in force, as text. */
  #now(): string {
    const over = this.#ends.filter((end) => end <= this.#clock.now()).length
    if (this.#hours.length === 0) return String(over)
    const time = localTime(this.#clock.now(), this.#clock.timeZone())
    return `${over} ${this.#hours.map((row) => (inForce(row, time) ? '1' : '0')).join('')}`
  }
}

function allEnds(settings: Settings): readonly number[] {
  const rules = rulePlaces(settings).flatMap((place) => rulesAt(settings, place) ?? [])
  return rules.flatMap(({ expires }) => (expires === undefined ? [] : [Date.parse(expires)]))
}

function allHours({ settings, domains, accounts }: Settings): readonly Hours[] {
  return [
    ...settings.limits.hours,
    ...domains.flatMap(({ hours, together }) => [...hours, ...together.hours]),
    ...[accounts.groups, accounts.users].flatMap((entries) => Object.values(entries).flatMap(({ hours }) => hours)),
  ]
}
