/** The direction of imports and the shape of the tree, as the design wants them; read from the sources themselves. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { expect } from 'chai'

const root = join(import.meta.dirname, '..', 'module')

/** Each part may import the parts before it, never one behind it or beside it. */
const LAYERS: readonly (readonly string[])[] = [
  ['ftp', 'shell'],
  ['settings'],
  ['access', 'resources', 'activity', 'journal', 'certificates'],
  ['service'],
  ['web', 'guest'],
  ['index'],
  ['shells'],
  ['main'],
]

/** Files that may be longer than 250 lines, each with its reason. */
const LONG: Readonly<Record<string, string>> = {
  'shell.ts': 'the contract is one file, for whoever implements it to read and copy',
}

const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, text: readFileSync(join(root, name), 'utf8') }))

describe('the architecture', () => {
  it('lets parts import only parts below them', () => {
    expect(inner().filter(({ from, to }) => !downwards(part(from), part(to)))).to.deep.equal([])
  })

  it('keeps the engine on node:, ipaddr.js, koffi and itself', () => {
    const foreign = outer().filter(({ from, to }) => part(from) === 'ftp' && !/^(?:node:|ipaddr\.js$|koffi$)/.test(to))
    expect(foreign).to.deep.equal([])
  })

  it('keeps the contract with the shell free of imports, but for the types of Koa that it is written in', () => {
    const imports = [...inner(), ...outer()].filter(({ from }) => from === 'shell.ts')
    expect(imports.filter(({ to }) => to !== 'koa')).to.deep.equal([])
  })

  it('keeps pages from importing each other', () => {
    const pairs = inner().filter(({ from, to }) => page(from) && page(to) && page(from) !== page(to))
    expect(pairs).to.deep.equal([])
  })

  it('lets only main start shells', () => {
    const callers = inner().filter(({ to }) => part(to) === 'shells')
    expect(callers.filter(({ from }) => !['shells', 'main'].includes(part(from)))).to.deep.equal([])
  })

  it('leaves the process to main.ts', () => {
    const touching = sources.filter(({ text }) =>
      /\bprocess\s*\.\s*(?:exit|kill|abort|on|once|addListener)\b/.test(text),
    )
    expect(names(touching).filter((name) => name !== 'main.ts')).to.deep.equal([])
  })

  it('has no room for leftovers', () => {
    const vague = /(?:^|[/-])(?:utils?|helpers?|common|managers?|misc|lib)(?:[/.-]|$)/
    expect(names(sources).filter((name) => vague.test(name))).to.deep.equal([])
  })

  it('names files in kebab-case', () => {
    expect(names(sources).filter((name) => !/^(?:[a-z0-9-]+\/)*[a-z0-9-]+(?:\.d)?\.ts$/.test(name))).to.deep.equal([])
  })

  it('keeps files at 250 lines, or says why not', () => {
    const long = sources.filter(({ name, text }) => text.split('\n').length > 251 && !(name in LONG))
    expect(names(long)).to.deep.equal([])
  })

  it('opens every file with a sentence about it', () => {
    const silent = sources.filter(({ text }) => !/^(?:#!.*\n)?\/\*\*[^]*?\*\//.test(text))
    expect(names(silent)).to.deep.equal([])
  })
})

/** The page a file belongs to, if it belongs to one. */
function page(name: string): string | undefined {
  return /^web\/pages\/([^/]+?)(?:\.ts|\/)/.exec(name)?.[1]
}

interface Import {
  readonly from: string
  readonly to: string
}

/** Imports between files of the module, both as paths below `module/`. */
function inner(): Import[] {
  return specifiers()
    .filter(({ to }) => to.startsWith('.'))
    .map(({ from, to }) => ({ from, to: relative(root, normalize(join(root, dirname(from), to))) }))
}

/** Imports from outside. */
function outer(): Import[] {
  return specifiers().filter(({ to }) => !to.startsWith('.'))
}

function specifiers(): Import[] {
  const statement = /^(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|^import\s*['"]([^'"]+)['"]/gm
  const called = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g
  return sources.flatMap(({ name, text }) =>
    [...text.matchAll(statement), ...text.matchAll(called)].map((match) => ({
      from: name,
      to: match[1] ?? match[2] ?? '',
    })),
  )
}

/** The part a file belongs to: its first folder, or its own name. */
function part(name: string): string {
  return name.includes('/') ? name.slice(0, name.indexOf('/')) : name.replace(/\.ts$/, '')
}

function downwards(from: string, to: string): boolean {
  if (from === to) return true
  const [upper, lower] = [layer(from), layer(to)]
  return lower < upper
}

function layer(name: string): number {
  const found = LAYERS.findIndex((parts) => parts.includes(name))
  if (found < 0) throw new Error(`module/${name} has no place in the architecture`)
  return found
}

function names(files: readonly { readonly name: string }[]): string[] {
  return files.map(({ name }) => name)
}
