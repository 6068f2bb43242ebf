/** What the operating system would say to a change, asked without making it. */
import { access, constants, opendir } from 'node:fs/promises'
import { FilesError, type Right } from '../ftp/backend.ts'
import type { VirtualPath } from '../ftp/pathname.ts'
import { refusedBy } from '../ftp/verdict.ts'
import { lookAt, type AccountTree, type Spot } from './account-tree.ts'
import type { Folder } from './folder.ts'

/** Whether names in a folder can be made and removed. Fails as the system does. */
export async function mayChange(folder: Folder): Promise<void> {
  await folder.pace.threaded(() => access(folder.path, constants.W_OK | constants.X_OK))
}

/** Whether a name can be made: it must be free. */
export async function mayMake(spot: Spot): Promise<void> {
  if (await lookAt(spot)) throw new FilesError('exists', refusedBy('system.exists', 'system', 'EEXIST'))
  await mayChange(spot.folder)
}

/** Whether a directory can be removed: it must be empty. */
export async function mayRemove(spot: Spot): Promise<void> {
  const empty = await spot.folder.pace.threaded(async () => {
    await using directory = await opendir(spot.folder.at(spot.name))
    return (await directory.read()) === null
  })
  if (!empty) {
    throw new FilesError('not-empty', refusedBy('system.not-empty', 'system', 'ENOTEMPTY'))
  }
  await mayChange(spot.folder)
}

/** Whether something is there and one of the rights holds. */
export async function mayReach(tree: AccountTree, path: VirtualPath, rights: readonly Right[]): Promise<void> {
  using spot = await tree.spot(path, rights)
  if (!(await lookAt(spot))) throw new FilesError('missing', refusedBy('system.missing', 'system', 'ENOENT'))
}
