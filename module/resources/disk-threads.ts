/**
 * The threads that libuv has for work that waits, shared out among disks. No disk gets more than half of what the others leave,
 * and one thread is left always: whatever hangs, logins, pages and other disks go on.
 */
import { deviceIn, devicesIn, mounted } from './mounts.ts'

/** Threads that libuv has where nobody has set another number. */
const THREADS = 4

/** Milliseconds after which a disk that has not answered counts as silent; longer than one needs that has to wake up. */
const SILENT_MS = 10_000

/** Requests that may wait for a disk that does not answer; those of clients that have gone since count, too. */
export const CROWD = 200

/** Too many wait for the disk already; formed like the errors of Node. */
export class Crowded extends Error {
  readonly code = 'EAGAIN'
  readonly syscall = 'wait'

  constructor() {
    super('EAGAIN: too many wait for the disk')
  }
}

/** Work of which a few run at a time, in the order of asking. */
class Lane {
  #running = 0
  readonly #most: number
  readonly #waiting: (() => void)[] = []

  constructor(most: number) {
    this.#most = most
  }

  get waiting(): number {
    return this.#waiting.length
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#most) this.#running += 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running -= 1
    }
  }
}

/** Threads that wait for disks, of all disks. */
let held = 0
/** Disks for which work waits, the one that was served last at the end. */
const queued = new Set<DiskThreads>()

export class DiskThreads {
  readonly #all = Number(process.env['UV_THREADPOOL_SIZE']) || THREADS
  readonly #lookUps = new Lane(Math.max(1, Math.floor(this.#all / 4)))
  #held = 0
  readonly #waiting: (() => void)[] = []
  /** When each work that is under way is to be done by. */
  readonly #due = new Set<{ readonly at: number }>()

  /**
   * Does work that waits for the disk once a thread may: one call of the system, or a few in a row, and nothing else that waits.
   * `patience`: milliseconds that it may take a disk that answers.
   */
  async run<T>(work: () => Promise<T>, patience = SILENT_MS): Promise<T> {
    if (this.#waiting.length === 0 && this.#may) this.#take()
    else await this.#turn()
    const due = { at: performance.now() + patience }
    this.#due.add(due)
    try {
      return await work()
    } finally {
      this.#due.delete(due)
      this.#held -= 1
      held -= 1
      if (queued.size > 0) serve()
    }
  }

  /**
   * The same for a path that is looked up from the top, with at most a quarter of the threads: a link on it may lead to another
   * disk, and if that hangs, this one is to go on.
   */
  lookUp<T>(work: () => Promise<T>): Promise<T> {
    return this.#lookUps.run(() => this.run(work))
  }

  /** Whether the disk has left something unanswered for longer than one that works. */
  get silent(): boolean {
    const now = performance.now()
    for (const { at } of this.#due) if (at <= now) return true
    return false
  }

  /** Whether nobody else should wait for the disk. */
  get crowded(): boolean {
    return this.#waiting.length + this.#lookUps.waiting >= CROWD && this.silent
  }

  /** Whether nothing is asked of the disk. */
  get idle(): boolean {
    return this.#held === 0 && this.#waiting.length === 0
  }

  #turn(): Promise<void> {
    queued.add(this)
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  get #may(): boolean {
    if (held === 0) return true
    if (held >= this.#all - 1) return false
    return this.#held < Math.max(1, Math.floor((this.#all - held + this.#held) / 2))
  }

  #take(): void {
    this.#held += 1
    held += 1
  }

  /** Begins what has waited longest, if it may; the disk goes to the end of the queue then. */
  next(): void {
    if (!this.#may) return
    const start = this.#waiting.shift()
    queued.delete(this)
    if (this.#waiting.length > 0) queued.add(this)
    if (!start) return
    this.#take()
    start()
  }
}

function serve(): void {
  for (const disk of Array.from(queued)) disk.next()
}

const disks = new Map<string, DiskThreads>()

/** The threads of the disk that a path lies on; the same for all of the process. `fresh` as for {@link mounted}. */
export function threadsAt(path: string, fresh = false): DiskThreads {
  const device = deviceIn(mounted(fresh), path)
  const known = disks.get(device)
  if (known) return known
  // Devices come and go under the same number: nothing is kept for ever.
  if (disks.size >= 64) for (const [other, { idle }] of disks) if (idle) disks.delete(other)
  const threads = new DiskThreads()
  disks.set(device, threads)
  return threads
}

/** Finds out which folders lie on a disk that does not answer, or have one in them; asks no disk. */
export function silentPlaces(): (path: string) => boolean {
  const silent = new Set(Array.from(disks).flatMap(([device, threads]) => (threads.silent ? device : [])))
  // Nearly always.
  if (silent.size === 0) return () => false
  return (path) => devicesIn(mounted(), path).some((device) => silent.has(device))
}
