/** Descriptors: opened, closed and synced, and asked where they lie; as cheaply as each request needs it. */
import { close, closeSync, fdatasync, open, openSync, readlinkSync } from 'node:fs'
import { promisify } from 'node:util'
import { decodeOctets } from '../ftp/octets.ts'
import { folderCalls } from './libc.ts'
import type { Pace } from './pace.ts'
import { diskPath } from './real-path.ts'

export const openDescriptor: (path: string | Buffer, flags: number, mode?: number) => Promise<number> = promisify(open)
const syncThreaded: (fd: number) => Promise<void> = promisify(fdatasync)
const closeThreaded: (fd: number) => Promise<void> = promisify(close)

/** Milliseconds that a disk may take to write down all that was written to it; a stick, many seconds. */
const SYNC_MS = 120_000

/** Waits until the disk has what was written to an open file, or the names in an open folder. */
export function dataSync(fd: number, pace: Pace): Promise<void> {
  return pace.threaded(() => syncThreaded(fd), SYNC_MS)
}

/** Closes what was opened to look at it. */
export function closeDescriptor(fd: number, pace: Pace): void | Promise<void> {
  return pace.call(
    () => closeSync(fd),
    () => closeThreaded(fd),
  )
}

/** Where Linux shows what a descriptor stands for. */
const PROC = '/proc/self/fd/'
/** Octets of the longest path of Linux, with its NUL. */
const LONGEST = 4096
/** What Node opens everything with. */
const O_CLOEXEC = 0o2_000_000

interface Calls {
  readonly calls: NonNullable<ReturnType<typeof folderCalls>>
  /** A path on its way to the system, and its answer. */
  readonly path: Buffer
  readonly pathAt: number
  readonly answer: Buffer
  readonly answerAt: number
}

let known: Calls | undefined | 'unknown' = 'unknown'

function direct(): Calls | undefined {
  if (known !== 'unknown') return known
  const calls = folderCalls()
  if (!calls) return (known = undefined)
  const [path, answer] = [Buffer.allocUnsafeSlow(LONGEST), Buffer.allocUnsafeSlow(LONGEST)]
  known = { calls, path, pathAt: calls.addressOf(path), answer, answerAt: calls.addressOf(answer) }
  return known
}

/** Writes a text that fits and its NUL; false if it does not. */
function written(into: Buffer, text: string | Buffer): boolean {
  if (text.length * 3 >= LONGEST) return false
  const length = typeof text === 'string' ? into.write(text) : text.copy(into)
  into[length] = 0
  return true
}

/** Where a descriptor lies now. Never waits for a disk: the kernel reads it from memory. */
export function realPathOf(fd: number): string {
  return decodeOctets(readlinkSync(`${PROC}${fd}`, 'buffer'))
}

/** Where one descriptor is asked many times where it lies. */
export class Whereabouts {
  readonly #path: string
  /** The same as the system takes it, while this object lives. */
  readonly #octets: Buffer
  readonly #at: number | undefined

  constructor(fd: number) {
    this.#path = `${PROC}${fd}`
    this.#octets = Buffer.allocUnsafeSlow(this.#path.length + 1)
    written(this.#octets, this.#path)
    this.#at = direct()?.calls.addressOf(this.#octets)
  }

  /** Whether the descriptor lies at a real path now, given as its octets. */
  are(real: Buffer): boolean {
    const it = direct()
    if (!it || this.#at === undefined) return readlinkSync(this.#path, 'buffer').equals(real)
    const length = it.calls.readlink(this.#at, it.answerAt, LONGEST)
    return length === real.length && it.answer.compare(real, 0, length, 0, length) === 0
  }
}

/**
 * Opens a name in an open folder. `path`: the same name as a path of its own, for the error that Node makes of a failure.
 * Throws what `openSync` throws.
 */
export function openIn(folder: number, name: string, flags: number, mode: number, path: () => string | Buffer): number {
  const it = direct()
  const fd = it && written(it.path, diskPath(name)) ? it.calls.openat(folder, it.pathAt, flags | O_CLOEXEC, mode) : -1
  return fd >= 0 ? fd : openSync(path(), flags, mode)
}
