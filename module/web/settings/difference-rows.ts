/** Differences of settings as rows of a table: what, from, to, in the words of the pages. */
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

/** `Resources: Scans: guests.profile` for `resources["Scans"].guests.profile`. */
function pathText({ t }: Speech, path: string): string {
  const [, part = '', name, inner] = /^(resources|accounts|enabled)(?:\["(.*?)"\])?\.?(.*)$/s.exec(path) ?? []
  return part === '' ? path : [t(`settings.parts.${part}`), name, inner].filter(Boolean).join(': ')
}
