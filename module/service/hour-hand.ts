/** Watches the clock for hours of limits that begin or end. */
import { inForce, localTime } from '../settings/hours.ts'
import type { Hours } from '../settings/hours.ts'
import { machineZone } from '../settings/inheritance.ts'
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
  #inForce = ''
  #callOff: () => void = () => undefined

  /** `turned` is called when other rows are in force than before. */
  constructor(clock: WallClock, turned: () => void) {
    this.#clock = clock
    this.#turned = turned
  }

  /** Watches the hours of these settings instead of those before. */
  follow(settings: Settings): void {
    this.#hours = allHours(settings)
    this.#inForce = this.#now()
    this.#wait()
  }

  stop(): void {
    this.#callOff()
  }

  /** One look each minute, where there are hours at all: the clock may be set at any time, so nobody knows when the next row begins. */
  #wait(): void {
    this.#callOff()
    if (this.#hours.length === 0) return
    const left = MINUTE - (this.#clock.now() % MINUTE)
    this.#callOff = this.#clock.after(left, () => {
      const before = this.#inForce
      this.#inForce = this.#now()
      this.#wait()
      if (this.#inForce !== before) this.#turned()
    })
  }

  /** The rows in force, as text. */
  #now(): string {
    if (this.#hours.length === 0) return ''
    const time = localTime(this.#clock.now(), this.#clock.timeZone())
    return this.#hours.map((row) => (inForce(row, time) ? '1' : '0')).join('')
  }
}

function allHours({ settings, domains, accounts }: Settings): readonly Hours[] {
  return [
    ...settings.limits.hours,
    ...domains.flatMap(({ hours, together }) => [...hours, ...together.hours]),
    ...[accounts.groups, accounts.users].flatMap((entries) => Object.values(entries).flatMap(({ hours }) => hours)),
  ]
}
