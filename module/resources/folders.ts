/** The folder picker: what folders a storage root has, new ones, and how much space there is; confined like everything else. */
import { mkdir } from 'node:fs/promises'
import { FilesError } from '../ftp/backend.ts'
import { octetLength } from '../ftp/octets.ts'
import { refusedBy } from '../ftp/verdict.ts'
import { relativePath } from '../settings/resource.ts'
import { Confinement } from './confinement.ts'
import type { Folder } from './folder.ts'
import { spaceAt } from './disk.ts'
import { translated } from './errno.ts'
import { namesIn } from './listing.ts'
import type { StorageRoot } from './share.ts'

/** Most folders shown at one level; a level with more is nothing to pick from. */
const MAXIMUM = 5000

/** One level of a storage root. */
export interface FolderLevel {
  /** Names of the folders, sorted. */
  readonly folders: readonly string[]
  /** Whether there are more than are told. */
  readonly truncated: boolean
  readonly freeBytes: number
  readonly totalBytes: number
}

/** The folders below a relative path of a storage root. Links are left out. Fails as a {@link FilesError}. */
export function listFolders(root: StorageRoot, path: string): Promise<FolderLevel> {
  return withFolder(root, path, async (folder) => {
    const folders: string[] = []
    for await (const names of namesIn(folder)) {
      for (const { name, kind } of names) {
        // Only what the settings can name: no control characters, and no octets that are not UTF-8.
        if (kind === 'directory' && name.isWellFormed() && relativePath.safeParse(name).success) folders.push(name)
      }
      if (folders.length > MAXIMUM) break
    }
    const space = await spaceAt(folder.path, folder.pace)
    return { folders: folders.slice(0, MAXIMUM).sort(), truncated: folders.length > MAXIMUM, ...space }
  })
}

/** Makes a folder below a relative path of a storage root; the name is one part of at most 255 bytes. */
export function createFolder(root: StorageRoot, path: string, name: string): Promise<void> {
  return withFolder(root, path, async (folder) => {
    if (root.readOnly) throw new FilesError('refused', refusedBy('storage.read-only', 'system', root.label))
    const bad = name === '' || name.includes('/') || !relativePath.safeParse(name).success || octetLength(name) > 255
    if (bad) throw new FilesError('name', refusedBy('name.folder', 'system'))
    await folder.pace.threaded(() => mkdir(folder.at(name)))
  })
}

async function withFolder<T>(root: StorageRoot, path: string, work: (folder: Folder) => Promise<T>): Promise<T> {
  if (!relativePath.safeParse(path).success) throw new FilesError('name', refusedBy('name.folder', 'system'))
  return translated(async () => {
    const confinement = new Confinement()
    try {
      using folder = await confinement.folder(await confinement.root(root.path), path)
      return await work(folder)
    } finally {
      confinement.forget()
    }
  })
}
