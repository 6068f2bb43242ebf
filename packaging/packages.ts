/**
 * Copies what the module needs of its npm packages into a staging folder, and their licences into one file; and what replaces its
 * binaries where the C library is musl into another one.
 * Usage: node packaging/packages.ts staging-folder folder-for-musl
 */
import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, extname, join, relative } from 'node:path'
import { copyNatives } from './natives.ts'
import { PACKAGED } from '../module/web/steps/files.ts'

interface Locked {
  readonly version?: string
  readonly integrity?: string
  readonly dev?: boolean
  readonly optional?: boolean
  readonly extraneous?: boolean
  readonly license?: string
}

const ROOT = join(import.meta.dirname, '..')
const CODE: ReadonlySet<string> = new Set(['.js', '.mjs', '.cjs', '.json'])
const LICENCE = /^(?:licen[cs]e|copying|notice)(?:[-.].*)?$/i

/** Folders that no code of ours reaches: tests, and builds for browsers and command lines. */
const LEFT_OUT = /^(?:tests?|__tests__|examples?|docs|benchmarks?|browser|bin|flash|\..+)$/

/** Packages of which browsers get single files; Node loads nothing of them. */
const FOR_BROWSERS = Map.groupBy(Object.values(PACKAGED), (path) => path.split('/')[0] ?? '')

const [staging, musl] = process.argv.slice(2)
if (staging === undefined || musl === undefined) {
  throw new Error('Usage: node packaging/packages.ts staging-folder folder-for-musl')
}
const texts: string[] = []
const all = await lockedPackages()
for (const [folder, locked] of production(all)) {
  const files = await wanted(folder)
  // Packages of types only.
  if (!files.some((file) => CODE.has(extname(file)) && basename(file) !== 'package.json')) continue
  for (const file of files) {
    await mkdir(join(staging, folder, dirname(file)), { recursive: true })
    await cp(join(ROOT, folder, file), join(staging, folder, file))
  }
  texts.push(await licence(folder, locked))
}
for (const folder of await copyNatives(ROOT, { linux: staging, musl }, all)) {
  texts.push(await licence(folder, all[folder] ?? {}))
}
await writeFile(join(staging, 'LICENSES'), texts.join(`\n${'='.repeat(80)}\n\n`))

async function lockedPackages(): Promise<Readonly<Record<string, Locked>>> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- npm's own file
  const lock = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Readonly<Record<string, Locked>>
  }
  return lock.packages
}

/** Those that are no development tools; `optional` ones are the Node that npm brings, and binaries. */
function production(packages: Readonly<Record<string, Locked>>): readonly (readonly [string, Locked])[] {
  return Object.entries(packages).filter(
    ([folder, { dev, optional, extraneous }]) => folder.startsWith('node_modules/') && !dev && !optional && !extraneous,
  )
}

/** The files of one package, without those of packages inside it, sorted. */
async function wanted(folder: string): Promise<readonly string[]> {
  const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length)
  const only = FOR_BROWSERS.get(name)?.map((path) => path.slice(name.length + 1))
  const found: string[] = []
  const top = join(ROOT, folder)
  for (const entry of await readdir(top, { recursive: true, withFileTypes: true })) {
    const path = relative(top, join(entry.parentPath, entry.name))
    const folders = dirname(path).split('/')
    if (!entry.isFile() || folders.some((each) => each === 'node_modules' || LEFT_OUT.test(each))) continue
    const kept = only
      ? only.includes(path) || path === 'package.json'
      : CODE.has(extname(path)) && !twin(name, top, path)
    if (kept || (LICENCE.test(entry.name) && folders[0] === '.')) found.push(path)
  }
  return found.sort()
}

/** Whether the same is there for `import` as well: koffi alone is asked for by `require`, since it may be missing. */
function twin(name: string, top: string, path: string): boolean {
  return name !== 'koffi' && extname(path) === '.cjs' && existsSync(join(top, path.replace(/\.cjs$/, '.js')))
}

async function licence(folder: string, { version, license }: Locked): Promise<string> {
  const title = `${folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length)} ${version}`
  const there = existsSync(join(ROOT, folder)) ? await readdir(join(ROOT, folder)) : []
  const names = there.filter((name) => LICENCE.test(name)).sort()
  const files = await Promise.all(names.map((name) => readFile(join(ROOT, folder, name), 'utf8')))
  if (license === undefined && files.length === 0) throw new Error(`${title} says nothing of its licence`)
  return `${title}\nLicence: ${license ?? 'see below'}\n\n${files.join('\n').trim() || 'No text came with the package.'}\n`
}
