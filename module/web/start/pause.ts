/** How long the server may be switched off for, and when that is over. */
import { offset } from '../local-time.ts'

/** Keys of `start.pauses`, in the order of the form; `always` = until somebody turns it on. */
export const PAUSES = ['always', '5', '30', '60', 'tomorrow'] as const
export type Pause = (typeof PAUSES)[number]

/** The hour at which "tomorrow" begins for who works by day. */
const MORNING = '06:00:00'
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

/** The choice that a form sent; undefined for none of ours. */
export function pauseOf(text: string): Pause | undefined {
  return PAUSES.find((one) => one === text)
}

/** When it is over, milliseconds since 1970; undefined = never by itself. Tomorrow is that of the time zone (IANA name). */
export function endOf(pause: Pause, timeZone: string, now = Date.now()): number | undefined {
  if (pause === 'always') return undefined
  if (pause !== 'tomorrow') return now + Number(pause) * MINUTE
  const today = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(now)
  const tomorrow = new Date(Date.parse(today) + DAY).toISOString().slice(0, 10)
  const asUtc = Date.parse(`${tomorrow}T${MORNING}Z`)
  // The offset then, not now: clocks may change in the night between.
  return asUtc - offset(asUtc - offset(asUtc, timeZone), timeZone)
}
