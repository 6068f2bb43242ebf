/** The tree of one visitor: which resources there are, what may be done where, and the way from a virtual path to the disk. */
import type { Stats } from 'node:fs'
import { FilesError, RIGHTS, type Right } from '../ftp/backend.ts'
import { octetLength } from '../ftp/octets.ts'
import type { VirtualPath } from '../ftp/pathname.ts'
import { allowedBy, hiddenBy, refusedBy, type Verdict } from '../ftp/verdict.ts'
import type { Confinement } from './confinement.ts'
import { statIn, type Folder } from './folder.ts'
import { below, relativeTo } from './real-path.ts'
import { missing } from './errno.ts'
import type { Visitor } from './rights.ts'
import type { Place } from './share.ts'
import { holdsShortName } from './short-name.ts'
import { holdsReservedName, reservedName } from './temporary.ts'
import { directoryOf } from './tree.ts'
import { Views, type Catalogue, type View } from './views.ts'

/** Bytes of one name, as NAME_MAX of Linux. */
const MAX_NAME_BYTES = 255

/** A name in an open folder; disposing of it closes the folder. */
export class Spot implements Disposable {
  readonly view: View
  readonly place: Place
  readonly folder: Folder
  readonly name: string
  /** Where it really lies in the resource, links on the way resolved. */
  readonly relative: string

  constructor(view: View, place: Place, folder: Folder, name: string, relative: string) {
    this.view = view
    this.place = place
    this.folder = folder
    this.name = name
    this.relative = relative
  }

  /** Another name in the same folder; one of both is to be disposed of. */
  beside(name: string): Spot {
    const { view, place, folder, relative } = this
    return new Spot(view, place, folder, name, relative.slice(0, relative.length - this.name.length) + name)
  }

  [Symbol.dispose](): void {
    this.folder[Symbol.dispose]()
  }
}

/** Where a spot really lies on the disk. */
export function realOf(spot: Spot): string {
  return below(spot.folder.real, spot.name)
}

/** What is at a spot, `undefined` if nothing. A link there is told as a link. */
export function lookAt(spot: Spot): Stats | undefined | Promise<Stats | undefined> {
  return statIn(spot.folder, spot.name)
}

export class AccountTree {
  readonly confinement: Confinement
  readonly #visitor: () => Visitor
  readonly #seen: Views
  readonly #makes: boolean

  /** `makes`: whether private folders are made at first use. */
  constructor(visitor: () => Visitor, catalogue: () => Catalogue, confinement: Confinement, makes = true) {
    this.#makes = makes
    this.#visitor = visitor
    this.#seen = new Views(visitor, catalogue)
    this.confinement = confinement
  }

  get visitor(): Visitor {
    return this.#visitor()
  }

  /** The resources that exist for the visitor, by name. */
  get views(): ReadonlyMap<string, View> {
    return this.#seen.all
  }

  /** See {@link import('../ftp/backend.ts').Files.may}. */
  may(rights: readonly Right[], path: VirtualPath): Verdict {
    if (path === '/') {
      const right = rights[0] ?? 'list'
      return rights.includes('list') ? allowedBy('right.list', 'system') : refusedBy(`right.${right}`, 'system', '/')
    }
    const { view, relative } = this.#split(path)
    return view ? verdictOn(view, rights, relative) : hiddenBy('right.resource', 'resource')
  }

  /** The resource and the path in it; `/` and what must stay unknown fail as missing. */
  locate(path: VirtualPath, creating = false): { readonly view: View; readonly relative: string } {
    const { view, relative } = this.#split(path)
    if (!view) throw missing('right.resource')
    checkName(view, relative, creating)
    return { view, relative }
  }

  /**
   * Opens the folder that holds a path, after checking rights both for the path as named and for where it really lies. At once
   * where the folder is open still.
   */
  spot(path: VirtualPath, rights: readonly Right[] = RIGHTS, creating = false): Spot | Promise<Spot> {
    const { view, relative } = this.locate(path, creating)
    demand(view, rights, relative)
    if (relative === '') {
      throw new FilesError(creating ? 'exists' : 'is-a-directory', refusedBy('resource.folder', 'resource'))
    }
    const place = view.share.place(this.visitor, this.#makes)
    if (place instanceof Promise) return place.then((found) => this.#open(view, found, relative, rights))
    return this.#open(view, place, relative, rights)
  }

  /** Where the link at a spot leads, as a spot of its own with the rights that hold there. */
  async followed(spot: Spot, rights: readonly Right[]): Promise<Spot> {
    const { view, place } = spot
    const { real } = await this.confinement.follow(place.real, spot.folder, spot.name)
    const relative = relativeTo(place.real, real)
    checkName(view, relative, false)
    demand(view, rights, relative)
    if (relative === '') throw new FilesError('is-a-directory', refusedBy('resource.folder', 'resource'))
    return this.#open(view, place, relative, rights)
  }

  /** Opens the folder that a path names, where links inside the resource may lead to. */
  async folder(
    path: VirtualPath,
    rights: readonly Right[] = RIGHTS,
  ): Promise<{ view: View; place: Place; folder: Folder; relative: string }> {
    const { view, relative } = this.locate(path)
    demand(view, rights, relative)
    const place = await view.share.place(this.visitor, this.#makes)
    const folder = await this.confinement.folder(place.real, relative, relative === '' ? place.pace : undefined)
    try {
      return {
        view,
        place,
        folder,
        relative: demandReal(view, rights, folder, relative, relativeTo(place.real, folder.real)),
      }
    } catch (error) {
      folder[Symbol.dispose]()
      throw error
    }
  }

  #open(view: View, place: Place, relative: string, rights: readonly Right[]): Spot | Promise<Spot> {
    const directory = directoryOf(relative)
    const folder = this.confinement.folder(place.real, directory, directory === '' ? place.pace : undefined)
    if (folder instanceof Promise) return folder.then((opened) => this.#spotIn(opened, view, place, relative, rights))
    return this.#spotIn(folder, view, place, relative, rights)
  }

  #spotIn(folder: Folder, view: View, place: Place, relative: string, rights: readonly Right[]): Spot {
    const name = relative.slice(relative.lastIndexOf('/') + 1)
    try {
      const inside = relativeTo(place.real, folder.real)
      const real = demandReal(view, rights, folder, relative, inside === '' ? name : `${inside}/${name}`)
      return new Spot(view, place, folder, name, real)
    } catch (error) {
      folder[Symbol.dispose]()
      throw error
    }
  }

  #split(path: VirtualPath): { readonly view: View | undefined; readonly relative: string } {
    const end = path.indexOf('/', 1)
    const name = end === -1 ? path.slice(1) : path.slice(1, end)
    return { view: this.#seen.named(name), relative: end === -1 ? '' : path.slice(end + 1) }
  }
}

/** A link must not lead around an exception or a hidden name: what holds is also what holds where it really lies. */
function demandReal(
  view: View,
  rights: readonly Right[],
  { pace }: Pick<Folder, 'pace'>,
  named: string,
  real: string,
): string {
  if (pace.shortNames && guarded(view.share) && holdsShortName(real)) throw missing('name.hidden')
  if (named === real) return real
  checkName(view, real, false)
  demand(view, rights, real)
  return real
}

/** Whether anything in the resource hangs on how a name is spelled. */
function guarded({ hidden, resource }: View['share']): boolean {
  return !hidden.empty || resource.exceptions.length > 0
}

function verdictOn({ tree }: View, rights: readonly Right[], relative: string): Verdict {
  const held = tree.at(relative)
  for (const right of rights) if (held.has(right)) return tree.verdict(right, relative)
  return tree.verdict(rights[0] ?? 'list', relative)
}

/** Fails unless one of the rights holds: as missing where nothing may be known, else as refused. */
export function demand(view: View, rights: readonly Right[], relative: string): void {
  const held = view.tree.at(relative)
  for (const right of rights) if (held.has(right)) return
  const verdict = verdictOn(view, rights, relative)
  throw new FilesError(verdict.hidden ? 'missing' : 'refused', verdict)
}

/** Hidden names are missing where they are looked for and refused where they would be made. */
function checkName({ share }: View, relative: string, creating: boolean): void {
  // No name of fewer characters than this can be too long, whatever they are.
  if (relative.length > MAX_NAME_BYTES / 4) {
    const long = relative.split('/').some((part) => octetLength(part) > MAX_NAME_BYTES)
    if (long) throw new FilesError('name', refusedBy('name.length', 'system', String(MAX_NAME_BYTES)))
  }
  if (!creating) {
    if (holdsReservedName(relative) || share.hidden.matchPath(relative)) throw missing('name.hidden')
    return
  }
  const directory = directoryOf(relative)
  if (holdsReservedName(directory) || share.hidden.matchPath(directory)) throw missing('name.hidden')
  const name = relative.slice(directory === '' ? 0 : directory.length + 1)
  if (reservedName(name)) throw new FilesError('name', refusedBy('name.reserved', 'system'))
  const hidden = share.hidden.match(name)
  const pattern = hidden ?? share.refused.match(name)
  if (pattern === undefined) return
  throw new FilesError('refused', refusedBy(hidden === undefined ? 'name.refused' : 'name.hidden', 'resource', pattern))
}

/** Whether a name in a directory is shown to clients at all; names with line ends would split a line of a listing. */
export function shownName({ share }: View, name: string): boolean {
  return !reservedName(name) && !/[\r\n]/.test(name) && share.hidden.match(name) === undefined
}
