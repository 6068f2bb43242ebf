/** How the C library hands out memory in this process and takes it back: left alone, it keeps much of it for nothing. */
import { createRequire } from 'node:module'

const M_TRIM_THRESHOLD = -1
const M_MMAP_THRESHOLD = -3
const M_ARENA_MAX = -8

/** Heaps that threads share; glibc gives each of our two dozen one of its own. Enough that none waits for another one in what ours do. */
const ARENAS = 2
/**
 * Octets from which on memory is the system's again as soon as it is freed. From the first 16 MiB that the hash of a password
 * needs glibc would learn to keep as much for ever. Buffers of transfers are smaller.
 */
const LARGE = 4 * 1024 * 1024
/** Octets that may be left free at the end of a heap. */
const SPARE = 1024 * 1024

type Libc = ReturnType<typeof import('koffi').default.load>

/**
 * To be called before any thread is made. Nothing happens where the C library is another one, or whoever started the process has
 * decided on heaps (`MALLOC_ARENA_MAX`, which also reaches the threads that Node begins with).
 */
export function tuneAllocator(): void {
  const libc = process.env['MALLOC_ARENA_MAX'] ? undefined : cLibrary()
  try {
    const mallopt = libc?.func('int mallopt(int name, int value)')
    mallopt?.(M_ARENA_MAX, ARENAS)
    mallopt?.(M_MMAP_THRESHOLD, LARGE)
    mallopt?.(M_TRIM_THRESHOLD, SPARE)
  } catch {
    // Another C library; it is only about memory.
  }
}

/** Makes what was freed within the heaps the system's again; undefined where the C library is another one. */
export function heapTrimmer(): (() => void) | undefined {
  try {
    const trim = cLibrary()?.func('int malloc_trim(size_t spare)')
    return trim && (() => void trim(0))
  } catch {
    return undefined
  }
}

function cLibrary(): Libc | undefined {
  if (process.platform !== 'linux') return undefined
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the package's own type; required so that it may be missing
  return (createRequire(import.meta.url)('koffi') as typeof import('koffi').default).load(null)
}
