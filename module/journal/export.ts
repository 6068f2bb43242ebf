/** Entries as text for other programs: CSV, JSON lines, and plain lines for reading. */
import type { Calendar } from './calendar.ts'
import type { Entry } from './entry.ts'

export const FORMATS = ['csv', 'jsonl', 'text'] as const
export type Format = (typeof FORMATS)[number]

const COLUMNS = ['id', 'time', 'kind', 'event', 'session', 'user', 'address', 'domain', 'text'].concat([
  'path',
  'bytes',
  'seconds',
  'result',
  'rule',
  'level',
  'detail',
])

/** What stands before the first entry. The byte order mark tells spreadsheets that the CSV is UTF-8. */
export function formatHead(format: Format): string {
  return format === 'csv' ? `\ufeff${csvLine(COLUMNS)}` : ''
}

/** One entry, with its end of line. */
export function formatEntry(entry: Entry, format: Format, calendar: Calendar): string {
  const { verdict, ...rest } = entry
  const values: Record<string, unknown> = { ...rest, ...verdict, time: calendar.stamp(entry.time) }
  if (format === 'csv') return csvLine(COLUMNS.map((column) => values[column]))
  if (format === 'jsonl') return `${JSON.stringify({ ...rest, time: values['time'], ...(verdict && { verdict }) })}\n`
  const who = [entry.session, entry.user, entry.address].map((part) => part ?? '-').join(' ')
  return `${calendar.stamp(entry.time)} ${entry.kind.padEnd(7)} ${who} ${entry.text}\n`
}

/** RFC 4180, everything quoted. */
function csvLine(values: readonly unknown[]): string {
  return `${values.map(csvField).join(',')}\r\n`
}

// A spreadsheet runs a field that begins like a formula, also behind a quote and in its full-width forms.
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/

function csvField(value: unknown): string {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  return `"${FORMULA.test(text) ? "'" : ''}${text.replaceAll('"', '""')}"`
}
