/** Where a value comes from, in words: `group staff, Mon–Fri 20:00–06:00`. */
import type { Effective } from '../../settings/inheritance.ts'
import type { Settings } from '../../settings/schema.ts'
import type { Translate } from '../locale.ts'
import { whenText } from './hours-form.ts'

/** The level, whose it is, and the hours that decide. */
export function sourceText(found: Effective<unknown>, settings: Settings, t: Translate): string {
  const { level, from, hours } = found
  const name = level === 'domain' ? (settings.domains.find(({ id }) => id === from)?.name ?? from ?? '') : (from ?? '')
  const source = t(`accounts.sources.${level}`, { name })
  const row = hours === undefined ? undefined : hoursAt(found, settings)[hours]
  return row ? t('accounts.sources.during', { source, hours: whenText(row, t) }) : source
}

function hoursAt({ level, from = '' }: Effective<unknown>, { settings, domains, accounts }: Settings) {
  if (level === 'server') return settings.limits.hours
  if (level === 'domain') return domains.find(({ id }) => id === from)?.hours ?? []
  return accounts[level === 'group' ? 'groups' : 'users'][from]?.hours ?? []
}
