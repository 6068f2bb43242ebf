/** One resource at work: its folder on the disk, looked up again every second, and its names. */
import { mkdir } from 'node:fs/promises'
import { FilesError } from '../ftp/backend.ts'
import { octetLength } from '../ftp/octets.ts'
import type { Resource } from '../settings/resource.ts'
import type { Confinement } from './confinement.ts'
import { Crowded, CROWD, threadsAt } from './disk-threads.ts'
import { below, contained } from './real-path.ts'
import { errnoOf, missing } from './errno.ts'
import { guestDoor, type GuestDoor } from './guests.ts'
import { NamePatterns } from './name-pattern.ts'
import type { Pace } from './pace.ts'
import type { Visitor } from './rights.ts'
import { RightsTree } from './tree.ts'

/** A place for files that the shell offers. */
export interface StorageRoot {
  readonly id: string
  readonly label: string
  /** Absolute path. */
  readonly path: string
  readonly readOnly: boolean
}

/** Where the folder of a resource really lies. */
export interface Place {
  /** The folder; with `%USER%`, the visitor's own. */
  readonly real: string
  /** The folder whose size counts: the same, or the one above all private folders. */
  readonly whole: string
  /** The storage root. */
  readonly storage: string
  /** How the disk below the folder is best asked. */
  readonly pace: Pace
}

/** Why a folder cannot be used. */
export type FolderProblem = 'no-storage' | 'missing' | 'not-a-directory' | 'outside' | 'unreadable'

/** Thrown where a folder cannot be used; clients see nothing of the resource then. */
class FolderError extends Error {
  readonly problem: FolderProblem
  constructor(problem: FolderProblem, options?: ErrorOptions) {
    super(`folder: ${problem}`, options)
    this.problem = problem
  }
}

/** A look at a folder. */
interface Looked {
  found: Place | Promise<Place>
  /** Infinity until it is there. */
  at: number
  /** How many wait for it. */
  asked: number
}

const USER = '%USER%'
const FRESH_MS = 1000
const KEPT = 1000
const KEPT_TREES = 8

/** Whether an account name can be the name of a private folder: one part, and not a way up. */
export function privateFolderName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\0\r\n]/.test(name) && octetLength(name) <= 255
}

export class Share {
  readonly resource: Resource
  readonly root: StorageRoot | undefined
  readonly hidden: NamePatterns
  readonly refused: NamePatterns
  readonly admitsGuest: GuestDoor
  /** Whether each account has its own folder. */
  readonly private: boolean
  readonly #confinement: Confinement
  readonly #found: (share: Share, place: Place) => void
  /** How the disk was best asked where the folder lay last. */
  #pace: Pace | undefined
  /** Where the folder really lay last. */
  #real: string | undefined
  #looking: Promise<Place> | undefined
  readonly #places = new Map<string, Looked>()
  /** Rights of those who came last, by who they are: the sessions of one account share them. */
  readonly #trees = new Map<string, RightsTree>()

  /** `found` is told each time the folder was looked up and is there. */
  constructor(
    resource: Resource,
    root: StorageRoot | undefined,
    confinement: Confinement,
    found: (share: Share, place: Place) => void,
  ) {
    this.resource = resource
    this.root = root
    this.#confinement = confinement
    this.#found = found
    this.hidden = new NamePatterns(resource.options.hiddenNames)
    this.refused = new NamePatterns(resource.options.refusedNames)
    this.admitsGuest = guestDoor(resource.guests)
    this.private = resource.folder.includes(USER)
  }

  /** The part of the folder above all private ones; the whole folder where there are none. */
  get wholeFolder(): string {
    const parts = this.resource.folder.split('/')
    const at = parts.findIndex((part) => part.includes(USER))
    return at === -1 ? this.resource.folder : parts.slice(0, at).join('/')
  }

  /** The visitor's rights in the resource, `undefined` if there are none and the resource does not exist for them. */
  treeFor(visitor: Visitor): RightsTree | undefined {
    if (!this.resource.enabled || visitor.shown?.has(this.resource.name) === false) return undefined
    if (visitor.guest && (this.private || !this.admitsGuest(visitor.address, visitor.lan))) return undefined
    if (this.private && !privateFolderName(visitor.name)) return undefined
    const tree = this.#treeOf(visitor)
    return tree.visible ? tree : undefined
  }

  #treeOf(visitor: Visitor): RightsTree {
    const who = JSON.stringify([visitor.guest, visitor.name, visitor.groups])
    const made = this.#trees.get(who)
    if (made) return made
    const tree = new RightsTree(this.resource, visitor, this.root?.readOnly === true)
    this.#trees.set(who, tree)
    for (const oldest of this.#trees.keys()) {
      if (this.#trees.size <= KEPT_TREES) break
      this.#trees.delete(oldest)
    }
    return tree
  }

  /** Where the visitor's folder lies, at once where that is known; a private one is made at first use if `make`. Fails as missing. */
  place(visitor: Visitor, make = true): Place | Promise<Place> {
    const found = this.#fresh(this.private ? visitor.name : '', make)
    return found instanceof Promise ? found.catch(unusable) : found
  }

  /** What is wrong with the folder, `undefined` if nothing is. */
  async problem(): Promise<FolderProblem | undefined> {
    try {
      await this.wholePlace()
      return undefined
    } catch (error) {
      return error instanceof FolderError ? error.problem : 'unreadable'
    }
  }

  /** The folder above all private ones, or the folder itself. A disk that hangs is not asked again and again. */
  wholePlace(): Promise<Place> {
    this.#looking ??= this.#look().finally(() => (this.#looking = undefined))
    return this.#looking
  }

  async #look(): Promise<Place> {
    const place = await this.#locate(this.wholeFolder)
    this.#real = place.real
    this.#found(this, place)
    return place
  }

  /** Where the same folder lies, without asking the disk: links are looked through if it was looked up before. */
  get path(): string {
    return this.#real ?? below(this.root?.path ?? '', this.wholeFolder)
  }

  /** Stable name of the folder whose size counts. */
  get meterKey(): string {
    return `${this.root?.id ?? ''}:${this.wholeFolder}`
  }

  #fresh(user: string, make: boolean): Place | Promise<Place> {
    const kept = this.#places.get(user)
    const now = performance.now()
    if (kept && now - kept.at < FRESH_MS) return this.#shared(kept)
    if (this.#places.size >= KEPT) this.#places.clear()
    const found = this.private ? this.#privatePlace(user, make) : this.#locate(this.resource.folder)
    // A disk that hangs is not asked again and again.
    const looked: Looked = { found, at: Infinity, asked: 1 }
    this.#places.set(user, looked)
    found.then(
      (place) => {
        looked.found = place
        looked.at = now
        this.#found(this, place)
      },
      // A folder that was missing may be there at the next request.
      () => this.#places.delete(user),
    )
    return found
  }

  #shared(looked: Looked): Place | Promise<Place> {
    if (looked.found instanceof Promise) {
      if (looked.asked >= CROWD && threadsAt(this.path).silent) throw new Crowded()
      looked.asked += 1
    }
    return looked.found
  }

  async #privatePlace(user: string, make: boolean): Promise<Place> {
    const folder = this.resource.folder.replaceAll(USER, () => user)
    const whole = await this.#locate(this.wholeFolder)
    const own = folder.slice(this.wholeFolder === '' ? 0 : this.wholeFolder.length + 1)
    let relative = ''
    for (const part of make ? own.split('/') : []) {
      using parent = await this.#confinement.folder(whole.real, relative)
      const path = parent.at(part)
      await parent.pace
        .threaded(() => mkdir(path, 0o700))
        .catch((error: unknown) => {
          if (errnoOf(error) !== 'EEXIST') throw error
        })
      relative = relative === '' ? part : `${relative}/${part}`
    }
    const place = await this.#locate(folder)
    if (!contained(place.real, whole.real)) throw new FolderError('outside')
    return { ...place, whole: whole.real }
  }

  async #locate(folder: string): Promise<Place> {
    if (!this.root) throw new FolderError('no-storage')
    try {
      const storage = await this.#confinement.root(this.root.path)
      // Whoever wants its content next finds it open.
      using open = await this.#confinement.folder(storage, folder, this.private ? undefined : this.#pace)
      this.#pace = open.pace
      return { real: open.real, whole: open.real, storage, pace: open.pace }
    } catch (error) {
      throw folderError(error)
    }
  }
}

function unusable(error: unknown): never {
  if (error instanceof FolderError && error.cause instanceof Crowded) throw error.cause
  throw missing('resource.folder', error instanceof Error ? error.message : undefined)
}

function folderError(error: unknown): FolderError {
  if (error instanceof FilesError) return new FolderError('outside', { cause: error })
  const errno = errnoOf(error)
  const problem = errno === 'ENOENT' ? 'missing' : errno === 'ENOTDIR' ? 'not-a-directory' : 'unreadable'
  return new FolderError(problem, { cause: error })
}
