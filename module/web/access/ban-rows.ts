/** The list of blocked addresses: search, pages, and what stands in a row. */
import { parseAddress } from '../../access/address.ts'
import type { BanRow } from '../../access/bans.ts'
import { printable } from '../../ftp/printable.ts'
import { parseMask } from '../../access/ip-rule.ts'
import { holds } from '../../access/mask.ts'
import { DEFAULT_DOMAIN, type Domain } from '../../settings/domain.ts'
import type { WebState } from '../context.ts'
import { PAGE } from './rows.ts'

type State = Pick<WebState, 't' | 'formats'>

/** The bans that a search finds: by what stands in them, or that hold an address. */
export function foundBans(rows: readonly BanRow[], search: string): readonly BanRow[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  const address = parseAddress(search.trim())
  return words.length === 0
    ? rows
    : rows.filter((row) => {
        const text = `${row.subject} ${row.user ?? ''} ${row.by ?? ''} ${row.note ?? ''}`.toLowerCase()
        return words.every((word) => text.includes(word)) || (address !== undefined && keepsOut(row, address))
      })
}

/** One page of the list. */
export function bansView(
  state: State,
  rows: readonly BanRow[],
  domains: readonly Domain[],
  search: string,
  asked: number,
) {
  const found = foundBans(rows, search)
  const pages = Math.max(1, Math.ceil(found.length / PAGE))
  const page = Math.min(Math.max(1, asked), pages)
  return {
    rows: found.slice((page - 1) * PAGE, page * PAGE).map((row) => rowView(state, row, domains)),
    total: rows.length,
    found: found.length,
    search,
    page,
    pages,
  }
}

function rowView({ t, formats }: State, row: BanRow, domains: readonly Domain[]) {
  const { id, subject, reason, domain, since, expiresIn, failures = 0, times = 1, user = '', by = '', note = '' } = row
  return {
    id,
    subject,
    // A ban for failed logins holds everywhere, whatever domain they were tried in.
    scope: reason === 'failures' ? undefined : label(domains, domain),
    reason:
      reason === 'failures' ? t('access.blocked.failures', { count: failures }) : t('access.blocked.by', { name: by }),
    tried: reason === 'failures' && domain !== DEFAULT_DOMAIN ? label(domains, domain) : undefined,
    user: printable(user),
    note: printable(note),
    times: reason === 'failures' && times > 1 ? t('access.blocked.times', { count: times }) : '',
    since: formats.dateTime(since),
    expiresIn,
    left: formats.duration(expiresIn),
    network: networkOf(subject),
  }
}

const label = (domains: readonly Domain[], id: string | undefined) => domains.find((one) => one.id === id)?.name ?? id

/** The network around one address, as people would ban it: /24 of IPv4, /48 of IPv6. */
export function networkOf(subject: string): string | undefined {
  const address = parseAddress(subject.replace(/\/64$/, ''))
  if (!address) return undefined
  const wide = parseMask(`${address.text}/${address.family === 4 ? 24 : 48}`)
  return 'mask' in wide ? wide.mask.text : undefined
}

function keepsOut({ subject }: BanRow, address: NonNullable<ReturnType<typeof parseAddress>>): boolean {
  const parsed = parseMask(subject)
  return 'mask' in parsed && parsed.mask.kind === 'addresses' && holds(parsed.mask, address)
}
