/** One pass over an open folder: its names and what each of them is, through reused buffers instead of objects. */
import { getSystemErrorName } from 'node:util'
import type { Right } from '../ftp/backend.ts'
import type { LineAttributes } from '../ftp/line-head.ts'
import { decodeOctets } from '../ftp/octets.ts'
import type { FolderCalls } from './libc.ts'

/** Octets of directory entries read at once. */
const READ = 32 * 1024
/** Where things stand in a directory entry (getdents64), octets, and in the result of statx, words of four. */
const ENTRY = { length: 16, type: 18, name: 19 }
const STATX = { links: 4, mode: 7, inode: 8, size: 10, modified: 28, major: 34, minor: 35 }
const STATX_WORDS = 64
/** Links are not followed; type, mode, links, size, time and inode are wanted. */
const AT_SYMLINK_NOFOLLOW = 0x100
const WANTED = 0x347
const FILE_TYPE = 0o170000
const FILE = 0o100000
const DIRECTORY = 0o040000
const LINK = 0o120000
/** Types in directory entries, one octet each, that clients may see: unknown until looked at, directory, file, link. */
const SHOWN = Uint8Array.from({ length: 256 }, (_, type) => ([0, 4, 8, 10].includes(type) ? 1 : 0))
/** What the types in directory entries stand for. */
const KINDS: Readonly<Record<number, LineAttributes['type'] | 'link' | undefined>> = {
  4: 'directory',
  8: 'file',
  10: 'link',
}
const [DOT, NOTHING] = [0x2e, 0]

/** What the current name is; the same object for all of them. */
export class Found implements LineAttributes {
  type: LineAttributes['type'] = 'file'
  // No whole numbers first: V8 keeps a field in another way while it has seen nothing else there, and then compiles anew.
  size = 0.5
  modified = 0.5
  mode = 0
  links = 0
  rights: ReadonlySet<Right> = new Set()
  readonly unique = { device: 0.5, file: 0.5 }
  #major = -1
  #minor = -1

  /** Takes what statx found, but for the type. */
  set(words: Uint32Array): void {
    this.mode = (words[STATX.mode] ?? 0) & 0o777
    this.links = words[STATX.links] ?? 0
    this.size = this.type === 'file' ? long(words, STATX.size) : 0
    this.modified = (((words[STATX.modified + 1] ?? 0) | 0) * 2 ** 32 + (words[STATX.modified] ?? 0)) * 1000
    this.unique.file = long(words, STATX.inode)
    const [major, minor] = [words[STATX.major] ?? 0, words[STATX.minor] ?? 0]
    if (major !== this.#major || minor !== this.#minor) this.unique.device = deviceOf(major, minor)
    this.#major = major
    this.#minor = minor
  }
}

function long(words: Uint32Array, at: number): number {
  return (words[at + 1] ?? 0) * 2 ** 32 + (words[at] ?? 0)
}

/** A device number as the C library puts it together, and as `Stats.dev` of Node has it. */
function deviceOf(major: number, minor: number): number {
  const high = (major >>> 12) * 2 ** 44 + (minor >>> 8) * 2 ** 20
  return high + (major & 0xfff) * 2 ** 8 + (minor & 0xff)
}

/** The operating system failed to read a folder; formed like the errors of Node. */
export class ReadingFailed extends Error {
  readonly code: string
  readonly syscall = 'getdents'

  /** `code`: the errno name. */
  constructor(code: string) {
    super(`${code}: getdents`)
    this.code = code
  }
}

/** What the calls of the system write to. */
class ScanMemory {
  readonly octets = Buffer.allocUnsafeSlow(READ)
  readonly statx = new Uint32Array(STATX_WORDS)
  readonly address: number
  readonly statxAddress: number

  constructor(calls: FolderCalls) {
    this.address = calls.addressOf(this.octets)
    this.statxAddress = calls.addressOf(this.statx)
  }
}

/** Memory of scans that have ended, for the next ones. */
const spare: ScanMemory[] = []
const SPARE_LIMIT = 8

export class FolderScan {
  readonly #calls: FolderCalls
  readonly #fd: number
  readonly #memory: ScanMemory
  readonly octets: Buffer
  readonly #statx: Uint32Array
  #next = 0
  #filled = 0
  /** Where the current name begins in `octets`; the octet 0 ends it, at the latest before `to`. */
  from = 0
  to = 0
  readonly found = new Found()

  /** Reads from where the descriptor stands; `rest` are entries that were read from it before. The caller closes it. */
  constructor(calls: FolderCalls, fd: number, rest?: Uint8Array) {
    this.#calls = calls
    this.#fd = fd
    this.#memory = spare.pop() ?? new ScanMemory(calls)
    this.octets = this.#memory.octets
    this.#statx = this.#memory.statx
    if (!rest) return
    this.octets.set(rest)
    this.#filled = rest.length
  }

  /** Gives the memory back, once; nothing else may be asked for after that. */
  end(): void {
    if (spare.length < SPARE_LIMIT) spare.push(this.#memory)
  }

  /** Entries that were read and not yet seen. */
  rest(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.octets.subarray(this.#next, this.#filled))
  }

  /** Moves to the next name that may be shown; false at the end. Fails with errno. */
  next(): boolean {
    for (;;) {
      if (this.#next >= this.#filled && !this.#fill()) return false
      const at = this.#next
      const { octets } = this
      this.#next += (octets[at + ENTRY.length] ?? 0) + (octets[at + ENTRY.length + 1] ?? 0) * 256
      if (SHOWN[octets[at + ENTRY.type] ?? 1] === 0) continue
      this.from = at + ENTRY.name
      this.to = this.#next
      if (octets[this.from] !== DOT || !this.#isDots()) return true
    }
  }

  /** The current name as text. */
  get name(): string {
    return decodeOctets(this.octets.subarray(this.from, this.octets.indexOf(NOTHING, this.from)))
  }

  /** What the folder itself says is under the current name, where it does; else it is looked at. */
  kind(): LineAttributes['type'] | 'link' | undefined {
    return KINDS[this.octets[this.from - ENTRY.name + ENTRY.type] ?? 0] ?? this.look()
  }

  /** What is under the current name; `found` holds the rest of it. `undefined`: gone meanwhile, or nothing for clients. */
  look(): LineAttributes['type'] | 'link' | undefined {
    const { address, statxAddress } = this.#memory
    const name = address + this.from
    if (this.#calls.statx(this.#fd, name, AT_SYMLINK_NOFOLLOW, WANTED, statxAddress) !== 0) return undefined
    const kind = (this.#statx[STATX.mode] ?? 0) & FILE_TYPE
    if (kind === LINK) return 'link'
    if (kind !== FILE && kind !== DIRECTORY) return undefined
    this.found.type = kind === FILE ? 'file' : 'directory'
    this.found.set(this.#statx)
    return this.found.type
  }

  /** Whether the current name, which begins with a dot, is that of the folder itself or of the one above. */
  #isDots(): boolean {
    const { octets, from } = this
    return octets[from + 1] === NOTHING || (octets[from + 1] === DOT && octets[from + 2] === NOTHING)
  }

  #fill(): boolean {
    const length = this.#calls.getdents(this.#fd, this.#memory.address, READ)
    if (length < 0) {
      const code = getSystemErrorName(-this.#calls.errno())
      // A folder that was removed has nothing more in it.
      if (code !== 'ENOENT') throw new ReadingFailed(code)
    }
    this.#next = 0
    this.#filled = Math.max(0, length)
    return length > 0
  }
}
