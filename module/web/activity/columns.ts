/** The headings of the list of sessions, with the links that sort it. */
import type { Translate } from '../locale.ts'
import { listText, type ListQuery, type Sort } from './query.ts'

interface SortLink {
  readonly label: string
  readonly link: string
  readonly current: boolean
}

export interface Column {
  readonly label: string
  readonly number: boolean
  readonly sorts: readonly SortLink[]
  readonly sorted?: 'ascending' | 'descending'
}

const COLUMNS: readonly { readonly id: string; readonly sorts: readonly Sort[]; readonly number?: true }[] = [
  { id: 'user', sorts: ['user', 'program'] },
  { id: 'address', sorts: ['address'] },
  { id: 'domain', sorts: ['domain'] },
  { id: 'since', sorts: ['since', 'idle'] },
  { id: 'tls', sorts: [] },
  { id: 'now', sorts: [] },
  { id: 'speed', sorts: ['speed'], number: true },
]

/** What people look for first: the fastest, the idlest. */
const DOWN_FIRST: ReadonlySet<Sort> = new Set(['speed', 'idle'])

/** `domains`: whether there is more than one. */
export function columns(t: Translate, query: ListQuery, domains: boolean): readonly Column[] {
  return COLUMNS.filter(({ id }) => domains || id !== 'domain').map(({ id, sorts, number = false }) => ({
    label: t(`activity.columns.${id}`),
    number,
    sorts: sorts.map((sort) => ({
      label: t(`activity.columns.${sort}`),
      link: listText({ ...query, sort, down: sort === query.sort ? !query.down : DOWN_FIRST.has(sort), page: 1 }),
      current: sort === query.sort,
    })),
    ...(sorts.includes(query.sort) && { sorted: query.down ? ('descending' as const) : ('ascending' as const) }),
  }))
}
