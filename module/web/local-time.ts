/** Moments as people type them: date and time of a zone, as `datetime-local` inputs hold them. */

const MINUTE = 60_000

/** `2026-12-31T18:00`, as it is in a time zone (IANA name); milliseconds since 1970. */
export function localText(time: number, timeZone: string): string {
  return new Date(time + offset(time, timeZone)).toISOString().slice(0, 16)
}

/** Milliseconds since 1970 of such a text; undefined for what is none. */
export function localTime(text: string, timeZone: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2})?$/.test(text.trim())) return undefined
  const asUtc = Date.parse(`${text.trim().replace(' ', 'T')}Z`)
  // The offset then, not now: clocks may change between.
  return Number.isNaN(asUtc) ? undefined : asUtc - offset(asUtc - offset(asUtc, timeZone), timeZone)
}

/** Milliseconds that a zone is ahead of UTC at a time. */
export function offset(time: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' }).formatToParts(time)
  const text = parts.find(({ type }) => type === 'timeZoneName')?.value ?? ''
  const [, sign, hours = '0', minutes = '0'] = /GMT([+-])(\d{2}):(\d{2})/.exec(text) ?? []
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * MINUTE
}
