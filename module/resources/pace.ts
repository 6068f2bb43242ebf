/**
 * Whether a disk is asked at once or through a thread. A look-up that the kernel answers from memory takes a few
 * microseconds, handing it to a thread twenty times that; but a disk that has to move, or to wake up, must never hold up
 * everybody else. So a disk is asked directly only while it has just been quick, and for each wait it causes it is asked
 * through threads a hundred times as long: at most about one percent of the time is lost to it. What changes a disk goes through
 * threads always.
 */
import { fstatSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { DiskThreads, threadsAt } from './disk-threads.ts'
import { knowsShortNames } from './short-name.ts'

/** File systems of Linux (statfs magic) that no other machine or process has to answer for. */
const LOCAL = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0xf2f52010, // F2FS
  0x01021994, // tmpfs
  0x794c7630, // overlayfs
  0x4d44, // FAT
  0x2011bab0, // exFAT
  0x24051905, // UBIFS
  0x2fc12fc1, // ZFS
])

/** File systems that lie in memory alone: nothing on them outlives the machine, so nothing is waited for. */
const FLEETING = new Set([
  0x01021994, // tmpfs
  0x858458f6, // ramfs
])

/** Milliseconds after the last quick answer in which a disk cannot have gone to sleep. */
const AWAKE_MS = 2000
/** Milliseconds from which an answer counts as a wait. */
const QUICK_MS = 1
/** The same for an answer through a thread, which may also have queued. */
const QUICK_THREAD_MS = 20
const PENALTY = 100

/** Bytes up to which data, too, may be read or written directly. */
export const DIRECT_BYTES = 256 * 1024

export class Pace {
  /** Whether what has been synced is still there after the power failed. */
  readonly lasting: boolean
  /** Whether files may be opened by a second, short name. */
  readonly shortNames: boolean
  readonly #local: boolean
  #awakeUntil = 0
  #threadsUntil = 0
  readonly #threads: DiskThreads

  /** `type`: the magic number of the file system (statfs). */
  constructor(type: number, threads = new DiskThreads()) {
    this.#threads = threads
    this.#local = LOCAL.has(type)
    this.lasting = !FLEETING.has(type)
    this.shortNames = knowsShortNames(type)
  }

  /** Whether the disk may be asked directly now. */
  get quick(): boolean {
    // An answer from memory that took long has waited for the processor, which a thread would have had to do, too.
    if (!this.lasting) return true
    const now = performance.now()
    return this.#local && now <= this.#awakeUntil && now >= this.#threadsUntil
  }

  /** See {@link DiskThreads.crowded}. */
  get crowded(): boolean {
    return this.#threads.crowded
  }

  /**
   * Looks something up in the way that suits the disk now, at once where it is {@link quick}; both ways must do the same. Data may
   * be read so, too.
   */
  call<T>(direct: () => T, threaded: () => Promise<T>): T | Promise<T> {
    return this.quick ? this.direct(direct) : this.threaded(() => this.#timed(threaded))
  }

  /**
   * Changes something on the disk: at once in memory alone. Elsewhere a change may have to wait until all changes before it are
   * written, also where look-ups are answered at once.
   */
  change<T>(direct: () => T, threaded: () => Promise<T>): T | Promise<T> {
    return this.lasting ? this.threaded(threaded) : direct()
  }

  /** Does work that waits for the disk; see {@link DiskThreads.run}. */
  threaded<T>(work: () => Promise<T>, patience?: number): Promise<T> {
    return this.#threads.run(work, patience)
  }

  async #timed<T>(threaded: () => Promise<T>): Promise<T> {
    const start = performance.now()
    try {
      return await threaded()
    } finally {
      this.#answered(start, QUICK_THREAD_MS)
    }
  }

  /** Does the work at once, for whoever has found the disk {@link quick}. */
  direct<T>(work: () => T): T {
    if (!this.lasting) return work()
    const start = performance.now()
    try {
      return work()
    } finally {
      this.#answered(start, QUICK_MS)
    }
  }

  #answered(start: number, quick: number): void {
    const now = performance.now()
    this.#awakeUntil = now + AWAKE_MS
    if (now - start > quick) this.#threadsUntil = Math.max(this.#threadsUntil, now + (now - start) * PENALTY)
  }
}

const paces = new Map<number, Pace>()

/** The pace of the disk that an open descriptor lies on, which is at `real`; the same for all of the process. */
export async function paceOf(fd: number, real: string): Promise<Pace> {
  const device = fstatSync(fd).dev
  const known = paces.get(device)
  if (known) return known
  // What has just been mounted is to have threads of its own.
  const threads = threadsAt(real, true)
  const { type } = await threads.run(() => statfs(`/proc/self/fd/${fd}`))
  const found = paces.get(device)
  if (found) return found
  // Devices come and go under the same number: nothing is believed for ever.
  if (paces.size >= 64) paces.clear()
  const pace = new Pace(type >>> 0, threads)
  paces.set(device, pace)
  return pace
}
