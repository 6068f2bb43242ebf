/** Entries of the log as the table shows them: words, icons and links instead of codes. */
import type { Entry, Kind } from '../../journal/entry.ts'
import type { Filter } from '../../journal/filter.ts'
import { dayOfId } from '../../journal/row.ts'
import { DEFAULT_DOMAIN } from '../../settings/domain.ts'
import type { WebContext } from '../context.ts'
import { whyQuery } from '../why/question.ts'
import { entryText } from './entry-text.ts'
import { queryText } from './query.ts'
import { detailText, eventName, levelText, verdictText } from './words.ts'

export interface LogRow {
  readonly id: number
  readonly kind: Kind
  /** The form of the badge: a shape of its own for each kind. */
  readonly badge: string
  readonly time: string
  /** RFC 3339 with milliseconds, in UTC. */
  readonly stamp: string
  readonly event: string
  readonly user: string
  /** Parameters for the log of its day with this user alone, and with this address alone. */
  readonly userQuery: string
  readonly address: string
  readonly addressQuery: string
  readonly text: string
  /** Size, duration and speed of a transfer. */
  readonly transfer: string
  readonly session: string
  /** Parameters that ask why; empty where nothing was decided. */
  readonly why: string
  readonly details: readonly { readonly label: string; readonly text: string }[]
}

/** The badge of each kind: white, green, yellow, red. */
export const BADGES: Readonly<Record<Kind, string>> = {
  message: 'plain',
  status: 'good',
  warning: 'warning',
  error: 'bad',
}

/** Rows in the order of the entries. `day` writes the date before the time, for lists over several days. */
export function logRows(ctx: WebContext, entries: readonly Entry[], { day = false } = {}): LogRow[] {
  const { t, formats } = ctx.state
  return entries.map((entry) => ({
    id: entry.id,
    kind: entry.kind,
    badge: BADGES[entry.kind],
    time: day ? formats.dateTime(entry.time) : formats.time(entry.time),
    stamp: new Date(entry.time).toISOString(),
    event: eventName(t, entry.event),
    user: entry.user ?? '',
    userQuery: query(entry, { user: entry.user ?? '' }),
    address: entry.address ?? '',
    addressQuery: query(entry, { search: entry.address ?? '' }),
    text: entryText(ctx.state, entry),
    transfer: transferText(ctx, entry),
    session: entry.session ?? '',
    why: whyQuery(entry),
    details: details(ctx, entry),
  }))
}

/** The log of the entry's day, narrowed. */
function query({ id }: Entry, filter: Partial<Filter>): string {
  return queryText({ filter: { day: dayOfId(id), ...filter } })
}

/** `12.3 MB · 1.2 s · 10 MB/s`; empty for what is no transfer. */
function transferText({ state: { t, formats, locale } }: WebContext, { bytes, seconds }: Entry): string {
  if (bytes === undefined) return ''
  const speed = seconds !== undefined && seconds > 0 ? formats.speed(bytes / seconds) : ''
  const short = () => t('units.seconds', { seconds: seconds?.toLocaleString(locale, { maximumFractionDigits: 2 }) })
  const duration = seconds === undefined ? '' : seconds < 10 ? short() : formats.duration(seconds)
  return [formats.bytes(bytes), duration, speed].filter(Boolean).join(' · ')
}

function details({ state: { t, domains } }: WebContext, entry: Entry): { label: string; text: string }[] {
  const { verdict, result, path, domain } = entry
  const rows: [string, string | undefined][] = [
    ['reason', verdictText(t, entry)],
    ['level', verdict && levelText(t, verdict.level)],
    ['detail', verdict && detailText(t, verdict)],
    ['rule', verdict?.rule],
    // That a transfer was complete goes without saying.
    ['result', result && result !== 'complete' ? t(`log.results.${result}`) : undefined],
    // Most texts name their path.
    ['path', path !== undefined && !entry.text.includes(path) ? path : undefined],
    // Nobody has heard of domains who has only the default one.
    ['stored', entry.event === 'settings.changed' ? entry.text : undefined],
    ['domain', domain === undefined || domain === DEFAULT_DOMAIN ? undefined : (domains?.get(domain) ?? domain)],
  ]
  return rows.flatMap(([label, text]) => (text ? [{ label: t(`log.details.${label}`), text }] : []))
}
