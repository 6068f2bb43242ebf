/**
 * The binaries that koffi calls libc through, for the two kinds of processors and of C libraries a firmware may have. npm installs
 * only those of the machine at hand; the others come from the registry, held against the lock file.
 * Usage, for those of musl alone: node packaging/natives.ts staging-folder
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const exec = promisify(execFile)

interface Locked {
  readonly version?: string
  readonly integrity?: string
}

const PROCESSORS = ['x64', 'arm64']

/** As koffi names its folders: glibc, which nearly all machines have, and musl, which OpenWrt and Alpine have. */
type CLibrary = 'linux' | 'musl'

/** Copies the packages below `staging`, with the binary for one C library each, and answers their folders. */
export async function copyNatives(
  root: string,
  staging: string,
  locked: Readonly<Record<string, Locked>>,
  library: CLibrary = 'linux',
): Promise<readonly string[]> {
  const folders: string[] = []
  for (const processor of PROCESSORS) {
    const name = `@koromix/koffi-linux-${processor}`
    const binary = `${library}_${processor}`
    const folder = `node_modules/${name}`
    const place = join(staging, folder)
    await mkdir(place, { recursive: true })
    const installed = join(root, folder)
    if (existsSync(installed)) await copy(installed, place, binary)
    else await fetched(name, locked[folder] ?? {}, (unpacked) => copy(unpacked, place, binary))
    folders.push(folder)
  }
  return folders
}

async function copy(from: string, to: string, binary: string): Promise<void> {
  for (const file of ['package.json', 'index.js', binary]) {
    await cp(join(from, file), join(to, file), { recursive: true })
  }
}

async function fetched(
  name: string,
  { version, integrity }: Locked,
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'native-'))
  try {
    const { stdout } = await exec('npm', ['pack', '--silent', '--pack-destination', folder, `${name}@${version}`])
    const file = join(folder, stdout.trim().split('\n').at(-1) ?? '')
    const hash = createHash('sha512')
      .update(await readFile(file))
      .digest('base64')
    if (`sha512-${hash}` !== integrity) throw new Error(`${name} is not what package-lock.json says`)
    await exec('tar', ['-xzf', file, '-C', folder])
    await use(join(folder, 'package'))
  } finally {
    await rm(folder, { recursive: true })
  }
}

if (import.meta.main) {
  const [staging] = process.argv.slice(2)
  if (staging === undefined) throw new Error('Usage: node packaging/natives.ts staging-folder')
  const root = join(import.meta.dirname, '..')
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- npm's own file
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Readonly<Record<string, Locked>>
  }
  await copyNatives(root, staging, lock.packages, 'musl')
}
