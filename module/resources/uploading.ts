/** Deciding how an upload is stored: which right it needs, over what, through a temporary or in place. */
import { constants, fstatSync, type Stats } from 'node:fs'
import { access } from 'node:fs/promises'
import { FilesError, type Right, type Upload, type UploadRequest } from '../ftp/backend.ts'
import { childOf, parentOf, type VirtualPath } from '../ftp/pathname.ts'
import { refusedBy } from '../ftp/verdict.ts'
import { demand, lookAt, type AccountTree, type Spot } from './account-tree.ts'
import type { Accounting } from './accounting.ts'
import { setOwner, setPermissions, truncate } from './changing.ts'
import { closeDescriptor } from './descriptor.ts'
import { isDirectory } from './errno.ts'
import { freeSpot, giveBack } from './free-name.ts'
import { mayChange } from './rehearsed.ts'
import { Reservation, type Bounds } from './reservation.ts'
import type { Pace } from './pace.ts'
import { forgetTemporary, newTemporary } from './temporary.ts'
import { FileUpload, type Storing } from './upload.ts'

const { O_WRONLY, O_CREAT, O_EXCL, O_APPEND } = constants
const ANY: readonly Right[] = ['upload', 'overwrite', 'append']

/** See {@link import('../ftp/backend.ts').Files.write}. */
export async function openUpload(
  tree: AccountTree,
  accounting: Accounting,
  path: VirtualPath,
  request: UploadRequest,
): Promise<Upload> {
  const { spot, found } = await destination(tree, path, request)
  const free = request.mode === 'unique' || spot.view.tree.dropBox
  try {
    const old = free ? undefined : checked(spot, found, request)
    return await open(tree, accounting, spot, old, path, request)
  } catch (error) {
    if (free) giveBack(spot)
    spot[Symbol.dispose]()
    throw error
  }
}

/** Everything that is decided about an upload before its file is opened; what it answers takes nothing. */
export async function rehearseUpload(
  tree: AccountTree,
  accounting: Accounting,
  path: VirtualPath,
  request: UploadRequest,
): Promise<Upload> {
  const { spot, found } = await destination(tree, path, request)
  const free = request.mode === 'unique' || spot.view.tree.dropBox
  try {
    const old = free ? undefined : checked(spot, found, request)
    const bounds = await accounting.bounds(spot.view.share, spot.folder, tree.visitor)
    const { offset, inPlace } = measured(bounds, old, request)
    const whole = !inPlace && spot.view.share.resource.options.atomicUploads
    await (old && !whole ? access(spot.folder.at(spot.name), constants.W_OK) : mayChange(spot.folder))
    return { path, offset, reserve: () => undefined, write: nothing, commit: nothing, abandon: nothing }
  } finally {
    if (free) giveBack(spot)
    spot[Symbol.dispose]()
  }
}

const nothing = async (): Promise<void> => undefined

interface Destination {
  readonly spot: Spot
  /** What is there; not looked for where the name is a free one. */
  readonly found?: Stats | undefined
}

/** Where the bytes will lie: the name asked for, what a link of that name leads to, or a name that is free. */
async function destination(tree: AccountTree, path: VirtualPath, request: UploadRequest): Promise<Destination> {
  const opening = tree.spot(path, ANY, true)
  const named = opening instanceof Promise ? await opening : opening
  try {
    const { view, relative } = named
    if (request.mode === 'unique' || view.tree.dropBox) {
      // In a drop box nothing may depend on what is already there.
      if (request.mode === 'append') demand(view, ['append'], relative)
      if (offsetOf(request) > 0) demand(view, ['overwrite'], relative)
      demand(view, ['upload'], relative)
      return { spot: await freeSpot(named) }
    }
    const looking = lookAt(named)
    const found = looking instanceof Promise ? await looking : looking
    if (!found?.isSymbolicLink()) return { spot: named, found }
    const end = await tree.followed(named, ANY)
    const at = await lookedAt(end)
    named[Symbol.dispose]()
    return { spot: end, found: at }
  } catch (error) {
    named[Symbol.dispose]()
    throw error
  }
}

async function lookedAt(spot: Spot): Promise<Stats | undefined> {
  try {
    return await lookAt(spot)
  } catch (error) {
    spot[Symbol.dispose]()
    throw error
  }
}

function offsetOf(request: UploadRequest): number {
  return request.mode === 'restart' ? (request.offset ?? 0) : 0
}

/** What is there, after the rights for writing over it, behind it or anew were checked. */
function checked(spot: Spot, old: Stats | undefined, request: UploadRequest): Stats | undefined {
  const offset = offsetOf(request)
  if (offset > (old?.isFile() ? old.size : 0))
    throw new FilesError('offset', refusedBy('restart.offset', 'session', String(offset)))
  if (!old) {
    demand(spot.view, ['upload'], spot.relative)
    return undefined
  }
  if (old.isDirectory()) throw isDirectory()
  if (!old.isFile()) throw new FilesError('refused', refusedBy('path.special', 'system'))
  const atEnd: readonly Right[] = offset > 0 && offset === old.size ? ['overwrite', 'append'] : ['overwrite']
  demand(spot.view, request.mode === 'append' ? ['append'] : atEnd, spot.relative)
  return old
}

async function open(
  tree: AccountTree,
  accounting: Accounting,
  spot: Spot,
  old: Stats | undefined,
  path: VirtualPath,
  request: UploadRequest,
): Promise<Upload> {
  const { visitor } = tree
  const { options } = spot.view.share.resource
  const measuring = accounting.bounds(spot.view.share, spot.folder, visitor)
  const bounds = measuring instanceof Promise ? await measuring : measuring
  const { reservation, offset, inPlace } = measured(bounds, old, request)
  const free = request.mode === 'unique' || spot.view.tree.dropBox
  const storing = {
    spot,
    old,
    path: free ? childOf(parentOf(path), spot.name) : path,
    offset,
    free,
    accounting,
    visitor,
    reservation,
    options,
  }
  if (inPlace || !options.atomicUploads) return openInPlace(tree, storing, request, inPlace)
  return openTemporary(tree, storing)
}

/** Where an upload begins, after it was held against what there is room for. */
function measured(
  bounds: Bounds,
  old: Stats | undefined,
  request: UploadRequest,
): { readonly reservation: Reservation; readonly offset: number; readonly inPlace: boolean } {
  const reservation = new Reservation(bounds)
  const offset = request.mode === 'append' ? (old?.size ?? 0) : offsetOf(request)
  const inPlace = request.mode === 'append' || offset > 0
  preflight(reservation, request, offset, inPlace ? (old?.size ?? 0) : 0)
  return { reservation, offset, inPlace }
}

/** Refuses before the data what cannot fit: a size announced, or a single byte where nothing is left. */
function preflight(reservation: Reservation, request: UploadRequest, offset: number, kept: number): void {
  const end = offset + (request.expectedBytes ?? 1)
  const growth = Math.max(0, end - kept)
  reservation.preflight(growth, request.expectedBytes === undefined ? 0 : end)
}

async function openTemporary(
  tree: AccountTree,
  storing: Omit<Storing, 'fd' | 'temporary' | 'truncated'>,
): Promise<Upload> {
  const { spot, old } = storing
  const temporary = newTemporary()
  try {
    const opening = tree.confinement.open(spot.folder, temporary, O_WRONLY | O_CREAT | O_EXCL)
    const fd = opening instanceof Promise ? await opening : opening
    if (old) await inherit(fd, old, spot.folder.pace)
    return new FileUpload({ ...storing, fd, temporary, truncated: false })
  } catch (error) {
    forgetTemporary(temporary)
    throw error
  }
}

/** The new content keeps the owner and the permissions of the old, where the disk knows them and we may. */
async function inherit(fd: number, old: Stats, pace: Pace): Promise<void> {
  try {
    const own = fstatSync(fd)
    if (own.uid !== old.uid || own.gid !== old.gid) await setOwner(fd, old, pace)
    if ((own.mode & 0o777) !== (old.mode & 0o777)) await setPermissions(fd, old.mode & 0o777, pace)
  } catch {
    // FAT has neither, and only root may give files away.
  }
}

async function openInPlace(
  tree: AccountTree,
  storing: Omit<Storing, 'fd' | 'temporary' | 'truncated'>,
  request: UploadRequest,
  inPlace: boolean,
): Promise<Upload> {
  const { spot, old } = storing
  const flags = O_WRONLY | (request.mode === 'append' ? O_APPEND : 0) | (old ? 0 : O_CREAT | O_EXCL)
  const { growing } = storing.accounting
  let fd: number | undefined
  let begun: Stats | undefined
  try {
    fd = await tree.confinement.open(spot.folder, spot.name, flags)
    const file = fstatSync(fd)
    if (!file.isFile()) throw new FilesError('refused', refusedBy('path.special', 'system'))
    growing.begin((begun = file))
    const truncated = !inPlace && old !== undefined
    if (truncated) await truncate(fd, 0, spot.folder.pace)
    return new FileUpload({ ...storing, fd, truncated, appending: request.mode === 'append' })
  } catch (error) {
    if (begun) growing.end(begun)
    if (fd !== undefined) await closeDescriptor(fd, spot.folder.pace)
    throw error
  }
}
