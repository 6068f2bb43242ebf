/** What an address of the log asks for, and the address that asks for it: every filter is in the link. */
import { printable } from '../../ftp/printable.ts'
import { KINDS, type Kind } from '../../journal/entry.ts'
import type { Filter } from '../../journal/filter.ts'

export interface LogQuery {
  readonly filter: Filter
  readonly page: number | 'last'
  /** The month that the calendar shows, `2026-10`. */
  readonly month: string
  /** What stood in the address and is no day; today is shown instead. */
  readonly unknownDay?: string
}

/** Characters of one field of the form. */
export const LONGEST_TERM = 200

/** Reads the parameters of an address; what means nothing is passed over. `today` as in the journal. */
export function logQuery(search: string, today: string): LogQuery {
  const given = new URLSearchParams(search)
  // In the form that entries have: what was copied from elsewhere is found, and shows no more than they do.
  const text = (name: string) => printable((given.get(name) ?? '').trim().slice(0, LONGEST_TERM))
  const wanted = text('day')
  const day = isDay(wanted) ? wanted : today
  const [kinds, user, session, words] = [kindsOf(given), text('user'), text('session'), text('q')]
  const filter: Filter = {
    day,
    ...(kinds.length > 0 && { kinds }),
    ...(user && { user }),
    ...(session && { session }),
    ...(words && { search: words }),
  }
  const month = text('month')
  return {
    filter,
    page: pageOf(text('page')),
    month: isDay(`${month}-01`) ? month : day.slice(0, 7),
    ...(wanted !== '' && wanted !== day && { unknownDay: wanted }),
  }
}

/** The parameters of an address that shows this, with its question mark; the last page needs no number. */
export function queryText({ filter, page = 'last', month }: Partial<LogQuery> & Pick<LogQuery, 'filter'>): string {
  const parameters = new URLSearchParams({ day: filter.day })
  for (const kind of filter.kinds ?? []) parameters.append('kind', kind)
  if (filter.user !== undefined) parameters.set('user', filter.user)
  if (filter.session !== undefined) parameters.set('session', filter.session)
  if (filter.search !== undefined) parameters.set('q', filter.search)
  if (page !== 'last') parameters.set('page', String(page))
  if (month !== undefined && month !== filter.day.slice(0, 7)) parameters.set('month', month)
  return `?${parameters.toString()}`
}

/** Whether anything besides the day narrows what is shown. */
export function narrowed({ kinds, user, session, search }: Filter): boolean {
  return kinds !== undefined || user !== undefined || session !== undefined || search !== undefined
}

/** The day so many days later, or earlier. */
export function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10)
}

/** Whether a text is a day of the calendar, `2026-10-25`. */
export function isDay(text: string): boolean {
  const time = /^[12]\d{3}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  return Number.isFinite(time) && new Date(time).toISOString().startsWith(text)
}

function kindsOf(given: URLSearchParams): Kind[] {
  const asked = new Set(given.getAll('kind'))
  const kinds = KINDS.filter((kind) => asked.has(kind))
  // All of them are no filter.
  return kinds.length === KINDS.length ? [] : kinds
}

/** Nonsense asks for the last page, as nothing does. */
function pageOf(text: string): number | 'last' {
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : 'last'
}
