/**
 * Calls of the C library that read folders and open names in them without an object, a path or a message for each: through
 * koffi, where it and they are there. All addresses are those of buffers that never move.
 */
import { createRequire } from 'node:module'

interface Koffi {
  load(library: null): { func(name: string, result: string, parameters: readonly string[]): unknown }
  address(buffer: Uint8Array | Uint32Array): bigint
  errno(): number
}

export interface FolderCalls {
  /** Fills the buffer with directory entries (getdents64); answers octets, 0 at the end, -1 for an error. */
  getdents(fd: number, address: number, length: number): number
  /** What a name in an open folder is, links not followed (statx); -1 for an error. */
  statx(fd: number, name: number, flags: number, mask: number, result: number): number
  /** Opens a name in an open folder (openat); -1 for an error. */
  openat(fd: number, name: number, flags: number, mode: number): number
  /** What a link says (readlink), without a NUL; answers octets, -1 for an error. */
  readlink(path: number, address: number, length: number): number
  /** Where a buffer lies. */
  addressOf(buffer: Uint8Array | Uint32Array): number
  /** The errno of the last call of this thread. */
  errno(): number
}

let calls: FolderCalls | undefined | 'unknown' = 'unknown'

/** `undefined` where the platform has no such calls: folders are read through Node then. */
export function folderCalls(): FolderCalls | undefined {
  if (calls === 'unknown') calls = load()
  return calls
}

function load(): FolderCalls | undefined {
  // The layout of directory entries and of statx is the same on all 64-bit machines that are little-endian.
  if (process.platform !== 'linux' || !['x64', 'arm64', 'riscv64', 'loong64'].includes(process.arch)) return undefined
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an optional package without types of ours
    const koffi = createRequire(import.meta.url)('koffi') as Koffi
    const library = koffi.load(null)
    /* oxlint-disable typescript/no-unsafe-type-assertion -- the signatures are those of the manual */
    return {
      getdents: library.func('getdents64', 'intptr_t', ['int', 'uintptr_t', 'size_t']) as FolderCalls['getdents'],
      statx: library.func('statx', 'int', ['int', 'uintptr_t', 'int', 'uint', 'uintptr_t']) as FolderCalls['statx'],
      openat: library.func('openat', 'int', ['int', 'uintptr_t', 'int', 'uint']) as FolderCalls['openat'],
      readlink: library.func('readlink', 'intptr_t', ['uintptr_t', 'uintptr_t', 'size_t']) as FolderCalls['readlink'],
      addressOf: (buffer) => Number(koffi.address(buffer)),
      errno: () => koffi.errno(),
    }
    /* oxlint-enable typescript/no-unsafe-type-assertion */
  } catch {
    return undefined
  }
}
