/** The folders of the embedded shell, readable by its own user alone, and the lock that keeps a second process out. */
import { chmod, mkdir, readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { errorCode } from '../../settings/error-code.ts'
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

/** Thrown when the data folder cannot be used: another process works with it, or the system does not let us. */
export class DataFolderError extends Error {
  override readonly name = 'DataFolderError'
}

/** Makes the folders that are missing and takes the lock. Rejects with {@link DataFolderError}. */
export async function openDataFolder(places: DataPlaces): Promise<DataFolder> {
  const data = resolve(places.data)
  const paths = {
    config: data,
    state: join(data, 'state'),
    runtime: resolve(places.runtime ?? join(data, 'run')),
    log: resolve(places.log ?? join(data, 'log')),
  }
  const folder = { certificates: join(data, 'certificates'), storage: join(data, 'storage') }
  await makeFolder(data)
  const release = lock(join(data, LOCK), data)
  try {
    await keepToOurselves(data)
    for (const path of [...Object.values(paths), ...Object.values(folder)]) await makeFolder(path)
  } catch (error) {
    release()
    throw error
  }
  return { paths, ...folder, release }
}

const LOCK = '.lock'

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new DataFolderError(`${path}: cannot be made (${errorCode(error)})`)
  }
}

/**
 * A data folder that was made for us with other permissions becomes ours alone. One that holds other things is left as it is:
 * somebody may have named `/srv`. What we put into it is closed in either case.
 */
async function keepToOurselves(data: string): Promise<void> {
  const others = (await readdir(data)).filter((name) => !OURS.test(name))
  if (others.length === 0) await chmod(data, 0o700)
}

const OURS = /^(?:\..*|(?:settings|users|shell)\b.*\.json|state|run|log|certificates|storage)$/

/**
 * SQLite's exclusive lock is one of the operating system's: it ends with the process however that ends, so no left-over lock file
 * ever has to be judged.
 */
function lock(path: string, folder: string): () => void {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path, { timeout: 0 })
    database.exec('PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    database?.close()
    const busy = error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY
    throw new DataFolderError(
      busy ? `${folder}: another process already uses this data folder` : `${folder}: cannot be written to`,
    )
  }
  return () => {
    database?.close()
    database = undefined
  }
}

const SQLITE_BUSY = 5
