/** Wall-clock time in the administrator's time zone: the day an entry belongs to and the stamp it is exported with. */

/** Offsets of time zones change only at multiples of this. */
const QUARTER = 15 * 60 * 1000

export class Calendar {
  readonly #format: Intl.DateTimeFormat
  #quarter = Number.NaN
  #offset = 0
  /** The day of that quarter: days begin and end at multiples of it, too. */
  #day = ''

  /** Throws a RangeError for a zone that does not exist; names are those of IANA. */
  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'iso8601',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  }

  /** The day as `2026-10-25`. */
  dayOf(time: number): string {
    this.#offsetAt(time)
    return this.#day
  }

  /** The time as `2026-10-25T02:30:00.123+02:00` (RFC 3339). */
  stamp(time: number): string {
    const offset = this.#offsetAt(time)
    const minutes = Math.abs(Math.round(offset / 60_000))
    const sign = offset < 0 ? '-' : '+'
    return `${new Date(time + offset).toISOString().slice(0, -1)}${sign}${two(minutes / 60)}:${two(minutes % 60)}`
  }

  // Asking Intl costs microseconds; thousands of entries a second fall into one quarter of an hour.
  #offsetAt(time: number): number {
    const quarter = Math.floor(time / QUARTER)
    if (quarter !== this.#quarter) {
      this.#offset = this.#ask(quarter * QUARTER)
      this.#quarter = quarter
      this.#day = new Date(quarter * QUARTER + this.#offset).toISOString().slice(0, 10)
    }
    return this.#offset
  }

  #ask(time: number): number {
    const part = new Map(this.#format.formatToParts(time).map(({ type, value }) => [type, Number(value)]))
    const [year, month, day] = [part.get('year') ?? 1970, part.get('month') ?? 1, part.get('day') ?? 1]
    const local = Date.UTC(year, month - 1, day, part.get('hour'), part.get('minute'), part.get('second'))
    return local - time
  }
}

function two(number: number): string {
  return String(Math.floor(number)).padStart(2, '0')
}
