/**
 * Opening names below a folder of the real disk so that no link leads out, not even one swapped during the request: the
 * containing folder is opened first, where it really lies is read from `/proc/self/fd`, and the last part is reached through
 * that descriptor without following it. Linux only.
 */
import { closeSync, constants, fstatSync, openSync, type Stats } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { decodeOctets } from '../ftp/octets.ts'
import { openDescriptor, openIn, realPathOf } from './descriptor.ts'
import { errnoOf, missing } from './errno.ts'
import { Folder } from './folder.ts'
import { Crowded, threadsAt } from './disk-threads.ts'
import { paceOf, type Pace } from './pace.ts'
import { below, contained, diskPath } from './real-path.ts'

const { O_CREAT, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants
/** Linux: a descriptor that only names a place; nothing is opened for reading, so devices and FIFOs stay untouched. */
export const O_PATH = 0o10_000_000

/** Milliseconds that a folder nobody uses stays open for the next request, and how many do. */
const KEPT_MS = 1000
const KEPT = 64

/** Opens a folder by its path and finds out where that led. */
async function openFolder(root: string, path: string, pace?: Pace): Promise<Folder> {
  const [name, flags] = [diskPath(path), O_PATH | O_DIRECTORY]
  const threaded = () => openDescriptor(name, flags)
  // Deeper down another disk may be mounted, and a link may lead to it.
  const fd = await (pace ? pace.call(() => openSync(name, flags), threaded) : threadsAt(path).lookUp(threaded))
  try {
    const real = realPathOf(fd)
    if (!contained(real, root)) throw missing('path.confinement', `${path} leads out of ${root}`)
    return new Folder(fd, real, await paceOf(fd, real))
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

/** What a link leads to. */
export interface LinkEnd {
  readonly real: string
  readonly stats: Stats
}

/** Opens folders and files; keeps the folders of the last second open, since the next request is likely to want them. */
export class Confinement {
  readonly #kept = new Map<string, { readonly folder: Folder; used: number }>()
  readonly #roots = new Map<string, { readonly found: Promise<string>; at: number }>()
  #timer: NodeJS.Timeout | undefined

  /** Where a storage root really lies, looked up once a second however many resources lie on it. Fails with errno. */
  root(path: string): Promise<string> {
    const now = performance.now()
    const known = this.#roots.get(path)
    if (known && now - known.at < KEPT_MS) return known.found
    const found = threadsAt(path)
      .run(() => realpath(diskPath(path), 'buffer'))
      .then(decodeOctets)
    // A disk that hangs is not asked again and again.
    const looked = { found, at: Infinity }
    this.#roots.set(path, looked)
    found.then(
      () => (looked.at = now),
      // One that was missing may be there at the next request.
      () => this.#roots.delete(path),
    )
    return found
  }

  /**
   * Opens a folder below a real root, following links only inside it; at once where it is open still. Fails with errno or as
   * missing, or because too many wait for the disk. `pace`: of the disk that it lay on before, if that is known.
   */
  folder(root: string, relative: string, pace?: Pace): Folder | Promise<Folder> {
    const path = below(root, relative)
    const kept = this.#kept.get(path)
    // The name of the open folder still is this path, without any link: so the path still leads to it.
    if (kept?.folder.unmoved) {
      kept.used = performance.now()
      if (kept.folder.pace.crowded) throw new Crowded()
      return kept.folder.shared()
    }
    if (kept) this.#drop(path)
    return this.#opened(root, path, pace)
  }

  async #opened(root: string, path: string, pace: Pace | undefined): Promise<Folder> {
    if ((pace ?? threadsAt(path)).crowded) throw new Crowded()
    const folder = await openFolder(root, path, pace)
    const { real } = folder
    if (real === path) this.#keep(path, folder)
    return folder
  }

  /** Opens the last part of a path; a link there fails as ELOOP, and a FIFO never makes it wait. */
  open(folder: Folder, name: string, flags: number, mode = 0o666): number | Promise<number> {
    const safe = flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
    const path = () => folder.at(name)
    const direct = () => openIn(folder.fd, name, safe, mode, path)
    const threaded = () => openDescriptor(path(), safe, mode)
    return flags & O_CREAT ? folder.pace.change(direct, threaded) : folder.pace.call(direct, threaded)
  }

  /** Where a link in an open folder ends, which must be below the root; nothing is opened for reading. */
  async follow(root: string, folder: Folder, name: string): Promise<LinkEnd> {
    const fd = await threadsAt(folder.real).lookUp(() => openDescriptor(folder.at(name), O_PATH))
    try {
      const real = realPathOf(fd)
      if (!contained(real, root)) throw missing('path.confinement', `${name} leads out of ${root}`)
      return { real, stats: fstatSync(fd) }
    } finally {
      closeSync(fd)
    }
  }

  /** Closes every folder that is kept only for later; the next request opens anew. */
  forget(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    for (const path of this.#kept.keys()) this.#drop(path)
    this.#roots.clear()
  }

  #keep(path: string, folder: Folder): void {
    // Two requests may have opened it at once; the first one is kept.
    if (this.#kept.has(path)) return
    const oldest = this.#kept.size >= KEPT ? this.#kept.keys().next().value : undefined
    if (oldest !== undefined) this.#drop(oldest)
    this.#kept.set(path, { folder: folder.shared(), used: performance.now() })
    this.#timer ??= setInterval(() => this.#closeUnused(), KEPT_MS).unref()
  }

  #closeUnused(): void {
    const limit = performance.now() - KEPT_MS
    for (const [path, { used }] of this.#kept) if (used < limit) this.#drop(path)
    if (this.#kept.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #drop(path: string): void {
    const kept = this.#kept.get(path)
    this.#kept.delete(path)
    kept?.folder[Symbol.dispose]()
  }
}

/** Whether an error says that the last part is a link, which was not followed. */
export function linkRefused(error: unknown): boolean {
  return errnoOf(error) === 'ELOOP'
}
