/** The files of one visitor over the real disk: the engine's port `Files`, every method checked and confined by itself. */
import { constants, fstatSync } from 'node:fs'
import { mkdir, rmdir } from 'node:fs/promises'
import type { Download, Entry, Files, Right, Upload, UploadRequest } from '../ftp/backend.ts'
import type { ListingForm } from '../ftp/listing-form.ts'
import { childOf, nameOf, ROOT, type VirtualPath } from '../ftp/pathname.ts'
import type { Verdict } from '../ftp/verdict.ts'
import { matchesWildcard } from '../ftp/wildcard.ts'
import type { Accounting } from './accounting.ts'
import { lookAt, realOf, type AccountTree, type Spot } from './account-tree.ts'
import { linkRefused } from './confinement.ts'
import { closeDescriptor } from './descriptor.ts'
import { removeIn } from './folder.ts'
import { setMode, setModified } from './attributes.ts'
import { FileDownload } from './download.ts'
import { entryOf } from './entry.ts'
import { filesError, isDirectory, missing, translated } from './errno.ts'
import { linesIn, linesOf } from './lines.ts'
import { entriesIn, linked } from './listing.ts'
import { rename } from './renaming.ts'
import { mayChange, mayMake, mayReach, mayRemove } from './rehearsed.ts'
import { openUpload, rehearseUpload } from './uploading.ts'

const LIST_ONLY: ReadonlySet<Right> = new Set(['list'])
const ATTRIBUTES: readonly Right[] = ['overwrite', 'renameDirectory']

export class AccountFiles implements Files {
  readonly #tree: AccountTree
  readonly #accounting: Accounting
  /** Whether everything is asked and nothing done. */
  readonly #rehearsed: boolean

  constructor(tree: AccountTree, accounting: Accounting, rehearsed = false) {
    this.#rehearsed = rehearsed
    this.#tree = tree
    this.#accounting = accounting
  }

  may(rights: readonly Right[], path: VirtualPath): Verdict {
    return this.#tree.may(rights, path)
  }

  stat(path: VirtualPath): Promise<Entry> {
    return translated(async () => {
      if (path === '/') return this.#top()
      const { view, relative } = this.#tree.locate(path)
      if (relative === '') return this.#resource(path)
      // Whoever may only upload learns nothing of what is there.
      if (!view.tree.sees(relative)) throw missing('right.list')
      using spot = await this.#tree.spot(path)
      const stats = await lookAt(spot)
      const rights = view.tree.at(spot.relative)
      const entry = stats?.isSymbolicLink()
        ? await linked(this.#tree.confinement, view, spot.place.real, spot.folder, spot.name)
        : stats && entryOf(spot.name, stats, rights)
      if (!entry) throw missing('system.missing')
      return entry
    })
  }

  enter(path: VirtualPath): Promise<void> {
    return translated(async () => {
      if (path === '/') return
      const { view, relative } = this.#tree.locate(path)
      const blind = relative !== '' && !view.tree.sees(relative)
      if (blind && view.tree.dropBox) throw missing('right.list')
      const { folder } = await this.#tree.folder(path).catch((error: unknown) => {
        // Whoever may only upload must not tell a file from nothing by trying to enter it.
        throw blind ? missing('right.list') : error
      })
      folder[Symbol.dispose]()
    })
  }

  async *list(path: VirtualPath): AsyncGenerator<readonly Entry[]> {
    if (path === '/') {
      yield await this.#resources()
      return
    }
    const { view, place, folder, relative } = await translated(() => this.#tree.folder(path, ['list']))
    using open = folder
    const batches = entriesIn(this.#tree.confinement, view, place.real, open, relative)
    try {
      for (;;) {
        const next = await translated(() => batches.next())
        if (next.done) return
        yield next.value
      }
    } finally {
      await batches.return(undefined)
    }
  }

  async *lines(path: VirtualPath, form: ListingForm, pattern?: string): AsyncGenerator<Buffer> {
    if (path === '/') {
      const entries = await this.#resources()
      yield linesOf(
        pattern === undefined ? entries : entries.filter(({ name }) => matchesWildcard(pattern, name)),
        form,
      )
      return
    }
    const found = await translated(() => this.#tree.folder(path, ['list']))
    using folder = found.folder
    const lines = linesIn(this.#tree.confinement, { ...found, folder }, form, pattern)
    try {
      for (;;) {
        const next = await translated(() => lines.next())
        if (next.done) return
        yield next.value
      }
    } finally {
      await lines.return(undefined)
    }
  }

  async read(path: VirtualPath): Promise<Download> {
    try {
      const opening = this.#tree.spot(path, ['download'])
      const spot = opening instanceof Promise ? await opening : opening
      try {
        return await this.#openToRead(spot)
      } catch (error) {
        if (!linkRefused(error)) throw error
        using end = await this.#tree.followed(spot, ['download'])
        return await this.#openToRead(end)
      } finally {
        spot[Symbol.dispose]()
      }
    } catch (error) {
      throw filesError(error)
    }
  }

  write(path: VirtualPath, request: UploadRequest): Promise<Upload> {
    const open = this.#rehearsed ? rehearseUpload : openUpload
    return translated(() => open(this.#tree, this.#accounting, path, request))
  }

  remove(path: VirtualPath): Promise<void> {
    return translated(async () => {
      using spot = await this.#tree.spot(path, ['delete'])
      await this.#accounting.turns.alone([realOf(spot)], () => this.#remove(spot))
    })
  }

  async #remove(spot: Spot): Promise<void> {
    const stats = await lookAt(spot)
    const link = stats?.isSymbolicLink() === true
    const entry = link ? await this.#linkEnd(spot) : stats && entryOf(spot.name, stats, LIST_ONLY)
    if (!entry) throw missing('system.missing')
    if (entry.type === 'directory') throw isDirectory()
    if (this.#rehearsed) return mayChange(spot.folder)
    await removeIn(spot.folder, spot.name)
    // A link goes, what it leads to stays.
    if (stats && !link) this.#accounting.removed(spot, this.#accounting.growing.counted(stats))
  }

  rename(from: VirtualPath, to: VirtualPath): Promise<void> {
    if (this.#rehearsed) return translated(() => mayReach(this.#tree, from, ['rename', 'renameDirectory']))
    return translated(() => rename(this.#tree, this.#accounting, from, to))
  }

  makeDirectory(path: VirtualPath): Promise<void> {
    return translated(async () => {
      using spot = await this.#tree.spot(path, ['createDirectory'], true)
      if (this.#rehearsed) return mayMake(spot)
      await spot.folder.pace.threaded(() => mkdir(spot.folder.at(spot.name)))
    })
  }

  removeDirectory(path: VirtualPath): Promise<void> {
    return translated(async () => {
      using spot = await this.#tree.spot(path, ['removeDirectory'])
      const stats = await lookAt(spot)
      const entry = stats?.isSymbolicLink() ? await this.#linkEnd(spot) : stats && entryOf(spot.name, stats, LIST_ONLY)
      if (!entry) throw missing('system.missing')
      if (this.#rehearsed) return mayRemove(spot)
      await spot.folder.pace.threaded(() => rmdir(spot.folder.at(spot.name)))
    })
  }

  setModified(path: VirtualPath, time: number): Promise<void> {
    return translated(() =>
      this.#rehearsed ? mayReach(this.#tree, path, ATTRIBUTES) : setModified(this.#tree, path, time),
    )
  }

  setMode(path: VirtualPath, mode: number): Promise<void> {
    return translated(() =>
      this.#rehearsed ? mayReach(this.#tree, path, ['overwrite']) : setMode(this.#tree, path, mode),
    )
  }

  available(path: VirtualPath): Promise<number> {
    return translated(async () => {
      if (path !== '/') return this.#availableAt(path)
      const paths = [...this.#tree.views.keys()].map((name) => childOf(ROOT, name))
      const each = await Promise.allSettled(paths.map((resource) => this.#availableAt(resource)))
      return Math.max(0, ...each.map((one) => (one.status === 'fulfilled' ? one.value : 0)))
    })
  }

  async #availableAt(path: VirtualPath): Promise<number> {
    const { view, folder } = await this.#tree.folder(path)
    using open = folder
    if (!this.#tree.may(['upload', 'overwrite', 'append'], path).allowed) return 0
    return this.#accounting.available(view.share, open, this.#tree.visitor)
  }

  async #openToRead(spot: Spot): Promise<Download> {
    const opening = this.#tree.confinement.open(spot.folder, spot.name, constants.O_RDONLY)
    const fd = opening instanceof Promise ? await opening : opening
    const stats = fstatSync(fd)
    if (stats.isFile()) return new FileDownload(fd, stats, spot.folder.pace)
    await closeDescriptor(fd, spot.folder.pace)
    throw stats.isDirectory() ? isDirectory() : missing('system.special')
  }

  async #linkEnd(spot: Spot): Promise<Entry | undefined> {
    return linked(this.#tree.confinement, spot.view, spot.place.real, spot.folder, spot.name)
  }

  /** `/` itself, which lies on no disk. */
  #top(): Entry {
    const links = this.#tree.views.size + 2
    return { name: '', type: 'directory', size: 0, modified: 0, mode: 0o555, unique: '0', links, rights: LIST_ONLY }
  }

  /** A resource as an entry of `/`; fails as missing while its folder is. */
  async #resource(path: VirtualPath): Promise<Entry> {
    const { view, folder } = await this.#tree.folder(path)
    using open = folder
    const entry = entryOf(nameOf(path), fstatSync(open.fd), view.tree.at(''))
    if (!entry) throw missing('resource.folder')
    return entry
  }

  async #resources(): Promise<readonly Entry[]> {
    const names = [...this.#tree.views.keys()]
    const found = await Promise.allSettled(names.map((name) => this.#resource(childOf(ROOT, name))))
    return found.filter((one) => one.status === 'fulfilled').map((one) => one.value)
  }
}
