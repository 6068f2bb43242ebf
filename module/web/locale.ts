/** Translated texts: one JSON file for each language, chosen for each request; English is the reference. */
import { readFileSync } from 'node:fs'

/** The text of a key, its `{names}` filled in; `count` also chooses the plural form. Throws for an unknown key. */
export type Translate = (key: string, values?: Readonly<Record<string, unknown>>) => string

/** A text, its plural forms (`one`, `few`, `many`, `other`), or a group of such. */
interface Texts {
  readonly [key: string]: string | Texts
}

/** The languages there are, the reference first. */
export const LOCALES = ['en', 'ru'] as const
export type Locale = (typeof LOCALES)[number]

const FOLDER = new URL('../../locales/', import.meta.url)
const texts = new Map<Locale, Texts>()
const plurals = new Map<Locale, Intl.PluralRules>()
for (const locale of LOCALES) {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own file; a test checks its form
  texts.set(locale, JSON.parse(readFileSync(new URL(`${locale}.json`, FOLDER), 'utf8')) as Texts)
  plurals.set(locale, new Intl.PluralRules(locale))
}

/** The translator of a language. */
export function translator(locale: Locale): Translate {
  return (key, values = {}) => {
    const found = find(texts.get(locale), key) ?? find(texts.get('en'), key)
    const text = typeof found === 'object' ? pluralForm(locale, found, values['count']) : found
    if (text === undefined) throw new Error(`there is no text ${key}`)
    return text.replaceAll(/\{(\w+)\}(\.?)/g, (whole, name: string, dot: string) => {
      const value = String(values[name])
      // A Russian date ends with the dot of "г." already.
      return name in values ? value + (/\sг\.$/.test(value) ? '' : dot) : whole
    })
  }
}

/** Whether there is a text of this key, not only a group of texts. */
export function hasText(key: string): boolean {
  const found = find(texts.get('en'), key)
  return typeof found === 'object' ? typeof found['other'] === 'string' : found !== undefined
}

/** The English texts of a group by their names, without its own groups. */
export function referenceTexts(group: string): ReadonlyMap<string, string> {
  const found = find(texts.get('en'), group)
  const entries = typeof found === 'object' ? Object.entries(found) : []
  return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}

/** The best of our languages for an Accept-Language or a tag such as `ru-RU`; English where none fits. */
export function chooseLocale(wanted: readonly string[]): Locale {
  for (const tag of wanted) {
    const found = LOCALES.find((locale) => tag.toLowerCase().split('-')[0] === locale)
    if (found) return found
  }
  return 'en'
}

function find(from: Texts | undefined, key: string): string | Texts | undefined {
  let at: string | Texts | undefined = from
  for (const part of key.split('.')) {
    if (typeof at !== 'object' || !Object.hasOwn(at, part)) return undefined
    at = at[part]
  }
  return at
}

function pluralForm(locale: Locale, forms: Texts, count: unknown): string | undefined {
  const form = forms[plurals.get(locale)?.select(Number(count)) ?? 'other'] ?? forms['other']
  return typeof form === 'string' ? form : undefined
}
