/** The folders of the embedded shell, readable by its own user alone, and the lock that keeps a second process out. */
import { chmod, mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Paths } from '../../shell.ts'

export interface DataFolder {
  readonly paths: Paths
  /** Where certificates lie. */
  readonly certificates: string
  /** The storage root. */
  readonly storage: string
  /** Lets another process use the folder. */
  release(): void
}

/** Where things lie; `log` and `runtime` may be elsewhere (flash wear, read-only root). */
export interface DataPlaces {
  readonly data: string
  readonly log?: string | undefined
  readonly runtime?: string | undefined
}

/** Thrown when another process works with the same data folder. */
export class DataFolderInUse extends Error {
  override readonly name = 'DataFolderInUse'
}

/** Makes the folders that are missing and takes the lock. */
export async function openDataFolder(places: DataPlaces): Promise<DataFolder> {
  const data = resolve(places.data)
  const paths = {
    config: data,
    state: join(data, 'state'),
    runtime: resolve(places.runtime ?? join(data, 'run')),
    log: resolve(places.log ?? join(data, 'log')),
  }
  const folder = { certificates: join(data, 'certificates'), storage: join(data, 'storage') }
  await ownFolder(data)
  const release = lock(join(data, '.lock'), data)
  try {
    for (const path of [...Object.values(paths), ...Object.values(folder)]) await ownFolder(path)
  } catch (error) {
    release()
    throw error
  }
  return { paths, ...folder, release }
}

async function ownFolder(path: string): Promise<void> {
  const made = await mkdir(path, { recursive: true, mode: 0o700 })
  // The umask may have taken bits away, but never added any: a folder just made is right. An old one was made by someone.
  if (made === undefined) await chmod(path, 0o700)
}

/**
 * SQLite's exclusive lock is one of the operating system's: it ends with the process however that ends, so no left-over lock file
 * ever has to be judged.
 */
function lock(path: string, folder: string): () => void {
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch {
    database.close()
    throw new DataFolderInUse(`${folder}: another process already uses this data folder`)
  }
  let held = true
  return () => {
    if (held) database.close()
    held = false
  }
}
