/** Changing times and permission bits of what already is, through a descriptor that no swapped link can exchange. */
import { fstatSync, type Stats } from 'node:fs'
import { chmod, utimes } from 'node:fs/promises'
import type { Right } from '../ftp/backend.ts'
import type { VirtualPath } from '../ftp/pathname.ts'
import { demand, type AccountTree, type Spot } from './account-tree.ts'
import { O_PATH } from './confinement.ts'
import { closeDescriptor } from './descriptor.ts'
import { isDirectory, missing } from './errno.ts'

interface Target {
  readonly spot: Spot
  readonly stats: Stats
  /** The thing itself, whatever its name means by now. */
  readonly path: string
}

/** Opens what a path names without reading it, and gives it to the work. */
async function withTarget(
  tree: AccountTree,
  path: VirtualPath,
  rights: readonly Right[],
  work: (target: Target) => Promise<void>,
): Promise<void> {
  using named = await tree.spot(path, rights)
  if (await attempt(tree, named, work)) return
  using end = await tree.followed(named, rights)
  if (!(await attempt(tree, end, work))) throw missing('path.confinement')
}

/** Answers whether it was done; `false` where there is a link, which has to be followed first. */
async function attempt(tree: AccountTree, spot: Spot, work: (target: Target) => Promise<void>): Promise<boolean> {
  const fd = await tree.confinement.open(spot.folder, spot.name, O_PATH)
  try {
    const stats = fstatSync(fd)
    if (stats.isSymbolicLink()) return false
    if (!stats.isFile() && !stats.isDirectory()) throw missing('system.special')
    await work({ spot, stats, path: `/proc/self/fd/${fd}` })
    return true
  } finally {
    await closeDescriptor(fd, spot.folder.pace)
  }
}

/** Sets the time of the last change, milliseconds since 1970 UTC. */
export function setModified(tree: AccountTree, path: VirtualPath, time: number): Promise<void> {
  return withTarget(tree, path, ['overwrite', 'renameDirectory'], async ({ spot, stats, path: target }) => {
    demand(spot.view, [stats.isDirectory() ? 'renameDirectory' : 'overwrite'], spot.relative)
    await spot.folder.pace.threaded(() => utimes(target, stats.atime, time / 1000))
  })
}

/** Sets the permission bits of a file, `0o000` to `0o777`. */
export function setMode(tree: AccountTree, path: VirtualPath, mode: number): Promise<void> {
  return withTarget(tree, path, ['overwrite'], async ({ spot, stats, path: target }) => {
    if (stats.isDirectory()) throw isDirectory()
    await spot.folder.pace.threaded(() => chmod(target, mode & 0o777))
  })
}
