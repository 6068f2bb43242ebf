/** The tree in memory that `MemoryFiles` gives out and tests look at: nodes, and what uploads into it need. */
import { tmpdir } from 'node:os'
import { FilesError, type FilesErrorKind } from '../module/ftp/backend.ts'
import { nameOf, parentOf, resolvePathname, ROOT, type VirtualPath } from '../module/ftp/pathname.ts'
import { refusedBy } from '../module/ftp/verdict.ts'
import { MemoryContent } from './memory-content.ts'

/** Content by path: text or octets of a file, a prepared content, or `null` for an empty directory. */
export type Tree = Readonly<Record<string, string | Uint8Array | MemoryContent | null>>

export interface MemoryNode {
  readonly id: number
  modified: number
  mode: number
  content: MemoryContent | undefined
  readonly children: Map<string, MemoryNode>
}

/** When the files of a new tree were changed: 2 January 2024, 03:04:05 UTC. */
export const MODIFIED = Date.UTC(2024, 0, 2, 3, 4, 5)

let lastId = 0

export class MemoryTree {
  /** Bytes that uploads may still take in all. */
  quota = Infinity
  maximumFileBytes = Infinity
  /** What becomes of uploads that did not arrive whole. */
  partial: 'keep' | 'drop' = 'keep'
  /** Whether files have descriptors, as those of a disk. Files that misbehave have none. */
  descriptors = false
  /** A folder of the disk on which such a file lies. */
  diskOf: (path: VirtualPath) => string = tmpdir
  /** Files opened and not yet closed. */
  open = 0
  protected readonly root = this.node()
  #gate = Promise.withResolvers<void>()

  constructor(tree: Tree = {}) {
    for (const [path, content] of Object.entries(tree)) this.put(path, content)
  }

  /** Puts a file or directory there, with the directories above it. */
  put(name: string, content: Tree[string], modified = MODIFIED): void {
    const path = resolvePathname(ROOT, name)
    let at = this.root
    for (const part of path.split('/').filter(Boolean)) {
      let next = at.children.get(part)
      if (!next) at.children.set(part, (next = this.node()))
      at = next
    }
    at.modified = modified
    if (content === null) return
    at.content = content instanceof MemoryContent ? content : MemoryContent.of(content)
    at.mode = 0o644
  }

  /** Puts an empty file with a name that no client could give, as others on the machine can. */
  plant(directory: string, name: string): void {
    const file = this.node()
    file.content = new MemoryContent()
    this.find(resolvePathname(ROOT, directory))?.children.set(name, file)
  }

  /** What a file holds now; undefined where there is none. */
  content(name: string): Buffer | undefined {
    return this.find(resolvePathname(ROOT, name))?.content?.octets()
  }

  exists(name: string): boolean {
    return this.find(resolvePathname(ROOT, name)) !== undefined
  }

  /** Names in a directory, sorted. */
  names(name = '/'): string[] {
    return [...(this.find(resolvePathname(ROOT, name))?.children.keys() ?? [])].sort()
  }

  /** Lets `slow.bin` go on, and every later one. */
  release(): void {
    this.#gate.resolve()
  }

  /** Pauses where the name says so. */
  async slow(path: VirtualPath): Promise<void> {
    if (nameOf(path) === 'slow.bin') await this.#gate.promise
  }

  /** Fails when so many bytes more, or a file so large, are too much. */
  check(bytes: number, size: number): void {
    if (size > this.maximumFileBytes) throw failure('too-large')
    if (bytes > this.quota) throw failure('quota')
  }

  /** Makes an upload visible under its name. */
  store(path: VirtualPath, content: MemoryContent): void {
    const parent = this.directoryOf(path)
    const node = parent.children.get(nameOf(path)) ?? this.node()
    node.content = content
    node.modified = Date.now()
    if (!parent.children.has(nameOf(path))) node.mode = 0o644
    parent.children.set(nameOf(path), node)
  }

  find(path: VirtualPath): MemoryNode | undefined {
    let at: MemoryNode | undefined = this.root
    for (const part of path.split('/').filter(Boolean)) at = at?.children.get(part)
    return at
  }

  protected directoryOf(path: VirtualPath): MemoryNode {
    const parent = this.find(parentOf(path))
    if (!parent) throw failure('missing')
    if (parent.content) throw failure('not-a-directory')
    return parent
  }

  protected node(): MemoryNode {
    return { id: ++lastId, modified: MODIFIED, mode: 0o755, content: undefined, children: new Map() }
  }
}

export function failure(kind: FilesErrorKind, verdict = refusedBy(`memory.${kind}`, 'resource')): FilesError {
  return new FilesError(kind, verdict, `secret detail of /srv/disk: ${kind}`)
}
