/**
 * The binaries that koffi calls libc through, for the two kinds of processors and of C libraries a firmware may have. npm installs
 * only those of the machine at hand; the others come from the registry, held against the lock file.
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
const LIBRARIES = ['linux', 'musl'] as const

/** Copies the packages below a staging folder for each C library, with its binary alone, and answers their folders. */
export async function copyNatives(
  root: string,
  stagings: Readonly<Record<(typeof LIBRARIES)[number], string>>,
  locked: Readonly<Record<string, Locked>>,
): Promise<readonly string[]> {
  const folders: string[] = []
  for (const processor of PROCESSORS) {
    const name = `@koromix/koffi-linux-${processor}`
    const folder = `node_modules/${name}`
    const use = async (from: string) => {
      for (const library of LIBRARIES) await copy(from, join(stagings[library], folder), `${library}_${processor}`)
    }
    const installed = join(root, folder)
    if (existsSync(installed)) await use(installed)
    else await fetched(name, locked[folder] ?? {}, use)
    folders.push(folder)
  }
  return folders
}

async function copy(from: string, to: string, binary: string): Promise<void> {
  await mkdir(to, { recursive: true })
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
