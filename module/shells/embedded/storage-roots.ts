/** The embedded shell's storage: the folder of its own, and folders of the machine that the administrator has added. */
import { constants } from 'node:fs'
import { access, realpath, stat } from 'node:fs/promises'
import { isAbsolute, relative } from 'node:path'
import type { Storage, StorageRoot } from '../../shell.ts'
import { DiskAnswers } from './disk-answers.ts'
import type { ShellFile, StorageFolder } from './shell-file.ts'

/** Folders of the system: what lies in them is not for clients, or cannot be stored in. */
const SYSTEM =
  '/bin /boot /dev /etc /lib /lib32 /lib64 /proc /root /run /sbin /sys /usr /var/lib /var/run /var/log'.split(' ')

/** Why a folder cannot be added. */
export type StorageFault =
  'not-absolute' | 'missing' | 'not-a-folder' | 'system' | 'own-data' | 'overlaps' | 'unreadable'

export class StorageError extends Error {
  override readonly name = 'StorageError'
  readonly fault: StorageFault
  constructor(fault: StorageFault) {
    super(fault)
    this.fault = fault
  }
}

export class StorageRoots implements Storage {
  readonly #file: ShellFile
  readonly #data: string
  readonly #own: StorageRoot
  readonly #changed: () => void
  readonly #disks = new DiskAnswers()

  /** `data` is the folder where settings and keys lie, `own` the storage root inside it that is always there. */
  constructor(file: ShellFile, data: string, own: string, changed: () => void) {
    this.#file = file
    this.#data = data
    this.#own = { id: 'data', label: 'Data', path: own, readOnly: false }
    this.#changed = changed
  }

  async roots(): Promise<readonly StorageRoot[]> {
    const added = this.#file.current.storage.map((folder) => ({ ...folder, readOnly: undefined }))
    return Promise.all(
      [this.#own, ...added].map(async (root) => {
        const { writable, ...space } = await this.#disks.about(root.path)
        return { ...root, readOnly: root.readOnly ?? !writable, ...space }
      }),
    )
  }

  /** Adds a folder that is there. Rejects with {@link StorageError}, or `SettingsError` for an impossible label. */
  async add(label: string, path: string): Promise<void> {
    const real = await this.#check(path)
    await this.#file.edit(({ storage }) => {
      const folder: StorageFolder = { id: freeId(label, storage), label, path: real }
      return { storage: [...storage, folder] }
    })
    this.#changed()
  }

  /** Nothing on the disk is touched. */
  async remove(id: string): Promise<void> {
    await this.#file.edit(({ storage }) => ({ storage: storage.filter((folder) => folder.id !== id) }))
    this.#changed()
  }

  async #check(path: string): Promise<string> {
    if (!isAbsolute(path)) throw new StorageError('not-absolute')
    const real = await realpath(path).catch(() => {
      throw new StorageError('missing')
    })
    if (!(await stat(real)).isDirectory()) throw new StorageError('not-a-folder')
    if (real === '/' || SYSTEM.some((folder) => inside(real, folder))) throw new StorageError('system')
    // Settings and keys must not become files of a resource.
    if (inside(this.#data, real) || inside(real, this.#data)) throw new StorageError('own-data')
    const others = this.#file.current.storage
    if (others.some((other) => inside(real, other.path) || inside(other.path, real))) throw new StorageError('overlaps')
    await access(real, constants.R_OK | constants.X_OK).catch(() => {
      throw new StorageError('unreadable')
    })
    return real
  }
}

/** Whether a path is a folder or lies below it. */
function inside(path: string, folder: string): boolean {
  const from = relative(folder, path)
  return from === '' || (from !== '..' && !from.startsWith('../') && !isAbsolute(from))
}

function freeId(label: string, taken: readonly StorageFolder[]): string {
  const plain =
    label
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, 30) || 'storage'
  let id = plain === 'data' ? 'data-2' : plain
  for (let next = 2; taken.some((folder) => folder.id === id); next += 1) id = `${plain}-${next}`
  return id
}
