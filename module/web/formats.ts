/** Numbers, sizes, dates and durations as people of a language read them. */
import type { Translate } from './locale.ts'

export interface Formats {
  number(value: number): string
  /** `12.3 MB`; decimal units, as disks and networks are sold. */
  bytes(value: number): string
  /** `1.2 MB/s`. */
  speed(bytesPerSecond: number): string
  percent(part: number): string
  /** Date and time in the administrator's zone; milliseconds since 1970. */
  dateTime(time: number): string
  date(time: number): string
  time(time: number): string
  /** `2 h 5 min`; seconds. */
  duration(seconds: number): string
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/** The formats of a language and a time zone (IANA name). Cheap to ask again: they are kept. */
export function formatsFor(locale: string, timeZone: string, t: Translate): Formats {
  const key = `${locale} ${timeZone}`
  const kept = known.get(key) ?? make(locale, timeZone, t)
  // The zones of an appliance are few; a client that sends many others gains nothing.
  if (known.size < 50) known.set(key, kept)
  return kept
}

const known = new Map<string, Formats>()
/** Milliseconds within which no zone begins a new day: their distances are multiples of it. */
const SAME_DAY = 15 * 60_000
/** Texts of days that are kept. */
const DAYS = 100

function make(locale: string, timeZone: string, t: Translate): Formats {
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 })
  const short = new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 })
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 })
  const date = new Intl.DateTimeFormat(locale, { timeZone, dateStyle: 'medium' })
  const time = new Intl.DateTimeFormat(locale, { timeZone, timeStyle: 'medium', hourCycle: 'h23' })
  const both = new Intl.DateTimeFormat(locale, { timeZone, dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' })
  const days = new Map<number, string>()
  const dayOf = (value: number) => {
    const at = Math.floor(value / SAME_DAY)
    const text = days.get(at) ?? date.format(value)
    if (days.size >= DAYS) days.clear()
    days.set(at, text)
    return text
  }
  const bytes = (value: number) => {
    const power = value < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(value) / 3))
    return `${short.format(value / 1000 ** power)} ${t(`units.${UNITS[power] ?? 'B'}`)}`
  }
  return {
    number: (value) => whole.format(value),
    bytes,
    speed: (value) => t('units.perSecond', { amount: bytes(value) }),
    percent: (part) => percent.format(part),
    dateTime: (value) => both.format(value),
    date: dayOf,
    time: (value) => time.format(value),
    duration: (seconds) => durationText(seconds, t),
  }
}

function durationText(seconds: number, t: Translate): string {
  const total = Math.max(0, Math.round(seconds))
  const [days, hours, minutes] = [
    Math.floor(total / 86_400),
    Math.floor(total / 3600) % 24,
    Math.floor(total / 60) % 60,
  ]
  if (days > 0) return t('units.daysHours', { days, hours })
  if (hours > 0) return t('units.hoursMinutes', { hours, minutes })
  if (minutes > 0) return t('units.minutesSeconds', { minutes, seconds: total % 60 })
  return t('units.seconds', { seconds: total })
}
