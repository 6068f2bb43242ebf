/** What is wrong with a setting, in the language of the page: the English texts of the schema are found again in the locales. */
import type { Problem } from '../settings/problems.ts'
import { referenceTexts, type Translate } from './locale.ts'

/** One sentence for people. A text that no locale knows stays English. */
export function problemText({ text }: Pick<Problem, 'text'>, t: Translate): string {
  const translated = translate(text, t)
  const sentence = translated.charAt(0).toLocaleUpperCase() + translated.slice(1)
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`
}

/** Why the server did not start: the problems of its settings without their places; other reasons as they are. */
export function reasonText(reason: string, t: Translate): string {
  const lines = reason.split('\n').map((line) => /^[\w.[\]]+: (.+?)(?: \(got .*\))?$/.exec(line)?.[1] ?? line)
  return lines.map((text) => problemText({ text }, t)).join(' ')
}

/** Whether a text of the schema has one in the locales; a test asks for all of them. */
export function knownProblem(text: string): boolean {
  return find(text) !== undefined
}

/** A text of the group `problems` in English, with its gaps. */
interface Template {
  readonly key: string
  readonly match: RegExp
}

/** The more a template says itself, the earlier it is tried: "must be {allowed}" is the last. */
const TEMPLATES: readonly Template[] = [...referenceTexts('problems')]
  .sort(([, one], [, other]) => fixed(other) - fixed(one))
  .map(([key, text]) => ({ key: `problems.${key}`, match: pattern(text) }))

function fixed(text: string): number {
  return text.replaceAll(/\{\w+\}/g, '').length
}

function pattern(text: string): RegExp {
  const parts = text.split(/\{(\w+)\}/).map((part, at) => (at % 2 === 1 ? `(?<${part}>.+)` : escaped(part)))
  return new RegExp(`^${parts.join('')}$`, 's')
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}

function find(text: string): { readonly key: string; readonly gaps: Readonly<Record<string, string>> } | undefined {
  for (const { key, match } of TEMPLATES) {
    const found = match.exec(text)
    if (found) return { key, gaps: { ...found.groups } }
  }
  return undefined
}

function translate(text: string, t: Translate): string {
  const found = find(text)
  if (!found) return text
  const { reason, allowed, ...gaps } = found.gaps
  return t(found.key, {
    ...gaps,
    ...(reason === undefined ? {} : { reason: translate(reason, t) }),
    ...(allowed === undefined ? {} : { allowed: choices(allowed, t) }),
  })
}

const WORDS: ReadonlyMap<string, string> = new Map(
  [...referenceTexts('problems.words')].map(([key, text]) => [text, `problems.words.${key}`]),
)

/** `"a", "b" or a whole number`, with what stands in quotes left as it is. */
function choices(allowed: string, t: Translate): string {
  return allowed
    .split(/("(?:[^"\\]|\\.)*"|, | or )/)
    .map((part) => {
      const key = WORDS.get(part.trim())
      return key === undefined || part.startsWith('"') ? part : part.replace(part.trim(), t(key))
    })
    .join('')
}
