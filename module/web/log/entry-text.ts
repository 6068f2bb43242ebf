/** The text of an entry in the reader's language: the log keeps English, whose sentences are found again in the locales. */
import type { Entry } from '../../journal/entry.ts'
import type { Speech } from '../form/words.ts'
import { hasText, referenceTexts, type Translate } from '../locale.ts'
import { reasonText } from '../problem-text.ts'
import { changeText } from './change-text.ts'
import { ruleText } from './words.ts'

interface Template {
  readonly key: string
  readonly match: RegExp
}

/** By event, made when the first entry of it is shown; the more a sentence says itself, the earlier it is tried. */
const templates = new Map<string, readonly Template[]>()

/** What an entry says; where no sentence of the locales says it, the English of the log. */
export function entryText(speech: Speech, { event, text }: Pick<Entry, 'event' | 'text'>): string {
  if (event === 'settings.changed') return changeText(speech, text) ?? text
  for (const { key, match } of templatesOf(event)) {
    const found = match.exec(text)
    if (found) return speech.t(key, inWords(speech.t, found.groups ?? {}))
  }
  return text
}

function templatesOf(event: string): readonly Template[] {
  const known = templates.get(event)
  if (known) return known
  const group = `log.texts.${event.replaceAll('.', '-')}`
  const made = [...referenceTexts(group)]
    .toSorted(([, one], [, other]) => fixed(other) - fixed(one))
    .map(([name, text]) => ({ key: `${group}.${name}`, match: pattern(text) }))
  // Events have few names; a log that was tampered with may have many.
  if (templates.size < 200) templates.set(event, made)
  return made
}

/** Gaps whose words or numbers are English as well; the others are names and whole numbers. */
const WORDS: Readonly<Record<string, (t: Translate, text: string) => string>> = {
  // `right.delete (group staff)`: the rule in words, its value as it is.
  rule: (t, text) => {
    const [, name = text, detail = ''] = /^([\w.-]+)( \(.*\))?$/s.exec(text) ?? []
    return ruleText(t, name) + detail
  },
  who: (t, text) => (text === 'nobody logged in' ? t('log.nobody') : text),
  permission: (t, text) => (hasText(`tokens.permissions.${text}`) ? t(`tokens.permissions.${text}`) : text),
  reason: (t, text) => reasonText(text, t),
  seconds: (t, text) => text.replace('.', t('settings.decimal')),
  // `the server, group staff`.
  lists: (t, text) =>
    text
      .split(', ')
      .map((place) => {
        const [, level, name] = /^(?:the )?(server|domain|group|user)(?: (.*))?$/s.exec(place) ?? []
        return level === undefined ? place : t(`access.levels.${level}`, { name })
      })
      .join(', '),
}

function inWords(t: Translate, gaps: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(gaps).map(([name, text]) => [name, WORDS[name]?.(t, text) ?? text]))
}

const fixed = (text: string): number => text.replaceAll(/\{\w+\}/g, '').length

function pattern(text: string): RegExp {
  const parts = text.split(/\{(\w+)\}/)
  return new RegExp(`^${parts.map((part, at) => (at % 2 === 1 ? `(?<${part}>.+)` : escaped(part))).join('')}$`, 's')
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
