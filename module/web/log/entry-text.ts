/** The text of an entry in the reader's language: the log keeps English, whose sentences are found again in the locales. */
import type { Entry } from '../../journal/entry.ts'
import { referenceTexts, type Translate } from '../locale.ts'
import { ruleText } from './words.ts'

interface Template {
  readonly key: string
  readonly match: RegExp
}

/** By event, made when the first entry of it is shown; the more a sentence says itself, the earlier it is tried. */
const templates = new Map<string, readonly Template[]>()

/** What an entry says; where no sentence of the locales says it, the English of the log. */
export function entryText(t: Translate, { event, text }: Pick<Entry, 'event' | 'text'>): string {
  for (const { key, match } of templatesOf(event)) {
    const found = match.exec(text)
    if (found) return t(key, inWords(t, found.groups ?? {}))
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

/** `right.delete (group staff)`: the rule in words, its value as it is. */
function inWords(t: Translate, { rule, ...gaps }: Readonly<Record<string, string>>): Record<string, string> {
  if (rule === undefined) return gaps
  const [, name = rule, detail = ''] = /^([\w.-]+)( \(.*\))?$/s.exec(rule) ?? []
  return { ...gaps, rule: ruleText(t, name) + detail }
}

const fixed = (text: string): number => text.replaceAll(/\{\w+\}/g, '').length

function pattern(text: string): RegExp {
  const parts = text.split(/\{(\w+)\}/)
  return new RegExp(`^${parts.map((part, at) => (at % 2 === 1 ? `(?<${part}>.+)` : escaped(part))).join('')}$`, 's')
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
