/** Limits bound to days and hours (product section 2): rows of a level that replace its values while their time is. */
import { z } from 'zod'
import { timeZone } from '../ftp/time-zone.ts'

/** The days of a week, Monday first. */
export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Day = (typeof DAYS)[number]

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day such as 20:00')

const days = z
  .array(z.enum(DAYS))
  .min(1, 'must name at least one day')
  .refine((named) => new Set(named).size === named.length, 'must name each day once')

/**
 * The rows of a level whose values are these. While the time of a row is, its values replace those of the level; the first row that
 * names a value decides it.
 */
export function hoursOf<Shape extends Readonly<Record<string, z.ZodType>>>(limits: Shape) {
  const row = z.strictObject({
    days: days.describe('Days on which the time begins.'),
    from: clock.describe('Where it begins, by the clock of the appliance: `20:00`.'),
    to: clock.describe('Where it ends; not after `from` = on the next day, so that the same time twice is 24 hours.'),
    limits: z
      .strictObject(limits)
      .partial()
      .refine((named) => Object.keys(named).length > 0, 'must name at least one limit'),
  })
  return z.array(row).max(50)
}

/** When a row is in force. */
export interface Hours {
  readonly days: readonly Day[]
  readonly from: string
  readonly to: string
}

/** A time by the clock on the wall. */
export interface LocalTime {
  /** Day of the week, 0 = Monday. */
  readonly day: number
  /** Minutes since midnight. */
  readonly minute: number
}

const MINUTE = 60_000
const MINUTES_A_DAY = 24 * 60

/** What the clocks of a zone show at a moment, milliseconds since 1970. */
export function localTime(moment: number, zone: string): LocalTime {
  const minutes = Math.floor((moment + timeZone(zone).offset(moment)) / MINUTE)
  // The first day of 1970 was a Thursday.
  const day = (((Math.floor(minutes / MINUTES_A_DAY) + 3) % 7) + 7) % 7
  return { day, minute: ((minutes % MINUTES_A_DAY) + MINUTES_A_DAY) % MINUTES_A_DAY }
}

/**
 * Whether the time of a row is now. It goes by the clock alone: an hour that is left out in spring never comes, one that comes
 * twice in autumn counts twice.
 */
export function inForce({ days: named, from, to }: Hours, { day, minute }: LocalTime): boolean {
  const [begins, ends] = [minuteOf(from), minuteOf(to)]
  const today = named.some((each) => each === DAYS[day]) && minute >= begins
  if (begins < ends) return today && minute < ends
  return today || (named.some((each) => each === DAYS[(day + 6) % 7]) && minute < ends)
}

const minuteOf = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))

/** Something a level says, and which of its rows of hours says it, from 0; without one it always says so. */
export interface Said<Value> {
  readonly value: Value
  readonly hours?: number
}

/** What a level says of one of its values: the first row whose time is now and which names it, else the level itself. */
export function saidNow<Name extends string, Value>(
  limits: { readonly [Each in Name]?: Value | undefined },
  hours: readonly (Hours & { readonly limits: { readonly [Each in Name]?: Value | undefined } })[],
  name: Name,
  now: LocalTime,
): Said<Value> | undefined {
  const row = hours.findIndex((each) => each.limits[name] !== undefined && inForce(each, now))
  const value = hours[row]?.limits[name] ?? limits[name]
  if (value === undefined) return undefined
  return row < 0 ? { value } : { value, hours: row }
}
