/** Differences of settings as rows of a table: what, from, to, in the words of the pages. */
import { accessRules } from '../../settings/access.ts'
import type { Difference } from '../../settings/differences.ts'
import type { Speech } from '../form/words.ts'
import { labelKey, valueText } from '../form/words.ts'
import { SETTINGS_FIELDS } from './layout.ts'
import { PREFIX } from './saving.ts'

export interface DifferenceRow {
  readonly what: string
  readonly from: string
  readonly to: string
}

/** One row for each difference. What has no field of its own is named by its path. */
export function differenceRows(speech: Speech, differences: readonly Difference[]): readonly DifferenceRow[] {
  return differences.map(({ path, from, to }) => {
    const rules = rulesOf(speech, path)
    if (rules !== undefined) return { what: rules, from: ruleLines(speech, from), to: ruleLines(speech, to) }
    const { label, field } = named(speech, path)
    const text = (value: unknown) =>
      // A resource or a user as a whole: what is in it fills no cell.
      field === undefined && typeof value === 'object' && !Array.isArray(value)
        ? speech.t('settings.values.present')
        : valueText(speech, field, value)
    return { what: label, from: text(from), to: text(to) }
  })
}

function named(speech: Speech, path: string) {
  const rest = path.startsWith(PREFIX) ? path.slice(PREFIX.length) : undefined
  const field = SETTINGS_FIELDS.find((one) => one.path === rest)
  if (field) return { label: speech.t(labelKey(field.path)), field }
  // Within a record: the text of one reply.
  const outer = SETTINGS_FIELDS.find((one) => rest?.startsWith(`${one.path}.`))
  if (outer) {
    return { label: `${speech.t(labelKey(outer.path))}: ${rest?.slice(outer.path.length + 1)}`, field: undefined }
  }
  return { label: pathText(speech, path), field: undefined }
}

/** `IP access rules: Group staff`; undefined for what is no list of rules. */
function rulesOf({ t }: Speech, path: string): string | undefined {
  const found = /^(?:settings|domains\["(.*?)"\]|accounts\.(user|group)s\.(.*))\.access\.rules$/s.exec(path)
  if (!found) return undefined
  const [, domain, account, name] = found
  const level = account ?? (domain === undefined ? 'server' : 'domain')
  return `${t('access.pages.rules')}: ${t(`access.levels.${level}`, { name: domain ?? name ?? '' })}`
}

/** Rules that fit into a cell. */
const SHOWN = 10

/** `Deny 192.0.2.0-24, Allow *.*.*.*`. */
function ruleLines(speech: Speech, value: unknown): string {
  const { success, data = [] } = accessRules.safeParse(value)
  if (!success || data.length === 0) return valueText(speech, undefined, undefined)
  const lines = data.slice(0, SHOWN).map(({ action, mask }) => `${speech.t(`access.rules.${action}`)} ${mask}`)
  return [...lines, ...(data.length > SHOWN ? ['…'] : [])].join(', ')
}

/** `Resources: Scans: guests.profile` for `resources["Scans"].guests.profile`. */
function pathText({ t }: Speech, path: string): string {
  const [, part = '', name, inner] = /^(resources|accounts|enabled)(?:\["(.*?)"\])?\.?(.*)$/s.exec(path) ?? []
  return part === '' ? path : [t(`settings.parts.${part}`), name, inner].filter(Boolean).join(': ')
}
