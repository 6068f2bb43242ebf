/** How far a time zone is from UTC at a moment, fast enough for every line of a listing. */

const MINUTE = 60_000
const SLOT = 15 * MINUTE
const WINDOW = 7 * 24 * 60 * MINUTE
/** Milliseconds from 1970 beyond which the system knows no dates; some disks do. */
const FARTHEST = 8e15
/** Windows and slots remembered; fifty years of files have some 2,600. */
const REMEMBERED = 4096

const zones = new Map<string, TimeZone>()

/** The zone of an IANA name; UTC for a name that the system does not know. */
export function timeZone(name: string): TimeZone {
  const known = zones.get(name)
  if (known) return known
  if (zones.size > 16) zones.clear()
  const zone = new TimeZone(name)
  zones.set(name, zone)
  return zone
}

export class TimeZone {
  readonly #formatter: Intl.DateTimeFormat | undefined
  readonly #offsets = new Map<number, number | undefined>()
  /** The week asked for last, if nothing changes in it: the files of a folder are often of about the same age. */
  #week = NaN
  #inWeek = 0

  constructor(name: string) {
    try {
      this.#formatter = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' })
    } catch {
      this.#formatter = undefined
    }
  }

  /** Milliseconds to add to UTC at a moment, milliseconds since 1970. */
  offset(moment: number): number {
    if (moment >= this.#week && moment < this.#week + WINDOW) return this.#inWeek
    if (!this.#formatter || !(Math.abs(moment) < FARTHEST)) return 0
    // A week whose ends are equally far from UTC has no change in it; only the other weeks are looked at closely.
    const week = Math.floor(moment / WINDOW) * WINDOW
    const whole = this.#remember(week + 0.5, () => {
      const first = this.#ask(week)
      return first === this.#ask(week + WINDOW) ? first : undefined
    })
    if (whole !== undefined) {
      this.#week = week
      return (this.#inWeek = whole)
    }
    const slot = Math.floor(moment / SLOT) * SLOT
    return this.#remember(slot, () => this.#ask(slot)) ?? 0
  }

  #remember(key: number, work: () => number | undefined): number | undefined {
    if (this.#offsets.has(key)) return this.#offsets.get(key)
    if (this.#offsets.size >= REMEMBERED) this.#offsets.clear()
    const value = work()
    this.#offsets.set(key, value)
    return value
  }

  /** The system's answer, `GMT`, `GMT+05:30` or, long ago, `GMT-00:25:21`. */
  #ask(moment: number): number {
    const parts = this.#formatter?.formatToParts(moment) ?? []
    const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? ''
    const [, sign, hours = 0, minutes = 0, seconds = 0] = /([+-])(\d+):(\d+)(?::(\d+))?/.exec(name) ?? []
    const size = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000
    return sign === '-' ? -size : size
  }
}
