/** Free space of the disks that resources lie on, looked up at most once a second. */
import { statfsSync, type StatsFs } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errnoOf } from './errno.ts'
import type { Folder } from './folder.ts'
import type { Pace } from './pace.ts'
import { diskPath } from './real-path.ts'

/** Milliseconds that a look at a disk is good for. */
const FRESH_MS = 1000

/** One disk, counted down between two looks by what uploads take. */
export class Disk {
  /** Where a folder lay that was asked for last; it may be gone by now. */
  #real = ''
  readonly #pace: Pace
  #available = 0
  #total = 0
  #taken = 0
  #seen = -Infinity
  #looking = false
  #looks = 0

  constructor(pace: Pace) {
    this.#pace = pace
  }

  /** Looks again, through an open folder on it, if the last look is too old; undefined if it is not. */
  refresh(folder: Folder): Promise<void> | undefined {
    this.#real = folder.real
    return performance.now() - this.#seen < FRESH_MS ? undefined : this.#look(folder.path)
  }

  async #look(path: string | Buffer): Promise<void> {
    const before = this.#taken
    this.#looks += 1
    this.#note(await this.#pace.threaded(() => statfs(path)), before)
  }

  /** Changes with every look: what was taken before it is not counted any more, but seen. */
  get looks(): number {
    return this.#looks
  }

  /** So many bytes, taken since the last look, will not be written. */
  giveBack(bytes: number): void {
    this.#taken -= bytes
  }

  /** Bytes that may still be written until the disk is `percent` full, at most what is free. May be negative. */
  allowance(percent: number): number {
    const used = this.#total - this.#available
    return Math.min(this.#available, Math.floor((this.#total * percent) / 100) - used) - this.#taken
  }

  /** Whether the bytes still fit below `percent`; counts them if so. */
  take(bytes: number, percent: number): boolean {
    const stale = performance.now() - this.#seen >= FRESH_MS
    if (this.allowance(percent) < bytes) {
      // Nothing is refused because of an old number: space may have been freed meanwhile.
      if (!stale) return false
      this.#looks += 1
      this.#note(spaceNear(this.#real), this.#taken)
      if (this.allowance(percent) < bytes) return false
    } else if (stale) this.#lookLater()
    this.#taken += bytes
    return true
  }

  #lookLater(): void {
    if (this.#looking) return
    this.#looking = true
    this.#look(diskPath(this.#real))
      .catch(() => {})
      .finally(() => {
        this.#looking = false
      })
  }

  #note(stats: StatsFs, takenBefore: number): void {
    this.#available = stats.bavail * stats.bsize
    this.#total = (stats.blocks - stats.bfree + stats.bavail) * stats.bsize
    this.#taken -= takenBefore
    this.#seen = performance.now()
  }
}

/** The numbers of the disk at a real path, or at the nearest folder above that is still there. */
function spaceNear(real: string): StatsFs {
  for (let path = real; ; path = dirname(path)) {
    try {
      return statfsSync(diskPath(path))
    } catch (error) {
      const errno = errnoOf(error)
      if ((errno !== 'ENOENT' && errno !== 'ENOTDIR') || path === '/') throw error
    }
  }
}

/** The disks, each known by its pace, of which it has one. */
export class Disks {
  #disks = new WeakMap<Pace, Disk>()

  /** The disk that an open folder lies on, with fresh numbers; at once where they are known. */
  of(folder: Folder): Disk | Promise<Disk> {
    const known = this.#disks.get(folder.pace)
    const disk = known ?? new Disk(folder.pace)
    if (!known) this.#disks.set(folder.pace, disk)
    return disk.refresh(folder)?.then(() => disk) ?? disk
  }

  /** Disks may have come and gone. */
  forget(): void {
    this.#disks = new WeakMap()
  }
}

/** Free and total bytes of the disk below a path, whose pace is given. */
export async function spaceAt(
  path: string,
  pace: Pace,
): Promise<{ readonly freeBytes: number; readonly totalBytes: number }> {
  const stats = await pace.threaded(() => statfs(path))
  return { freeBytes: stats.bavail * stats.bsize, totalBytes: stats.blocks * stats.bsize }
}
