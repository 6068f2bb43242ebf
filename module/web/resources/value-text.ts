/** Values of a resource as people read them, wherever a change of one is told. */
import type { RightsEntry } from '../../settings/resource.ts'
import type { WebState } from '../context.ts'
import { hasText, type Translate } from '../locale.ts'

type Speech = Pick<WebState, 't' | 'formats'>

/** Words of values that stand for a choice, by the path in the resource. */
const CHOICES: Readonly<Record<string, string>> = {
  'guests.profile': 'resources.profiles.',
  'guests.from': 'resources.from.',
}
const LONGEST = 300

/** One line; `path` is the place in the resource, such as `guests.profile`. */
export function resourceValueText(speech: Speech, path: string, value: unknown): string {
  const text = wordsFor(speech, path, value)
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text
}

function wordsFor(speech: Speech, path: string, value: unknown): string {
  const { t, formats } = speech
  if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0))
    return t('settings.values.none')
  if (typeof value === 'boolean') return t(value ? 'settings.values.on' : 'settings.values.off')
  if (typeof value === 'number') return path.endsWith('Percent') ? formats.percent(value / 100) : formats.bytes(value)
  if (Array.isArray(value)) return value.map((each: unknown) => memberText(speech, path, each)).join(', ')
  if (typeof value !== 'string') return t('settings.values.present')
  const choice = CHOICES[path]
  if (choice !== undefined) return t(`${choice}${value}`)
  if (path === 'options.partialUploads')
    return t(value === 'keep' ? 'resources.form.partialKeep' : 'resources.form.partialDrop')
  return value
}

/** A pattern, a network, an entry of the rights, or a subfolder with its own. */
function memberText(speech: Speech, path: string, member: unknown): string {
  if (typeof member !== 'object' || member === null) return String(member)
  if (path === 'exceptions' && 'path' in member && 'rights' in member) {
    return `${String(member.path)} (${wordsFor(speech, 'rights', member.rights)})`
  }
  // Differences hold what the schema has let in.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return path === 'rights' ? entryText(speech, member as RightsEntry) : speech.t('settings.values.present')
}

function entryText({ t }: Speech, { user, group, level, rights = [] }: RightsEntry): string {
  const name = user ?? t('resources.groupNamed', { name: group ?? '' })
  const boxes = rights.map((right) => t(`resources.rightsLong.${right}`)).join(', ')
  return `${name}: ${t(`resources.levels.${level}`)}${boxes && ` (${boxes})`}`
}

/** Labels of the form whose names differ from those of the settings. */
const LABELS: Readonly<Record<string, string>> = {
  'guests.profile': 'guestsProfile',
  'guests.from': 'guestsFrom',
  'guests.networks': 'guestsNetworks',
  'options.maximumFileBytes': 'maximumFile',
  'options.maximumBytes': 'maximumAll',
  'options.stopAtDiskPercent': 'stopAtDisk',
}

/** A part of a resource by the label of its field. */
export function resourcePartText(t: Translate, path: string): string {
  const key = `resources.form.${LABELS[path] ?? path.replace(/^options\./, '')}`
  return path !== '' && hasText(key) ? t(key) : path
}
