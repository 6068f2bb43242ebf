/** What needs attention, in the reader's language, with the page where it is put right. */
import type { ServiceStatus, Warning } from '../../shell.ts'
import type { WebContext } from '../context.ts'
import { hasText } from '../locale.ts'

export interface WarningRow {
  readonly text: string
  /** Below the base path; undefined where no page of ours can help. */
  readonly path: string | undefined
  /** The name of that page. */
  readonly place: string
}

/** Where each kind is put right, by the beginning of its code. */
const PLACES: readonly (readonly [string, string, string])[] = [
  ['passive-range', '/settings', 'connection'],
  ['clear-logins', '/settings/encryption', 'encryption'],
  ['certificate', '/settings/encryption', 'encryption'],
  ['domain-', '/settings/domains', 'domains'],
  ['guests-write', '/resources', 'resources'],
  ['folder', '/resources', 'resources'],
  ['disk-', '/resources', 'resources'],
  ['settings-recovered', '/settings', 'connection'],
  ['log-not-stored', '/settings/log', 'logging'],
  ['unknown-variable', '/settings/messages', 'messages'],
  ['no-data-commands', '/settings/commands', 'commands'],
  ['settings-repaired', '/settings/commands', 'commands'],
]

/** Names in one sentence; beyond, only their number is said. */
const NAMES = 5

/** One row for each kind of warning: what is true of many resources is said once. */
export function warningRows(ctx: WebContext, { warnings }: Pick<ServiceStatus, 'warnings'>): readonly WarningRow[] {
  const { t } = ctx.state
  return [...Map.groupBy(warnings, ({ code }) => code)].map(([code, same]) => {
    const [, path, place] = PLACES.find(([start]) => code.startsWith(start)) ?? []
    return { text: warningText(ctx, code, same), path, place: place === undefined ? '' : t(`start.places.${place}`) }
  })
}

function warningText(ctx: WebContext, code: string, same: readonly Warning[]): string {
  const { t, formats, locale } = ctx.state
  const key = `start.warnings.${code}`
  if (!hasText(key)) return same.map(({ text }) => text).join(' ')
  const names = same.map(({ values }) => t('start.quoted', { name: values['name'] }))
  const more = names.length - NAMES
  const shown = more > 0 ? [...names.slice(0, NAMES), t('start.more', { count: more })] : names
  const list = new Intl.ListFormat(locale, { style: 'long', type: 'conjunction' }).format(shown)
  const values = Object.entries(same[0]?.values ?? {}).map(([name, value]) => [
    name,
    TIMES.has(name) && typeof value === 'number' ? formats.date(value) : value,
  ])
  return t(key, { ...Object.fromEntries(values), count: same.length, names: list })
}

/** Values that are moments. */
const TIMES: ReadonlySet<string> = new Set(['from', 'until'])
