/** The words around a field: label, help, what is allowed, and values as people read them. */
import type { Formats } from '../formats.ts'
import type { Translate } from '../locale.ts'
import { hasText } from '../locale.ts'
import type { FormField } from './field.ts'

export interface Speech {
  readonly t: Translate
  readonly formats: Formats
}

/** The text of a field of the settings, of one of its columns, or of an option. */
export const labelKey = (path: string) => `settings.fields.${path}.label`

/** What the field is for; empty where the label says it all. */
export function helpText({ t }: Speech, path: string): string {
  const key = `settings.fields.${path}.help`
  return hasText(key) ? t(key) : ''
}

/** The label of an option of a select. */
export function optionText({ t }: Speech, { path, labels }: FormField, option: string): string {
  const key = `settings.fields.${path}.options.${option.replaceAll('.', '_')}`
  return labels?.get(option) ?? (hasText(key) ? t(key) : option)
}

/** What may be typed and what holds where nothing was ever said: `From 1 to 100. Default: 3.` */
export function boundsText(speech: Speech, field: FormField): string {
  return [wordNote(speech, field), range(speech, field), standard(speech, field)].filter(Boolean).join(' ')
}

/** What an empty input stands for; empty where it stands for nothing. */
export function wordText({ t }: Speech, { word }: FormField): string {
  return word === undefined ? '' : t(`settings.words.${word}`)
}

/** A stored value as people read it, on one line. */
export function valueText(speech: Speech, field: FormField | undefined, value: unknown): string {
  const { t } = speech
  if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0))
    return t('settings.values.none')
  if (typeof value === 'boolean') return t(value ? 'settings.values.on' : 'settings.values.off')
  if (field && value === field.word) return wordText(speech, field)
  if (typeof value === 'number') return numberText(speech, field, value)
  if (typeof value === 'string') return field?.kind === 'select' ? optionText(speech, field, value) : short(value)
  if (Array.isArray(value)) return short(value.map((each) => entryText(speech, field, each)).join(', '))
  return short(entryText(speech, field, value))
}

function numberText({ t, formats }: Speech, field: FormField | undefined, value: number): string {
  if (field?.unit === 'speed') return formats.speed(value)
  if (field?.unit === 'size') return formats.bytes(value)
  const text = field?.path.toLowerCase().endsWith('port') ? String(value) : decimal(value, t)
  return field?.unit ? t(`settings.amounts.${field.unit}`, { amount: text }) : text
}

/** A number without marks between thousands, with the decimal mark of the language, as it can be typed. */
export function decimal(value: number, t: Translate): string {
  return String(value).replace('.', t('settings.decimal'))
}

/** An entry of a list, or a record: `port 990, address ::`. */
function entryText(speech: Speech, field: FormField | undefined, value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.entries(value)
    .map(([name, inner]) => {
      const column = field?.columns?.find(({ path }) => path === name)
      const label = field && column && field.kind === 'rows' ? speech.t(labelKey(`${field.path}.${name}`)) : name
      return `${label}: ${typeof inner === 'object' ? JSON.stringify(inner) : valueText(speech, column, inner)}`
    })
    .join(', ')
}

function wordNote({ t }: Speech, field: FormField): string {
  if (field.word === undefined) return ''
  const key = field.default === field.word ? 'settings.allowed.emptyDefault' : 'settings.allowed.empty'
  return t(key, { word: t(`settings.words.${field.word}`) })
}

function range(speech: Speech, { minimum, maximum, unit, word, path }: FormField): string {
  const { t } = speech
  // "At least 1 byte a second" tells nobody anything.
  if (minimum === undefined || unit === 'speed' || unit === 'size') return ''
  const plain: FormField = { path, kind: 'number', default: undefined }
  const from = valueText(speech, plain, minimum)
  if (maximum === undefined) return word === undefined ? t('settings.allowed.from', { from }) : ''
  return t('settings.allowed.range', { from, to: valueText(speech, plain, maximum) })
}

function standard(speech: Speech, field: FormField): string {
  // Lists and texts of several lines are empty, or too long to repeat.
  if (['lines', 'rows', 'pairs', 'choices', 'area'].includes(field.kind) || field.default === undefined) return ''
  if (field.default === field.word) return ''
  // A default may be a sentence itself.
  return speech.t('settings.allowed.default', { value: valueText(speech, field, field.default) }).replace(/\.\.$/, '.')
}

const LONGEST = 160

const short = (text: string) => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text)
