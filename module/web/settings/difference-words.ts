/** What a change of the settings is about, and its values, in the words of the page that sets them. */
import type { Hours } from '../../settings/hours.ts'
import type { Limit } from '../../settings/values.ts'
import { limitText } from '../accounts/amount.ts'
import { rowText } from '../accounts/hours-form.ts'
import type { FormField } from '../form/field.ts'
import { labelKey, valueText, type Speech } from '../form/words.ts'
import { hasText } from '../locale.ts'
import { resourcePartText, resourceValueText } from '../resources/value-text.ts'
import { SETTINGS_FIELDS } from './layout.ts'
import { ruleWords } from './rule-words.ts'

export interface DifferenceWords {
  readonly what: string
  /** A value of it, on one line. */
  readonly text: (value: unknown) => string
}

/** A name in the path of a difference, as `JSON.stringify` writes it. */
const NAME = '\\["((?:[^"\\\\]|\\\\.)*)"\\]'

/** Paths by what they belong to; the name and the part within are asked of the second function. */
const OWNERS: readonly (readonly [RegExp, (speech: Speech, name: string, part: string) => DifferenceWords])[] = [
  [/^settings()\.(.*)$/s, (speech, _, part) => serverWords(speech, part)],
  [
    new RegExp(`^resources${NAME}(?:\\.(.*))?$`, 's'),
    (speech, name, part) => resourceWords(speech, unquoted(name), part),
  ],
  [new RegExp(`^domains${NAME}(?:\\.(.*))?$`, 's'), (speech, name, part) => domainWords(speech, unquoted(name), part)],
  ...(['user', 'group'] as const).map((kind) => accountOwner(kind)),
]

/** The words for a path such as `settings.tls.policy`; undefined where no page sets such a thing. */
export function differenceWords(speech: Speech, path: string): DifferenceWords | undefined {
  for (const [pattern, words] of OWNERS) {
    const [, name = '', part = ''] = pattern.exec(path) ?? []
    if (name !== '' || part !== '') return words(speech, name, part)
  }
  if (path === 'pausedUntil') return { what: speech.t('settings.parts.pausedUntil'), text: moment(speech) }
  const known = /^(?:enabled|tokens|resources|domains)$/.test(path)
  return known ? { what: speech.t(`settings.parts.${path}`), text: plain(speech) } : undefined
}

/** Names may hold dots, so that the parts there are end the path, and what is before them is the name. */
function accountOwner(kind: 'user' | 'group'): (typeof OWNERS)[number] {
  const parts = 'ftp|fromOutside|disabledUntil|startFolder|hours|access\\.rules(?:\\[.*)?|(?:limits|together)\\.\\w+'
  const pattern = new RegExp(`^accounts\\.${kind}s\\.(.+?)(?:\\.(${parts}))?$`, 's')
  return [pattern, (speech, name, part) => accountWords(speech, speech.t(`access.levels.${kind}`, { name }), part)]
}

function serverWords(speech: Speech, part: string): DifferenceWords {
  const { t } = speech
  const rules = ruleWords(speech, t('access.levels.server'), part)
  if (rules) return rules
  const label = (name: string) => t(labelKey(`limits.${name}`))
  if (part === 'limits.hours') return { what: t(labelKey(part)), text: hours(speech, label) }
  const field = SETTINGS_FIELDS.find(({ path }) => path === part)
  if (field) return { what: t(labelKey(part)), text: plain(speech, field) }
  // Within a record: the text of one reply.
  const outer = SETTINGS_FIELDS.find(({ path }) => part.startsWith(`${path}.`))
  const what = outer ? `${t(labelKey(outer.path))}: ${part.slice(outer.path.length + 1)}` : `settings.${part}`
  return { what, text: plain(speech) }
}

function resourceWords(speech: Speech, name: string, part: string): DifferenceWords {
  const what = [speech.t('settings.parts.resource'), name, resourcePartText(speech.t, part)].filter(Boolean).join(': ')
  return { what, text: (value) => resourceValueText(speech, part, value) }
}

function accountWords(speech: Speech, who: string, part: string): DifferenceWords {
  const { t } = speech
  const label = (name: string) => t(`accounts.limits.${name}`)
  const [, group, name = ''] = /^(limits|together)\.(\w+)$/.exec(part) ?? []
  const rules = ruleWords(speech, who, part)
  if (rules) return rules
  if (part === 'hours') return { what: `${who}: ${t('accounts.hours.title')}`, text: hours(speech, label) }
  if (group === 'together')
    return { what: `${who}: ${t('accounts.effective.shared', { what: label(name) })}`, text: limit(speech, name) }
  if (group !== undefined) return { what: `${who}: ${label(name)}`, text: limit(speech, name) }
  const text = (value: unknown) => {
    if (typeof value === 'boolean') return t(value ? 'accounts.allowed' : 'accounts.notAllowed')
    return part === 'disabledUntil' ? moment(speech)(value) : plain(speech)(value)
  }
  return { what: part === '' ? who : `${who}: ${t(`accounts.fields.${part}`)}`, text }
}

/** Parts of a domain whose labels are those of the server's own fields. */
const AS_SERVER: readonly string[] = ['listeners', 'commands.disabled', 'messages.replies']

function domainWords(speech: Speech, name: string, part: string): DifferenceWords {
  const { t } = speech
  const who = t('access.levels.domain', { name })
  const [, group, limited = ''] = /^(limits|together)\.(\w+)$/.exec(part) ?? []
  if (part === '') return { what: who, text: plain(speech) }
  const rules = ruleWords(speech, who, part)
  if (rules) return rules
  const each = (one: string) => t(`domains.limits.${one}`)
  const shared = (one: string) => t(`domains.together.${one}`)
  if (part === 'hours') return { what: `${who}: ${t('domains.groups.hours')}`, text: hours(speech, each) }
  if (part === 'together.hours') {
    return { what: `${who}: ${t('domains.groups.sharedHours')}`, text: hours(speech, shared) }
  }
  if (group !== undefined) {
    return { what: `${who}: ${group === 'limits' ? each(limited) : shared(limited)}`, text: limit(speech, limited) }
  }
  const outer = AS_SERVER.find((path) => part === path || part.startsWith(`${path}.`))
  const field = outer === part ? SETTINGS_FIELDS.find(({ path }) => path === part) : undefined
  const text = (value: unknown) =>
    part === 'resources' && value === 'all' ? t('domains.shown.all') : plain(speech, field)(value)
  return { what: `${who}: ${domainPart(speech, part, outer)}`, text }
}

function domainPart({ t }: Speech, part: string, outer: string | undefined): string {
  if (outer !== undefined) return [t(labelKey(outer)), part.slice(outer.length + 1)].filter(Boolean).join(': ')
  if (part === 'commands.enabled') return t('domains.commandsOn')
  const keys = [`domains.fields.${part}`, `domains.parts.${part}`, part.replace(/^messages\./, 'domains.texts.')]
  const key = keys.find((one) => hasText(one))
  return key === undefined ? part : t(key)
}

/** Differences hold what the schema has let in; what a log holds may be anything, and is then shown as it is. */
function hours(speech: Speech, label: (name: string) => string): (value: unknown) => string {
  return (value) => {
    if (!Array.isArray(value) || value.length === 0 || !value.every((row) => isHours(row))) return plain(speech)(value)
    return value.map((row) => rowText(row, label, speech)).join('; ')
  }
}

function isHours(row: unknown): row is Hours & { limits: Record<string, Limit> } {
  return typeof row === 'object' && row !== null && 'days' in row && Array.isArray(row.days) && 'limits' in row
}

function moment(speech: Speech): (value: unknown) => string {
  return (value) => {
    const time = typeof value === 'string' ? Date.parse(value) : NaN
    return Number.isFinite(time) ? speech.formats.dateTime(time) : plain(speech)(value)
  }
}

function limit(speech: Speech, name: string): (value: unknown) => string {
  return (value) =>
    typeof value === 'number' || value === 'unlimited' ? limitText(name, value, speech) : plain(speech)(value)
}

/** What is a thing of its own, such as a resource, is there or not; of a list of such their names are told. */
function plain(speech: Speech, field?: FormField): (value: unknown) => string {
  return (value) => {
    if (field !== undefined || typeof value !== 'object' || value === null) return valueText(speech, field, value)
    if (!Array.isArray(value)) return speech.t('settings.values.present')
    const names = value.map((each: unknown) => nameOf(each))
    return valueText(speech, undefined, names)
  }
}

const nameOf = (each: unknown) =>
  typeof each === 'object' && each !== null && 'name' in each ? String(each.name) : each

/** A name out of a path. */
function unquoted(text: string): string {
  try {
    return String(JSON.parse(`"${text}"`))
  } catch {
    return text
  }
}
