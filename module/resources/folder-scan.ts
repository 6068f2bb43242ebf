/** One pass over an open folder: its names and what each of them is, through reused buffers instead of objects. */
import { getSystemErrorName } from 'node:util'
import type { FactAttributes } from '../ftp/facts.ts'
import type { Right } from '../ftp/backend.ts'
import { decodeOctets } from '../ftp/octets.ts'
import type { FolderCalls } from './libc.ts'

/** Octets of directory entries read at once. */
const READ = 32 * 1024
/** Where things stand in a directory entry (getdents64) and in the result of statx, octets. */
const ENTRY = { length: 16, type: 18, name: 19 }
const STATX = { links: 16, mode: 28, inode: 32, size: 40, modified: 112, major: 136, minor: 140 }
const STATX_OCTETS = 256
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
const KINDS: Readonly<Record<number, FactAttributes['type'] | 'link' | undefined>> = {
  4: 'directory',
  8: 'file',
  10: 'link',
}
const [DOT, NOTHING] = [0x2e, 0]

/** What the current name is; the same object for all of them. */
export class Found implements FactAttributes {
  type: FactAttributes['type'] = 'file'
  size = 0
  modified = 0
  mode = 0
  links = 0
  rights: ReadonlySet<Right> = new Set()
  readonly unique = { device: 0, file: 0 }

  /** Takes what statx found, but for the type. */
  set(view: DataView): void {
    const file = this.type === 'file'
    this.mode = view.getUint16(STATX.mode, true) & 0o777
    this.links = view.getUint32(STATX.links, true)
    this.size = file ? long(view, STATX.size) : 0
    const seconds = view.getInt32(STATX.modified + 4, true) * 2 ** 32 + view.getUint32(STATX.modified, true)
    this.modified = seconds * 1000
    this.unique.device = deviceOf(view.getUint32(STATX.major, true), view.getUint32(STATX.minor, true))
    this.unique.file = long(view, STATX.inode)
  }
}

function long(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true)
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

export class FolderScan {
  readonly #calls: FolderCalls
  readonly #fd: number
  readonly octets = Buffer.allocUnsafeSlow(READ)
  readonly #statx = Buffer.alloc(STATX_OCTETS)
  readonly #view = new DataView(this.#statx.buffer, this.#statx.byteOffset, STATX_OCTETS)
  readonly #address: number
  readonly #statxAddress: number
  #next = 0
  #filled = 0
  /** Where the current name stands in `octets`. */
  from = 0
  to = 0
  readonly found = new Found()

  /** Reads from where the descriptor stands; `rest` are entries that were read from it before. The caller closes it. */
  constructor(calls: FolderCalls, fd: number, rest?: Uint8Array) {
    this.#calls = calls
    this.#fd = fd
    this.#address = calls.addressOf(this.octets)
    this.#statxAddress = calls.addressOf(this.#statx)
    if (!rest) return
    this.octets.set(rest)
    this.#filled = rest.length
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
      let to = this.from
      while (octets[to] !== NOTHING) to += 1
      this.to = to
      if (!this.#isDots()) return true
    }
  }

  /** The current name as text. */
  get name(): string {
    return decodeOctets(this.octets.subarray(this.from, this.to))
  }

  /** What the folder itself says is under the current name, where it does; else it is looked at. */
  kind(): FactAttributes['type'] | 'link' | undefined {
    return KINDS[this.octets[this.from - ENTRY.name + ENTRY.type] ?? 0] ?? this.look()
  }

  /** What is under the current name; `found` holds the rest of it. `undefined`: gone meanwhile, or nothing for clients. */
  look(): FactAttributes['type'] | 'link' | undefined {
    const name = this.#address + this.from
    if (this.#calls.statx(this.#fd, name, AT_SYMLINK_NOFOLLOW, WANTED, this.#statxAddress) !== 0) return undefined
    const kind = this.#view.getUint16(STATX.mode, true) & FILE_TYPE
    if (kind === LINK) return 'link'
    if (kind !== FILE && kind !== DIRECTORY) return undefined
    this.found.type = kind === FILE ? 'file' : 'directory'
    this.found.set(this.#view)
    return this.found.type
  }

  #isDots(): boolean {
    const length = this.to - this.from
    return this.octets[this.from] === DOT && (length === 1 || (length === 2 && this.octets[this.from + 1] === DOT))
  }

  #fill(): boolean {
    const length = this.#calls.getdents(this.#fd, this.#address, READ)
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
