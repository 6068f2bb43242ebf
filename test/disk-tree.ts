/** A tree of files in a temporary folder, for clients that copy whole trees, and how to compare two of them. */
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { MemoryFiles } from './memory-files.ts'

/** A temporary folder, removed when the test ends. */
export class TemporaryFolder implements AsyncDisposable {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  static async make(tree: Readonly<Record<string, Buffer | string>> = {}): Promise<TemporaryFolder> {
    const folder = new TemporaryFolder(await mkdtemp(join(tmpdir(), 'ftp-test-')))
    const time = new Date(Date.UTC(2023, 4, 6, 7, 8, 9))
    for (const [name, content] of Object.entries(tree)) {
      await mkdir(dirname(join(folder.path, name)), { recursive: true })
      await writeFile(join(folder.path, name), content)
      await utimes(join(folder.path, name), time, time)
    }
    return folder
  }

  file(name: string): string {
    return join(this.path, name)
  }

  read(name: string): Promise<string> {
    return readFile(this.file(name), 'utf8')
  }

  /** Path to content (Latin 1) of every file below. */
  async tree(below = '.'): Promise<Record<string, string>> {
    const found: Record<string, string> = {}
    const entries = await readdir(join(this.path, below), { recursive: true, withFileTypes: true })
    for (const entry of entries) {
      if (!entry.isFile()) continue
      const path = join(entry.parentPath, entry.name)
      found[path.slice(join(this.path, below).length + 1)] = await readFile(path, 'latin1')
    }
    return sorted(found)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true })
  }
}

/** The same of files in memory. */
export function memoryTree(files: MemoryFiles, directory: string, below = ''): Record<string, string> {
  const found: Record<string, string> = {}
  for (const name of files.names(`${directory}/${below}`)) {
    const path = below === '' ? name : `${below}/${name}`
    const content = files.content(`${directory}/${path}`)
    if (content) found[path] = content.toString('latin1')
    else Object.assign(found, memoryTree(files, directory, path))
  }
  return sorted(found)
}

/** Two hundred files in nested folders: empty ones, large ones, and names that trip programs over. */
export function oddTree(): Record<string, Buffer> {
  const odd = [
    'two words',
    ' leading',
    '#hash',
    '%41',
    'semi;colon',
    'Отчёт',
    '日本',
    'grün',
    "it's",
    'plus+',
    '[x]',
    '{y}',
    '-la',
    '~',
  ]
  const tree: Record<string, Buffer> = {}
  for (let number = 0; number < 200; number++) {
    const name = `${odd[number % odd.length] ?? ''}${number}`
    const folder = ['', 'a/', 'a/b c/', 'a/b c/d/', 'é/'][number % 5] ?? ''
    tree[`${folder}${name}`] = Buffer.alloc(number % 7 === 0 ? 0 : (number * 997) % 50_000, `${number} `)
  }
  return sorted(tree)
}

function sorted<T>(found: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)))
}
