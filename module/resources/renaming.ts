/** Giving files and directories another name or place, inside one file system (RFC 959 RNFR and RNTO). */
import { linkSync, renameSync, type Stats } from 'node:fs'
import { link, rename as renameFile } from 'node:fs/promises'
import { FilesError } from '../ftp/backend.ts'
import type { VirtualPath } from '../ftp/pathname.ts'
import { refusedBy } from '../ftp/verdict.ts'
import { demand, lookAt, realOf, type AccountTree, type Spot } from './account-tree.ts'
import type { Accounting } from './accounting.ts'
import { removeIn, type Folder } from './folder.ts'
import { contained } from './real-path.ts'
import { errnoOf, missing } from './errno.ts'
import { linked } from './listing.ts'
import { survey } from './survey.ts'

/** Errno values of file systems that have no hard links (FAT, some network disks). */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

function refused(rule: string, detail?: string): FilesError {
  return new FilesError('refused', refusedBy(rule, 'system', detail))
}

/** Gives what has one name in an open folder another, replacing what has that one. */
export function renameIn(from: Folder, name: string, to: Folder, newName: string): void | Promise<void> {
  const [before, after] = [from.at(name), to.at(newName)]
  return from.pace.change(
    () => renameSync(before, after),
    () => renameFile(before, after),
  )
}

/** Gives a file a name that must be free, without ever replacing what somebody puts there at that moment. */
export async function renameToFree(from: Folder, name: string, target: Spot): Promise<void> {
  const [before, after] = [from.at(name), target.folder.at(target.name)]
  try {
    await from.pace.change(
      () => linkSync(before, after),
      () => link(before, after),
    )
  } catch (error) {
    if (!NO_LINKS.has(errnoOf(error) ?? '')) throw error
    if (await lookAt(target)) throw new FilesError('exists', refusedBy('system.exists', 'system'))
    await renameIn(from, name, target.folder, target.name)
    return
  }
  await removeIn(from, name)
}

/** See {@link import('../ftp/backend.ts').Files.rename}. */
export async function rename(
  tree: AccountTree,
  accounting: Accounting,
  from: VirtualPath,
  to: VirtualPath,
): Promise<void> {
  const named = tree.locate(from)
  if (named.relative === '') demand(named.view, ['renameDirectory'], '')
  using source = await tree.spot(from, ['rename', 'renameDirectory'])
  const right = (await kindOf(tree, source, await lookAt(source))) ? 'renameDirectory' : 'rename'
  demand(source.view, [right], source.relative)
  using target = await tree.spot(to, [right], true)
  const names = [realOf(source), realOf(target)]
  if (names[0] !== names[1]) await accounting.turns.alone(names, () => renamed(tree, accounting, source, target))
}

/** Renames what is there now, with the rights that this needs. */
async function renamed(tree: AccountTree, accounting: Accounting, source: Spot, target: Spot): Promise<void> {
  const stats = await lookAt(source)
  const directory = await kindOf(tree, source, stats)
  for (const { view, relative } of [source, target]) demand(view, [directory ? 'renameDirectory' : 'rename'], relative)
  if (directory && stats?.isDirectory() && contained(target.folder.real, realOf(source)))
    throw refused('rename.into-itself')
  if (directory && target.view.tree.fixed(target.relative)) throw refused('rename.exception')
  const there = await lookAt(target)
  // On disks that do not ask for case it may be the thing itself.
  const old = there?.ino === stats?.ino && there?.dev === stats?.dev ? undefined : there
  if (old) demandReplaceable(target, old, directory)
  const load = await loadOf(tree, accounting, source, target, stats)
  await demandRoom(accounting, source, target, load)
  await move(source, target, directory, old !== undefined)
  const counted = (file: Stats | undefined) => (file?.isFile() ? accounting.growing.counted(file) : undefined)
  accounting.renamed(source, target, counted(stats) ?? load.bytes, counted(old) ?? 0)
}

/** Whether it is a directory for clients; what they cannot see is missing. */
async function kindOf(tree: AccountTree, spot: Spot, stats: Stats | undefined): Promise<boolean> {
  if (stats?.isDirectory()) return true
  if (stats?.isFile()) return false
  const end = stats?.isSymbolicLink()
    ? await linked(tree.confinement, spot.view, spot.place.real, spot.folder, spot.name)
    : undefined
  if (!end) throw missing('system.missing')
  return end.type === 'directory'
}

function demandReplaceable(target: Spot, old: Stats, directory: boolean): void {
  if (directory || !old.isFile()) throw new FilesError('exists', refusedBy('system.exists', 'system'))
  demand(target.view, ['overwrite'], target.relative)
}

/** What moves: its bytes, its largest file, and a name in it that the target has no place for. */
interface Load {
  readonly bytes: number
  readonly largest: number
  readonly unwanted?: string | undefined
}

/** A directory is only looked through where that makes a difference. */
async function loadOf(
  tree: AccountTree,
  accounting: Accounting,
  source: Spot,
  target: Spot,
  stats: Stats | undefined,
): Promise<Load> {
  if (stats?.isFile()) return { bytes: stats.size, largest: stats.size }
  const { refused: names, resource } = target.view.share
  const limited = !names.empty || resource.options.maximumFileBytes !== undefined
  const strange = limited && source.view.share !== target.view.share
  if (!stats?.isDirectory() || !(strange || accounting.crosses(source, target))) return { bytes: 0, largest: 0 }
  let largest = 0
  let unwanted: string | undefined
  const bytes = await survey(tree.confinement, realOf(source), {
    measure: (file) => {
      largest = Math.max(largest, file.size)
      return accounting.growing.counted(file)
    },
    met: (name) => (unwanted ??= names.match(name)),
    signal: new AbortController().signal,
  })
  return { bytes, largest, unwanted }
}

/** A move must not carry over a limit what an upload could not. */
async function demandRoom(accounting: Accounting, source: Spot, target: Spot, load: Load): Promise<void> {
  for (const meter of await accounting.entered(source, target)) {
    if (meter.left < load.bytes) {
      throw new FilesError('quota', refusedBy('limit.resource-bytes', 'resource', String(meter.limit)))
    }
  }
  if (source.view.share === target.view.share) return
  if (load.unwanted !== undefined) {
    throw new FilesError('refused', refusedBy('name.refused', 'resource', load.unwanted))
  }
  const { maximumFileBytes = Infinity } = target.view.share.resource.options
  if (load.largest > maximumFileBytes) {
    throw new FilesError('too-large', refusedBy('limit.file-bytes', 'resource', String(maximumFileBytes)))
  }
}

async function move(source: Spot, target: Spot, directory: boolean, replaces: boolean): Promise<void> {
  try {
    const mayReplace = target.view.tree.at(target.relative).has('overwrite')
    if (replaces || directory || mayReplace) await renameIn(source.folder, source.name, target.folder, target.name)
    else await renameToFree(source.folder, source.name, target)
  } catch (error) {
    // Copying instead could follow links and would take as long as it likes.
    if (errnoOf(error) === 'EXDEV') throw refused('rename.file-system')
    throw error
  }
}
