/** Finds, sorts and cuts the sessions of one page out of all of them. */
import type { Picture } from '../../activity/picture.ts'
import type { Glance, SessionRow } from '../../activity/session-record.ts'
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

const FITS: Readonly<Record<Shown, (session: Glance) => boolean>> = {
  all: () => true,
  transfers: ({ transferring }) => transferring,
  idle: ({ transferring }) => !transferring,
  clear: ({ secure }) => !secure,
  unknown: ({ user }) => user === undefined,
}

/** What sessions are sorted by; equals stay in the order of their coming, and are no work where most are equal. */
const VALUES: Readonly<Record<Sort, (session: Glance, now: number) => string | number>> = {
  since: ({ since }) => since,
  user: ({ user }) => (user ?? '').toLowerCase(),
  program: ({ program }) => program.toLowerCase(),
  address: ({ address }) => addressKey(address),
  domain: ({ domain }) => domain,
  idle: (session, now) => session.idle(now),
  speed: (session, now) => session.bytesPerSecond(now) ?? -1,
}

/** `nameOf` gives the host name of an address where it is known. */
export function choose(
  picture: Picture,
  query: ListQuery,
  nameOf: (address: string) => string | undefined = () => undefined,
): Chosen {
  const { words, shown, sort, down } = query
  const { sessions, now } = picture
  const fits = FITS[shown]
  const found = sessions.filter((session) => fits(session) && (words === '' || speaksOf(session, words, nameOf)))
  const value = VALUES[sort]
  const keyed = found.map((session) => ({ key: value(session, now), session }))
  const sign = down ? -1 : 1
  keyed.sort((a, b) => (a.key < b.key ? -sign : a.key > b.key ? sign : 0))
  const pages = Math.max(1, Math.ceil(found.length / SIZE))
  const page = Math.min(query.page, pages)
  const rows = keyed.slice((page - 1) * SIZE, page * SIZE).map(({ session }) => picture.row(session))
  return { rows, page, pages, found: found.length, total: sessions.length }
}

function speaksOf(session: Glance, words: string, nameOf: (address: string) => string | undefined): boolean {
  const { user = '', address, program, domain, path } = session
  const speaks = (text: string) => text.toLowerCase().includes(words)
  return [user, address, program, domain, path].some(speaks) || speaks(nameOf(address) ?? '')
}

/** IPv4 in the order of its numbers, before IPv6. */
function addressKey(address: string): string {
  return address.includes(':') ? `~${address}` : address.replaceAll(/\d+/g, (part) => part.padStart(3, '0'))
}
