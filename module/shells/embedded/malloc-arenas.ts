/** How the C library hands out memory in this process: glibc gives each of our two dozen threads a heap of its own unless told otherwise. */
import { createRequire } from 'node:module'

const M_ARENA_MAX = -8
/** Heaps that threads made from here on share; enough that none waits for another one in what our threads do. */
const ARENAS = 2

/**
 * Lets threads share heaps; to be called before any are made. Nothing happens where the C library is another one, or whoever
 * started the process has decided (`MALLOC_ARENA_MAX`, which also reaches the threads that Node begins with).
 */
export function shareArenas(): void {
  if (process.platform !== 'linux' || process.env['MALLOC_ARENA_MAX']) return
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the package's own type; required so that it may be missing
    const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi').default
    koffi.load(null).func('int mallopt(int name, int value)')(M_ARENA_MAX, ARENAS)
  } catch {
    // It is only about memory.
  }
}
