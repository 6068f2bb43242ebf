/** The texts of the pages: the same keys in both languages, each used, and none written into a view. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect } from 'chai'
import { formatsFor } from '../module/web/formats.ts'
import { translator } from '../module/web/locale.ts'

type Texts = Readonly<Record<string, unknown>>

const ROOT = join(import.meta.dirname, '..')
const PLURAL_FORMS: Readonly<Record<string, readonly string[]>> = {
  en: ['one', 'other'],
  ru: ['few', 'many', 'one', 'other'],
}

/** Keys that are put together while running, by how they begin; each is looked for in the sources. */
const DYNAMIC: readonly string[] = [
  'activity.columns.',
  'activity.from.',
  'activity.kick.problems.',
  'activity.now.',
  'activity.reasons.',
  'activity.shown.',
  'tabs.',
  'access.pages.',
  'access.rules.',
  'access.levels.',
  'access.mask.',
  'access.lockOut.',
  'access.test.',
  'access.import.',
  'access.blocked.done.',
  'accounts.',
  'units.',
  'replay.',
  'log.texts.',
  'why.passed.',
  'why.stages.',
  'errors.',
  'domains.columns.',
  'domains.fields.',
  'domains.limits.',
  'domains.own.',
  'domains.parts.',
  'domains.texts.',
  'domains.together.',
  'problems.',
  'log.allowed.',
  'log.changes.',
  'log.details.',
  'log.events.',
  'log.export.',
  'log.kinds.',
  'log.levels.',
  'log.results.',
  'log.rules.',
  'log.story.',
  'start.addresses.where.',
  'start.addresses.tls.',
  'start.pauses.',
  'start.places.',
  'start.mover.',
  'start.states.',
  'start.warnings.',
  'tokens.permissions.',
  'resources.form.',
  'resources.levels.',
  'resources.profiles.',
  'resources.from.',
  'resources.kinds.',
  'resources.boxes.',
  'resources.rights.',
  'resources.rightsLong.',
  'resources.states.',
  'resources.savedBut.',
  'resources.errno.',
  'resources.picker.problems.',
  'settings.fields.',
  'settings.units.',
  'settings.words.',
  'settings.amounts.',
  'settings.parts.',
  'settings.certificate.states.',
  'settings.commands.about.',
  'settings.commands.essential.',
  'settings.commands.families.',
  'settings.commands.filters.',
  'settings.commands.lost.',
  'settings.commands.states.',
  'settings.messages.about.',
  'settings.messages.groups.',
  'settings.messages.sent.',
  'settings.pages.',
  'settings.ways.',
  'settings.groups.',
  'settings.difference.',
  'shell.faults.password.',
  'shell.certificates.faults.',
  'shell.certificates.states.',
  'shell.storage.faults.',
  'shell.web.faults.',
  'shell.languages.',
  'shell.themes.',
  'shell.permissions.',
  'shell.first.',
  'shell.import.faults.',
]

/** Keys with something put together inside them: the page that asks before a deletion, what became of a certificate. */
const COMPOSED = /^shell\.(?:\w+\.delete(?:Title|Text|Button)|certificates\.(?:made|requested))$/

/** What a Russian text may consist of although nothing in it is Russian: names, and words of protocols. */
const NAMES =
  /^(?:FTPS?|TLS|CSV|JSON|PEM|PKCS|CSR|API|LAN|WAN|IP|IPv[46]|CIDR|UTF-8|English|OK|Syslog|PowerShell|[A-Z]{2,5}|\W|\d)+$/

const english = load('en')
const russian = load('ru')
const sources = new Map([...files('module', /\.ts$/), ...files('views', /\.njk$/), ...files('public', /\.js$/)])
const everything = [...sources.values()].join('\n')

describe('the texts of the pages', () => {
  it('have the same keys in English and Russian', () => {
    expect([...russian.keys()].toSorted()).to.deep.equal([...english.keys()].toSorted())
  })

  it('have every plural form of their language', () => {
    for (const [locale, texts] of [['en', english] as const, ['ru', russian] as const]) {
      const wrong = [...texts].filter(
        ([, text]) => typeof text === 'object' && Object.keys(text).toSorted().join() !== PLURAL_FORMS[locale]?.join(),
      )
      expect(
        wrong.map(([key]) => key),
        locale,
      ).to.deep.equal([])
    }
  })

  it('leave the same gaps to be filled in both languages', () => {
    const wrong = [...english.keys()].filter((key) => gaps(english.get(key)) !== gaps(russian.get(key)))
    expect(wrong).to.deep.equal([])
  })

  it('end with one dot behind a date', () => {
    const t = translator('ru')
    const until = formatsFor('ru', 'UTC', t).date(Date.UTC(2026, 10, 28))
    expect(t('start.warnings.certificate-expiring', { until })).to.match(/28 нояб\. 2026\sг\.$/)
    expect(t('log.texts.changed.deleted', { path: '/notes.' })).to.match(/\/notes\.\.$/)
  })

  it('are all used', () => {
    const quoted = new Set([...everything.matchAll(/['"`]([\w.-]+)['"`]/g)].map(([, text]) => text))
    const unused = [...english.keys()].filter(
      (key) => !quoted.has(key) && !COMPOSED.test(key) && !DYNAMIC.some((prefix) => key.startsWith(prefix)),
    )
    expect(unused).to.deep.equal([])
  })

  it('are put together only from beginnings that are listed here', () => {
    const begun = [...everything.matchAll(/\bt\(\s*(?:'([\w.-]+)'\s*[+~]|`([\w.-]+)\$)/g)]
    const prefixes = new Set(begun.map(([, quoted, template]) => quoted ?? template ?? ''))
    expect(
      [...prefixes].filter((prefix) => prefix !== 'shell.' && !DYNAMIC.some((known) => prefix.startsWith(known))),
    ).to.deep.equal([])
    expect(DYNAMIC.filter((prefix) => !/['"`]/.test(before(everything, prefix)))).to.deep.equal([])
  })

  it('are there wherever a page asks for one', () => {
    const asked = [...everything.matchAll(/\b(?:t|hasText)\(\s*'([\w.-]+)'\s*[,)]/g)].map(([, key]) => key ?? '')
    const told = [...everything.matchAll(/redirectWith\(\s*[^,]+,\s*[^,]+,\s*'([\w.-]+)'/g)].map(([, key]) => key ?? '')
    expect([...asked, ...told].filter((key) => !english.has(key))).to.deep.equal([])
  })

  it('are nowhere written into a view', () => {
    const found: string[] = []
    for (const [path, text] of sources) if (path.startsWith('views/')) found.push(...literals(text, path))
    expect(found).to.deep.equal([])
  })

  it('are really Russian, and really English', () => {
    const foreign = [...russian].filter(([, value]) =>
      forms(value).some((text) => /[a-z]/i.test(text) && !/[а-яё]/i.test(text) && !NAMES.test(filled(text))),
    )
    expect(foreign.map(([key, value]) => `${key}: ${forms(value).join(' | ')}`)).to.deep.equal([])
    const cyrillic = [...english].filter(([, value]) =>
      forms(value).some((text) => /[а-яё]/i.test(text.replace('Русский', ''))),
    )
    expect(cyrillic).to.deep.equal([])
  })
})

/** All texts of a language by their keys; plural forms stay together. */
function load(locale: string): Map<string, string | Texts> {
  const found = new Map<string, string | Texts>()
  const walk = (texts: Texts, prefix: string) => {
    for (const [name, value] of Object.entries(texts)) {
      if (typeof value === 'string') found.set(prefix + name, value)
      else if (isTexts(value) && 'other' in value && 'one' in value) found.set(prefix + name, value)
      else if (isTexts(value)) walk(value, `${prefix}${name}.`)
    }
  }
  walk(JSON.parse(readFileSync(join(ROOT, 'locales', `${locale}.json`), 'utf8')) as Texts, '')
  return found
}

function isTexts(value: unknown): value is Texts {
  return typeof value === 'object' && value !== null
}

function files(folder: string, name: RegExp): [string, string][] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => name.test(path))
    .map((path) => [relative(ROOT, join(ROOT, folder, path)), readFileSync(join(ROOT, folder, path), 'utf8')])
}

function forms(value: string | Texts | undefined): readonly string[] {
  return typeof value === 'string' ? [value] : Object.values(value ?? {}).map(String)
}

/** The names in braces of all forms together, sorted. */
function gaps(value: string | Texts | undefined): string {
  const names = forms(value).flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name))
  return [...new Set(names)].toSorted().join()
}

/** The characters that stand before a text wherever it occurs. */
function before(whole: string, text: string): string {
  return whole
    .split(text)
    .map((part) => part.at(-1) ?? '')
    .slice(0, -1)
    .join('')
}

/** The text without its gaps. */
function filled(text: string): string {
  return text.replaceAll(/\{\w+\}/g, ' ')
}

/** Words that people would read and that no locale file holds: between tags, in attributes for people, in a macro's parameters. */
function literals(view: string, path: string): readonly string[] {
  const code = view.replaceAll(/\{#[^]*?#\}/g, ' ')
  const plain = code.replaceAll(/\{\{[^]*?\}\}|\{%[^]*?%\}/g, ' ')
  const between = plain.replaceAll(/<[^>]*>/g, '\n').replaceAll(/&\w+;/g, ' ')
  const attributes = [...plain.matchAll(/\b(?:title|alt|aria-label|placeholder)="([^"]*)"/g)].map(
    ([, text]) => text ?? '',
  )
  const parameters = [...code.matchAll(/\b(?:label|help|title|text|placeholder): '([^']*[^'a-z][^']*)'/g)].map(
    ([, text]) => text ?? '',
  )
  return (
    [...between.split('\n'), ...attributes, ...parameters]
      .map((text) => text.trim())
      // A macro that writes attributes is no text, nor is a single word with signs in it: an example of what to type.
      .filter((text) => !/^\S*[./,;]\S*$/.test(text))
      .filter((text) => !/^[\w-]+="/.test(text))
      .filter((text) => /\p{L}{2}/u.test(text) && !NAMES.test(text))
      .map((text) => `${path}: ${text}`)
  )
}
