/**
 * The binaries that koffi calls libc through, for the two kinds of processors a firmware may have. npm installs only those of
 * the machine at hand; the others come from the registry, held against the lock file.
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

/** Copies the packages below `staging` and answers their folders. */
export async function copyNatives(
  root: string,
  staging: string,
  locked: Readonly<Record<string, Locked>>,
): Promise<readonly string[]> {
  const folders: string[] = []
  for (const processor of PROCESSORS) {
    const name = `@koromix/koffi-linux-${processor}`
    const folder = `node_modules/${name}`
    const place = join(staging, folder)
    await mkdir(place, { recursive: true })
    const installed = join(root, folder)
    if (existsSync(installed)) await copy(installed, place, processor)
    else await fetched(name, locked[folder] ?? {}, (unpacked) => copy(unpacked, place, processor))
    folders.push(folder)
  }
  return folders
}

async function copy(from: string, to: string, processor: string): Promise<void> {
  for (const file of ['package.json', 'index.js', `linux_${processor}`]) {
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
