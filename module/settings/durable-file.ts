/** A JSON file that survives a power cut at any instant: lowdb's adapter over temp file, fsync, rename, fsync of the folder. */
import { randomBytes } from 'node:crypto'
import { copyFile, link, mkdir, open, readFile, readdir, rename, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Adapter } from 'lowdb'
import { errorCode } from './error-code.ts'

/** Thrown for a file that is there and is no JSON. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile'
}

/** A JSON document in a file; `settings.json` keeps the version before in `settings.previous.json`. */
export class DurableFile implements Adapter<unknown> {
  readonly path: string
  readonly previousPath: string
  readonly #indent: number | undefined
  #writing: Promise<void> = Promise.resolve()

  /** The path must end in `.json`. Nothing is touched until the first read or write. `compact`: not laid out for people. */
  constructor(path: string, { compact = false }: { readonly compact?: boolean } = {}) {
    this.path = path
    this.#indent = compact ? undefined : 2
    this.previousPath = path.replace(/\.json$/, '.previous.json')
  }

  /** The content of the file, null when there is none. Throws {@link UnreadableFile} for what is no JSON. */
  async read(): Promise<unknown> {
    return readJson(this.path)
  }

  /** The version before the last write, null when there is none. */
  async readPrevious(): Promise<unknown> {
    return readJson(this.previousPath)
  }

  /** Replaces the content. When it resolves the new version is on the disk; when it rejects the old one still is. */
  write(content: unknown): Promise<void> {
    const text = `${JSON.stringify(content, undefined, this.#indent)}\n`
    const written = this.#writing.then(() => this.#replace(text))
    this.#writing = written.catch(() => undefined)
    return written
  }

  /** Moves a broken file out of the way and answers its new name, `settings.broken-<time>.json`. */
  async setAside(now = new Date()): Promise<string> {
    const time = now.toISOString().replaceAll(/[:.]/g, '-')
    const path = this.path.replace(/\.json$/, `.broken-${time}.json`)
    await rename(this.path, path)
    await syncFolder(dirname(this.path))
    return path
  }

  /** Removes what writes that were cut off have left behind. */
  async sweep(): Promise<void> {
    const folder = dirname(this.path)
    const start = `.${basename(this.path)}.`
    for (const name of await readdir(folder).catch(() => [])) {
      if (name.startsWith(start) && name.endsWith('.tmp')) await unlink(join(folder, name)).catch(() => undefined)
    }
  }

  async #replace(text: string): Promise<void> {
    const folder = dirname(this.path)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const temporary = this.#temporary()
    try {
      await writeSafely(temporary, text)
      await this.#keepPrevious()
      await rename(temporary, this.path)
    } catch (error) {
      await unlink(temporary).catch(() => undefined)
      throw error
    }
    await syncFolder(folder)
  }

  /** The present version also becomes the previous one, in one step: at no instant is either of them missing. */
  async #keepPrevious(): Promise<void> {
    const temporary = this.#temporary()
    try {
      await link(this.path, temporary).catch(async (error: unknown) => {
        // File systems without links (FAT on a stick) get a copy.
        if (errorCode(error) === 'ENOENT') throw error
        await copyFile(this.path, temporary)
      })
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return
      throw error
    }
    await rename(temporary, this.previousPath)
    // A rename between two names of one file does nothing: so it is where a write was cut off between the two renames.
    await unlink(temporary).catch(() => undefined)
  }

  #temporary(): string {
    return join(dirname(this.path), `.${basename(this.path)}.${randomBytes(6).toString('hex')}.tmp`)
  }
}

async function readJson(path: string): Promise<unknown> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw error
  }
  return parsedJson(text)
}

/** The value of a JSON text. Throws {@link UnreadableFile}, which names the place but never the text: it may hold a secret. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const place = /line \d+ column \d+/.exec(error instanceof Error ? error.message : '')?.[0]
    throw new UnreadableFile(place ? `is not JSON at ${place}` : 'is not JSON: it is cut off or empty')
  }
}

async function writeSafely(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** A rename is on the disk only once the folder that holds the name is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } catch (error) {
    // Some file systems (FUSE, SMB) cannot sync a folder.
    if (errorCode(error) !== 'EINVAL') throw error
  } finally {
    await handle.close()
  }
}
