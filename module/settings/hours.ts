/** Limits bound to days and hours (product section 2): rows of a level that replace its values while their time is. */
import { z } from 'zod'

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
