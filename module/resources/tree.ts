/** The rights of one visitor everywhere in one resource: its own entries, and the exceptions of subfolders. */
import type { Right } from '../ftp/backend.ts'
import { hiddenBy, refusedBy, type Verdict } from '../ftp/verdict.ts'
import type { Resource } from '../settings/resource.ts'
import { commonSpelling } from './name-pattern.ts'
import { fixedGrant, grantOf, guestGrant, NO_RIGHTS, READ_RIGHTS, type Grant, type Visitor } from './rights.ts'

const NOTHING = fixedGrant(NO_RIGHTS, 'no entry')
const LIST_ONLY: ReadonlySet<Right> = new Set(['list'])
const UNMOVABLE: ReadonlySet<Right> = new Set(['renameDirectory', 'removeDirectory'])
/** Rights that let one see that a name exists; uploading and creating alone do not. */
const BLIND: ReadonlySet<Right> = new Set(['upload', 'createDirectory'])

/** What holds for the names in one folder. */
export interface RightsWithin {
  readonly shared: ReadonlySet<Right>
  readonly others: ReadonlyMap<string, ReadonlySet<Right>>
  /** The same for other spellings of those names, by what the spellings have in common. */
  readonly twins: ReadonlyMap<string, ReadonlySet<Right>>
}

/** The rights at one name of a folder. */
export function rightsWithin({ shared, others, twins }: RightsWithin, name: string): ReadonlySet<Right> {
  return others.get(name) ?? (twins.size > 0 ? twins.get(commonSpelling(name)) : undefined) ?? shared
}

interface Node {
  /** What all spellings of its path have in common. */
  readonly spelling: string
  readonly grant: Grant
  /** What holds for everything below that has no node of its own; one object, shared by all those entries. */
  readonly below: ReadonlySet<Right>
  /** What holds for this directory itself. */
  self: ReadonlySet<Right>
  /** Without rights here, but on the way to where there are some: the names that lead there. */
  through?: Set<string>
}

/** The directory of a relative path, '' for a path of one part. */
export function directoryOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0))
}

function nameIn(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function ancestorsOf(path: string): string[] {
  const parts = path.split('/')
  return parts.map((_, index) => parts.slice(0, index).join('/'))
}

function depthOf(path: string): number {
  return path.split('/').length
}

function only(rights: ReadonlySet<Right>, wanted: (right: Right) => boolean): ReadonlySet<Right> {
  return new Set([...rights].filter(wanted))
}

export class RightsTree {
  /** By the path in the resource; '' is its own folder, and every exception and all above it have a node. */
  readonly #nodes = new Map<string, Node>()
  /** The same nodes by what all spellings of their paths have in common. */
  readonly #spellings = new Map<string, Node>()
  readonly #shared = new Map<ReadonlySet<Right>, Map<ReadonlySet<Right>, ReadonlySet<Right>>>()
  readonly #readOnly: boolean
  /** A guests' drop box has its own folder and nothing else, and shows nothing of it. */
  readonly dropBox: boolean

  constructor(resource: Resource, visitor: Visitor, readOnly: boolean) {
    this.#readOnly = readOnly
    this.dropBox = visitor.guest && resource.guests.profile === 'dropBox'
    const base = visitor.guest ? guestGrant(resource.guests.profile) : grantOf(resource.rights, visitor, '')
    this.#add('', base ?? NOTHING)
    this.#addExceptions(resource, visitor)
    this.#openWays()
  }

  #addExceptions(resource: Resource, visitor: Visitor): void {
    const paths = new Set(resource.exceptions.flatMap(({ path }) => [...ancestorsOf(path), path]))
    for (const path of [...paths].sort((a, b) => depthOf(a) - depthOf(b))) {
      if (path === '') continue
      const above = this.#nearest(path).grant
      const entries = resource.exceptions.filter((exception) => exception.path === path).flatMap(({ rights }) => rights)
      const own = visitor.guest ? undefined : grantOf(entries, visitor, path)
      // "No access" on the user beats whatever a group has further down; only an entry for the user ends it.
      this.#add(path, own && !(above.barred && own.level === 'group') ? own : above)
    }
  }

  #add(path: string, grant: Grant): void {
    const below = this.#readOnly ? only(grant.rights, (right) => READ_RIGHTS.has(right)) : grant.rights
    // Were the folder of an exception renamed, the exception would no longer hold for what is in it.
    const spelling = commonSpelling(path)
    const node = { spelling, grant, below, self: only(below, (right) => !UNMOVABLE.has(right)) }
    this.#nodes.set(path, node)
    const twin = this.#spellings.get(spelling)
    const both = { spelling, grant, below: this.#common(below, twin?.below ?? below), self: node.self }
    this.#spellings.set(spelling, twin ? { ...both, self: this.#common(node.self, twin.self) } : node)
  }

  /** Makes folders without rights passable where a deeper one has some; the deepest come first. */
  #openWays(): void {
    for (const [path, node] of [...this.#nodes].toReversed()) {
      if (path === '' || node.self.size === 0) continue
      const parent = this.#nodes.get(directoryOf(path))
      if (!parent || parent.below.size > 0) continue
      parent.self = LIST_ONLY
      parent.through ??= new Set()
      parent.through.add(nameIn(path))
    }
  }

  #nearest(path: string): Node {
    for (let at = path; at !== '' && this.#nodes.size > 1; at = directoryOf(at)) {
      const node = this.#nodes.get(at)
      if (node) return node
    }
    const root = this.#nodes.get('')
    if (!root) throw new Error('a tree always has its root')
    return root
  }

  /** Whether the visitor has any right anywhere. */
  get visible(): boolean {
    return this.at('').size > 0
  }

  /** The rights at a path; the same object for all paths that share them. */
  at(path: string): ReadonlySet<Right> {
    if (this.dropBox && path.includes('/')) return NO_RIGHTS
    const node = this.#nodes.get(path)
    return node ? node.self : this.#unnamed(path, 'self')
  }

  /**
   * The rights at a path that has no node, or below it. Another spelling may lead to the folder of an exception and may as well be
   * another folder: it never gives more than either would.
   */
  #unnamed(path: string, what: 'self' | 'below'): ReadonlySet<Right> {
    const { below, spelling: own } = this.#nearest(path)
    if (this.#nodes.size === 1) return below
    const spelling = commonSpelling(path)
    let at = spelling
    while (at !== own && !this.#spellings.has(at)) at = directoryOf(at)
    const twin = this.#spellings.get(at)
    if (!twin || at === own) return below
    return this.#common(below, at === spelling ? twin[what] : twin.below)
  }

  /** What two sets have in common; one object for the same two. */
  #common(one: ReadonlySet<Right>, other: ReadonlySet<Right>): ReadonlySet<Right> {
    if (one === other) return one
    let known = this.#shared.get(one)
    if (!known) this.#shared.set(one, (known = new Map()))
    let common = known.get(other)
    if (!common) known.set(other, (common = only(one, (right) => other.has(right))))
    return common
  }

  /** The rights of all names in a folder, found once: what they share, and the names for which others hold. */
  within(path: string): RightsWithin {
    const others = new Map<string, ReadonlySet<Right>>()
    const twins = new Map<string, ReadonlySet<Right>>()
    if (this.dropBox && path !== '') return { shared: NO_RIGHTS, others, twins }
    const shared = this.#nodes.get(path)?.below ?? this.#unnamed(path, 'below')
    for (const [at, { self }] of this.#nodes) {
      if (at !== '' && directoryOf(at) === path) others.set(nameIn(at), self)
    }
    const spelling = this.#nodes.size === 1 ? '' : commonSpelling(path)
    for (const [at, { self }] of this.#spellings) {
      if (at !== '' && directoryOf(at) === spelling) twins.set(nameIn(at), this.#common(shared, self))
    }
    return { shared, others, twins }
  }

  /** Whether a visitor without `list` or `download` could learn here that a name exists. */
  sees(path: string): boolean {
    for (const right of this.at(path)) if (!BLIND.has(right)) return true
    return false
  }

  /** Whether an exception (anybody's) is rooted here or below: such a directory stays where it is. */
  fixed(path: string): boolean {
    return this.#spellings.has(commonSpelling(path))
  }

  /** The verdict on one right at a path. */
  verdict(right: Right, path: string): Verdict {
    const rights = this.at(path)
    const node = this.#nearest(path)
    if (rights.size === 0) return hiddenBy('right.resource', node.grant.level)
    if (rights.has(right))
      return node.through ? { ...node.grant.verdict(right), allowed: true } : node.grant.verdict(right)
    const given = node.grant.verdict(right)
    if (!given.allowed) return given
    return node.below.has(right)
      ? refusedBy(path === '' ? 'resource.folder' : 'right.exception', 'resource')
      : refusedBy('storage.read-only', 'system')
  }
}
