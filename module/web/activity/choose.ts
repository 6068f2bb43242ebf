/** Finds, sorts and cuts the sessions of one page out of all of them. */
import type { SessionRow } from '../../activity/session-record.ts'
import type { ListQuery, Shown, Sort } from './query.ts'

/** Sessions on a page. */
export const SIZE = 50

export interface Chosen {
  readonly rows: readonly SessionRow[]
  /** The page that is shown: the last one where there are not so many. */
  readonly page: number
  readonly pages: number
  /** Sessions found, on all pages. */
  readonly found: number
  readonly total: number
}

const FITS: Readonly<Record<Shown, (row: SessionRow) => boolean>> = {
  all: () => true,
  transfers: ({ transfer }) => transfer !== undefined,
  idle: ({ transfer }) => transfer === undefined,
  clear: ({ secure }) => !secure,
  unknown: ({ user }) => user === undefined,
}

/** What rows are sorted by; the time of the connection decides between equals. */
const VALUES: Readonly<Record<Sort, (row: SessionRow) => string | number>> = {
  since: ({ since }) => since,
  user: ({ user }) => (user ?? '').toLowerCase(),
  program: ({ program }) => program.toLowerCase(),
  address: ({ address }) => addressKey(address),
  domain: ({ domain }) => domain,
  idle: ({ idle }) => idle,
  speed: ({ transfer }) => transfer?.bytesPerSecond ?? -1,
}

/** `nameOf` gives the host name of an address where it is known. */
export function choose(
  rows: readonly SessionRow[],
  query: ListQuery,
  nameOf: (address: string) => string | undefined = () => undefined,
): Chosen {
  const { words, shown, sort, down } = query
  const found = rows.filter((row) => FITS[shown](row) && (words === '' || speaksOf(row, words, nameOf)))
  const value = VALUES[sort]
  const keyed = found.map((row) => [value(row), row] as const)
  const sign = down ? -1 : 1
  keyed.sort(([a, one], [b, other]) => (a < b ? -sign : a > b ? sign : one.since - other.since))
  const pages = Math.max(1, Math.ceil(found.length / SIZE))
  const page = Math.min(query.page, pages)
  const cut = keyed.slice((page - 1) * SIZE, page * SIZE).map(([, row]) => row)
  return { rows: cut, page, pages, found: found.length, total: rows.length }
}

function speaksOf(row: SessionRow, words: string, nameOf: (address: string) => string | undefined): boolean {
  const { user = '', address, program, domain, folder, transfer } = row
  return [user, address, program, domain, transfer?.path ?? folder, nameOf(address) ?? ''].some((text) =>
    text.toLowerCase().includes(words),
  )
}

/** IPv4 in the order of its numbers, before IPv6. */
function addressKey(address: string): string {
  return address.includes(':') ? `~${address}` : address.replaceAll(/\d+/g, (part) => part.padStart(3, '0'))
}
