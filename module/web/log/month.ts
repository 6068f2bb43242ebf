/** The calendar of the log: the weeks of a month, and what is known of each of its days. */
import type { DayTally } from '../../journal/queries.ts'

export interface MonthDay {
  readonly day: string
  readonly number: number
  /** For who does not see the grid: `Tuesday, 20 October 2026`. */
  readonly name: string
  readonly entries: number
  readonly errors: number
  readonly today: boolean
  readonly selected: boolean
}

export interface Month {
  /** `October 2026` */
  readonly name: string
  readonly previous: string
  /** Absent where the next month lies in the future. */
  readonly next?: string
  readonly weekdays: readonly { readonly short: string; readonly long: string }[]
  /** Rows of seven; `undefined` before the first and after the last of the month. */
  readonly weeks: readonly (readonly (MonthDay | undefined)[])[]
}

/** Lays out a month, `2026-10`, with weeks that begin as they do where `locale` is spoken. */
export function monthOf(
  month: string,
  tallies: readonly DayTally[],
  { today, selected, locale }: { readonly today: string; readonly selected: string; readonly locale: string },
): Month {
  const first = new Date(`${month}-01T00:00:00Z`)
  const next = monthFrom(month, 1)
  const length = new Date(Date.parse(`${next}-01T00:00:00Z`) - DAY).getUTCDate()
  const begin = firstWeekday(locale)
  const known = new Map(tallies.map((tally) => [tally.day, tally]))
  const cells: (MonthDay | undefined)[] = Array.from({ length: (first.getUTCDay() - begin + 7) % 7 }, () => undefined)
  for (let number = 1; number <= length; number++) {
    const day = `${month}-${String(number).padStart(2, '0')}`
    const { entries = 0, errors = 0 } = known.get(day) ?? {}
    const name = dayName(day, locale)
    cells.push({ day, number, name, entries, errors, today: day === today, selected: day === selected })
  }
  while (cells.length % 7 !== 0) cells.push(undefined)
  return {
    name: named(locale, 'month').format(first),
    previous: monthFrom(month, -1),
    ...(next <= today.slice(0, 7) && { next }),
    weekdays: Array.from({ length: 7 }, (_, index) => weekday(locale, begin + index)),
    weeks: Array.from({ length: cells.length / 7 }, (_, week) => cells.slice(week * 7, week * 7 + 7)),
  }
}

/** A day, `2026-10-20`, in words. */
export function dayName(day: string, locale: string): string {
  return named(locale, 'day').format(Date.parse(day))
}

const DAY = 86_400_000
/** Some Sunday. */
const SUNDAY = Date.UTC(2026, 0, 4)

const FORMS = {
  month: { month: 'long', year: 'numeric' },
  day: { dateStyle: 'full' },
  long: { weekday: 'long' },
  short: { weekday: 'short' },
} as const

const formats = new Map<string, Intl.DateTimeFormat>()

// Making one takes longer than the rest of the page; there are as many as languages.
function named(locale: string, form: keyof typeof FORMS): Intl.DateTimeFormat {
  const key = `${locale} ${form}`
  const format = formats.get(key) ?? new Intl.DateTimeFormat(locale, { ...FORMS[form], timeZone: 'UTC' })
  if (formats.size < 100) formats.set(key, format)
  return format
}

function weekday(locale: string, index: number): { short: string; long: string } {
  const date = SUNDAY + index * DAY
  return { short: named(locale, 'short').format(date), long: named(locale, 'long').format(date) }
}

function monthFrom(month: string, months: number): string {
  const date = new Date(`${month}-01T00:00:00Z`)
  date.setUTCMonth(date.getUTCMonth() + months)
  return date.toISOString().slice(0, 7)
}

interface WeekInfo {
  readonly firstDay: number
}

/** 0 for Sunday, 1 for Monday; a language without a country counts as Monday, as ISO 8601 does. */
function firstWeekday(locale: string): number {
  const known: Intl.Locale & { getWeekInfo?: () => WeekInfo } = new Intl.Locale(locale)
  return known.region === undefined ? 1 : (known.getWeekInfo?.().firstDay ?? 1) % 7
}
