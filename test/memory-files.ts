/**
 * `Files` in memory. Rights are given per path, the deepest one decides; files misbehave by name: `fails-on-open.bin`,
 * `fails-on-read.bin` (after 1,000 bytes), `fails-on-write.bin`, `fails-on-commit.bin`, `no-space.bin`, `busy.bin`, and
 * `slow.bin`, which stops after 1,000 bytes until `release()`.
 */
import { closeSync } from 'node:fs'
import type { Download, Entry, Files } from '../module/ftp/backend.ts'
import { type Right, RIGHTS, type Upload, type UploadRequest } from '../module/ftp/backend.ts'
import { encodeOctets } from '../module/ftp/octets.ts'
import { childOf, nameOf, parentOf, resolvePathname, ROOT, type VirtualPath, within } from '../module/ftp/pathname.ts'
import { allowedBy, hiddenBy, refusedBy, type Verdict } from '../module/ftp/verdict.ts'
import { bareFile } from './bare-file.ts'
import { failure, type MemoryNode, MemoryTree, type Tree } from './memory-tree.ts'
import { MemoryUpload } from './memory-upload.ts'

/** Rights everywhere, or by path; a path with no rights at all is invisible. */
export type RightsByPath = readonly Right[] | Readonly<Record<string, readonly Right[]>>

const KEEPS_APART = /(?:^|\/)(?:fails-on-\w+|no-space|busy|slow)\.bin$/
export class MemoryFiles extends MemoryTree implements Files {
  rights: RightsByPath
  readonly #sets = new Map<string, ReadonlySet<Right>>()

  constructor(tree: Tree = {}, rights: RightsByPath = RIGHTS) {
    super(tree)
    this.rights = rights
  }

  may(rights: readonly Right[], path: VirtualPath): Verdict {
    const held = this.#rightsAt(path)
    if (held.size === 0) return hiddenBy('right.none', 'resource')
    const found = rights.find((right) => held.has(right))
    return found ? allowedBy(`right.${found}`, 'resource') : refusedBy(`right.${rights.join('-')}`, 'resource')
  }

  stat(path: VirtualPath): Promise<Entry> {
    return attempt(() => this.#entry(path, this.#existing(path)))
  }

  enter(path: VirtualPath): Promise<void> {
    return attempt(() => {
      if (this.#existing(path).content) throw failure('not-a-directory')
    })
  }

  async *list(path: VirtualPath): AsyncGenerator<readonly Entry[]> {
    const directory = this.#existing(path)
    if (directory.content) throw failure('not-a-directory')
    this.#need(['list'], path)
    let batch: Entry[] = []
    for (const [name, node] of directory.children) {
      const child = childOf(path, name)
      if (this.#rightsAt(child).size > 0) batch.push(this.#entry(child, node))
      if (batch.length < 256) continue
      yield batch
      batch = []
    }
    yield batch
  }

  read(path: VirtualPath): Promise<Download> {
    return attempt(() => {
      const { content, modified } = this.#existing(path)
      if (!content) throw failure('is-a-directory')
      this.#need(['download'], path)
      this.#misbehave(path, 'open')
      this.open += 1
      const fd = this.descriptors && !KEEPS_APART.test(path) ? bareFile(content.octets(), this.diskOf(path)) : undefined
      return {
        size: content.size,
        modified,
        ...(fd !== undefined && { fd }),
        read: async (buffer: Uint8Array, position: number) => {
          if (!KEEPS_APART.test(path)) return content.read(buffer, position)
          if (position < 1000) return content.read(buffer.subarray(0, 1000 - position), position)
          this.#misbehave(path, 'read')
          await this.slow(path)
          return content.read(buffer, position)
        },
        close: async () => {
          if (fd !== undefined) closeSync(fd)
          this.open -= 1
        },
      }
    })
  }

  write(path: VirtualPath, request: UploadRequest): Promise<Upload> {
    return attempt(() => {
      const target = request.mode === 'unique' ? this.#unique(path) : path
      const there = this.find(target)
      this.directoryOf(target)
      checkName(target)
      if (there && !there.content) throw failure('is-a-directory')
      this.#need([there ? rightOver(request, there) : 'upload'], target)
      this.#misbehave(target, 'open')
      const offset = request.mode === 'append' ? (there?.content?.size ?? 0) : (request.offset ?? 0)
      if (offset > (there?.content?.size ?? 0)) throw failure('offset')
      if (request.expectedBytes !== undefined) this.check(request.expectedBytes, offset + request.expectedBytes)
      return new MemoryUpload(
        this,
        target,
        offset,
        offset > 0 || request.mode === 'restart' ? there?.content : undefined,
        this.descriptors && !KEEPS_APART.test(target),
      )
    })
  }

  remove(path: VirtualPath): Promise<void> {
    return attempt(() => {
      if (!this.#existing(path).content) throw failure('is-a-directory')
      this.#need(['delete'], path)
      this.directoryOf(path).children.delete(nameOf(path))
    })
  }

  rename(from: VirtualPath, to: VirtualPath): Promise<void> {
    return attempt(() => {
      const node = this.#existing(from)
      const replaced = this.find(to)
      checkName(to)
      for (const end of [from, to]) this.#need([node.content ? 'rename' : 'renameDirectory'], end)
      if (from !== to && within(to, from)) throw failure('name')
      if (replaced && replaced !== node && !(node.content && replaced.content)) throw failure('exists')
      if (replaced && replaced !== node) this.#need(['overwrite'], to)
      const target = this.directoryOf(to)
      this.directoryOf(from).children.delete(nameOf(from))
      target.children.set(nameOf(to), node)
    })
  }

  makeDirectory(path: VirtualPath): Promise<void> {
    return attempt(() => {
      if (path === ROOT || this.find(path)) throw failure('exists')
      const parent = this.directoryOf(path)
      checkName(path)
      this.#need(['createDirectory'], path)
      parent.children.set(nameOf(path), this.node())
    })
  }

  removeDirectory(path: VirtualPath): Promise<void> {
    return attempt(() => {
      const node = this.#existing(path)
      if (node.content) throw failure('not-a-directory')
      this.#need(['removeDirectory'], path)
      if (path === ROOT) throw failure('refused', refusedBy('right.root', 'system'))
      if (node.children.size > 0) throw failure('not-empty')
      this.directoryOf(path).children.delete(nameOf(path))
    })
  }

  setModified(path: VirtualPath, time: number): Promise<void> {
    return attempt(() => {
      const node = this.#existing(path)
      this.#need([node.content ? 'overwrite' : 'renameDirectory'], path)
      node.modified = time
    })
  }

  setMode(path: VirtualPath, mode: number): Promise<void> {
    return attempt(() => {
      const node = this.#existing(path)
      if (!node.content) throw failure('is-a-directory')
      this.#need(['overwrite'], path)
      node.mode = mode
    })
  }

  available(path: VirtualPath): Promise<number> {
    return attempt(() => {
      this.#existing(path)
      return Number.isFinite(this.quota) ? this.quota : 2 ** 40
    })
  }

  /** Fails as the name says. */
  #misbehave(path: VirtualPath, moment: 'open' | 'read'): void {
    if (nameOf(path) === `fails-on-${moment}.bin`) throw failure('input-output')
    if (nameOf(path) === 'busy.bin') throw failure('busy')
  }

  #entry(path: VirtualPath, node: MemoryNode): Entry {
    const { content, modified, mode } = node
    const kind = content ? ('file' as const) : ('directory' as const)
    const common = { name: nameOf(path), modified, mode, unique: `m${node.id.toString(16)}`, links: 1 }
    return { ...common, type: kind, size: content?.size ?? 0, rights: this.#rightsAt(path) }
  }

  #existing(path: VirtualPath): MemoryNode {
    checkName(path)
    const node = this.find(path)
    const held = this.#rightsAt(path)
    // Someone who may only put files in learns nothing of the files that are there.
    const visible = node && (node.content ? [...held].some((right) => right !== 'upload') : held.size > 0)
    if (!visible) throw failure('missing')
    return node
  }

  #need(rights: readonly Right[], path: VirtualPath): void {
    const verdict = this.may(rights, path)
    if (!verdict.allowed) throw failure(verdict.hidden ? 'missing' : 'refused', verdict)
  }

  #rightsAt(path: VirtualPath): ReadonlySet<Right> {
    const rights = this.rights
    const byPath: Readonly<Record<string, readonly Right[]>> = isList(rights) ? { '/': rights } : rights
    const deepest = Object.keys(byPath)
      .filter((key) => within(path, resolvePathname(ROOT, key)))
      .reduce((a, b) => (b.length >= a.length ? b : a), '')
    const held = byPath[deepest] ?? []
    const key = held.join()
    const known = this.#sets.get(key) ?? new Set(held)
    this.#sets.set(key, known)
    return known
  }

  #unique(path: VirtualPath): VirtualPath {
    const base = nameOf(path) || 'upload'
    const directory = parentOf(path)
    for (let number = 0; ; number++) {
      const candidate = childOf(directory, number === 0 ? base : `${base}.${number}`)
      if (!this.find(candidate)) return candidate
    }
  }
}

/** What is thrown inside becomes a rejection, never a throw at the caller. */
// oxlint-disable-next-line require-await
async function attempt<T>(work: () => T): Promise<T> {
  return work()
}

function rightOver(request: UploadRequest, there: MemoryNode): Right {
  if (request.mode === 'append') return 'append'
  return request.mode === 'restart' && request.offset === there.content?.size ? 'append' : 'overwrite'
}

function checkName(path: VirtualPath): void {
  if (path.split('/').some((part) => encodeOctets(part).length > 255)) throw failure('name')
}

function isList(rights: RightsByPath): rights is readonly Right[] {
  return Array.isArray(rights)
}
