/** An opened file on its way from the client: written, then made visible whole, or undone. */
import { fstatSync, write, writeSync, type Stats } from 'node:fs'
import { promisify } from 'node:util'
import { FilesError, type Upload } from '../ftp/backend.ts'
import { childOf, parentOf, type VirtualPath } from '../ftp/pathname.ts'
import { refusedBy } from '../ftp/verdict.ts'
import type { ResourceOptions } from '../settings/resource.ts'
import { lookAt, realOf, type Spot } from './account-tree.ts'
import type { Accounting } from './accounting.ts'
import { closeWritten, truncate } from './changing.ts'
import { dataSync } from './descriptor.ts'
import { removeIn } from './folder.ts'
import { errnoOf, filesError, missing, translated } from './errno.ts'
import { freeSpot, giveBack } from './free-name.ts'
import { DIRECT_BYTES } from './pace.ts'
import { renameIn, renameToFree } from './renaming.ts'
import type { Reservation } from './reservation.ts'
import type { Visitor } from './rights.ts'
import { forgetTemporary } from './temporary.ts'

const writeThreaded = promisify(write)

/** What was decided about an upload before its first byte. */
export interface Storing {
  readonly fd: number
  readonly spot: Spot
  readonly path: VirtualPath
  readonly offset: number
  /** What was there when it was opened. */
  readonly old: Stats | undefined
  /** The hidden name it has until it is whole; absent = written in place. */
  readonly temporary?: string
  /** Opened to be written at its end, wherever that is by then. */
  readonly appending?: boolean
  /** In place of an old file whose content goes at once. */
  readonly truncated: boolean
  /** The name must not have existed before; another one is taken if it does by then. */
  readonly free: boolean
  readonly accounting: Accounting
  readonly visitor: Visitor
  readonly reservation: Reservation
  readonly options: ResourceOptions
}

export class FileUpload implements Upload {
  readonly offset: number
  readonly #fd: number
  readonly #storing: Storing
  #spot: Spot
  #path: VirtualPath
  /** Where the bytes reserved so far end. */
  #reserved: number
  /** Where the bytes written end. */
  #written: number
  #ended = false

  constructor(storing: Storing) {
    this.#storing = storing
    this.#spot = storing.spot
    this.#path = storing.path
    this.#fd = storing.fd
    this.offset = storing.offset
    this.#reserved = storing.offset
    this.#written = storing.offset
  }

  get path(): VirtualPath {
    return this.#path
  }

  /** None for a file that is appended to: the kernel splices into none that was opened so. */
  get fd(): number | undefined {
    return this.#storing.appending ? undefined : this.#fd
  }

  reserve(bytes: number): void {
    const { reservation, old, temporary, truncated } = this.#storing
    const end = this.#reserved + bytes
    // What lies in the file already is paid for.
    const paid = Math.max(this.#reserved, temporary || truncated ? 0 : (old?.size ?? 0))
    reservation.take(Math.max(0, end - paid), end)
    this.#reserved = end
  }

  get headroom(): number {
    return this.#storing.reservation.headroom(this.#reserved)
  }

  wrote(bytes: number): void {
    this.#written += bytes
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.reserve(chunk.length)
    try {
      for (let done = 0; done < chunk.length;) {
        const writing = this.#writeSome(chunk, done)
        const written = writing instanceof Promise ? await writing : writing
        done += written
        this.#written += written
      }
    } catch (error) {
      throw filesError(error)
    }
  }

  #writeSome(chunk: Uint8Array, from: number): number | Promise<number> {
    const length = chunk.length - from
    const threaded = async () => (await writeThreaded(this.#fd, chunk, from, length, this.#written)).bytesWritten
    const { pace } = this.#spot.folder
    if (chunk.length > DIRECT_BYTES) return pace.threaded(threaded)
    return pace.change(() => writeSync(this.#fd, chunk, from, length, this.#written), threaded)
  }

  async commit(): Promise<void> {
    if (this.#ended) return
    this.#ended = true
    try {
      try {
        await this.#store()
      } catch (error) {
        await this.#undo()
        throw error
      } finally {
        await this.#finish()
      }
    } catch (error) {
      throw filesError(error)
    }
  }

  async abandon(): Promise<void> {
    if (this.#ended) return
    this.#ended = true
    await translated(async () => {
      try {
        await (this.#storing.options.partialUploads === 'keep' ? this.#keep() : this.#undo())
      } finally {
        await this.#finish()
      }
    })
  }

  async #store(): Promise<void> {
    const { temporary, old, options, spot, accounting } = this.#storing
    const durable = options.durable && spot.folder.pace.lasting
    if (durable) await dataSync(this.#fd, spot.folder.pace)
    if (temporary) await accounting.turns.alone([realOf(spot)], async () => this.#count(await this.#reveal()))
    else this.#count()
    if (durable && (temporary || !old)) await this.#spot.folder.sync()
  }

  /** Gives the temporary its name; answers how many bytes it replaced. */
  async #reveal(): Promise<number> {
    const { spot, old, free, accounting } = this.#storing
    // The folder may have been moved while the bytes came.
    if (!spot.folder.liesIn(spot.place.real)) throw missing('path.confinement')
    const mayReplace = spot.view.tree.at(spot.relative).has('overwrite')
    if (free || (!old && !mayReplace)) {
      while (!(await this.#take())) {
        if (!free) throw new FilesError('exists', refusedBy('system.exists', 'system'))
        this.#renumber(await freeSpot(this.#storing.spot))
      }
      return 0
    }
    const looking = lookAt(spot)
    const replaced = looking instanceof Promise ? await looking : looking
    const renaming = renameIn(spot.folder, this.#storing.temporary ?? '', spot.folder, spot.name)
    if (renaming) await renaming
    return replaced?.isFile() ? accounting.growing.counted(replaced) : 0
  }

  /** Gives the temporary a name that must be free; answers whether it was. */
  async #take(): Promise<boolean> {
    try {
      await renameToFree(this.#spot.folder, this.#storing.temporary ?? '', this.#spot)
      return true
    } catch (error) {
      const exists = errnoOf(error) === 'EEXIST' || (error instanceof FilesError && error.kind === 'exists')
      if (exists) return false
      throw error
    }
  }

  #renumber(spot: Spot): void {
    giveBack(this.#spot)
    this.#spot = spot
    this.#path = childOf(parentOf(this.#path), spot.name)
  }

  /** Turns promised bytes into counted ones, in one go so that nobody sees them twice. `before`: of a file that was replaced. */
  #count(before = 0): void {
    const { accounting, visitor, reservation, temporary, old, truncated } = this.#storing
    reservation.release(this.#reserved - this.#written)
    if (temporary) return accounting.replaced(this.#spot, visitor, before, fstatSync(this.#fd).size)
    const change = { written: this.#written - this.offset, anew: truncated || !old }
    accounting.grown(this.#spot, this.#fd, visitor, change)
  }

  /** What came stays, under its name if nothing else has it: a part never replaces what was whole. */
  async #keep(): Promise<void> {
    const { temporary, old } = this.#storing
    if (!temporary) {
      this.#count()
      return
    }
    const worth = !old && fstatSync(this.#fd).size > 0
    if (worth && this.#spot.folder.liesIn(this.#spot.place.real) && (await this.#take())) this.#count(0)
    else await this.#undo()
  }

  /** Removes what this upload made, and nothing else. */
  async #undo(): Promise<void> {
    const { temporary, old, truncated } = this.#storing
    if (temporary) {
      await removeIn(this.#spot.folder, temporary).catch(() => {})
    } else if (!old) {
      await this.#removeOwn()
    } else {
      // Only if nobody else wrote behind it meanwhile.
      if (!truncated && fstatSync(this.#fd).size === this.#written)
        await truncate(this.#fd, Math.min(old.size, this.#written), this.#spot.folder.pace)
      this.#count()
    }
  }

  async #removeOwn(): Promise<void> {
    const { accounting } = this.#storing
    const own = fstatSync(this.#fd)
    // What cannot be seen is nobody's to remove.
    const there = await (async () => lookAt(this.#spot))().catch(() => undefined)
    if (there?.ino !== own.ino || there.dev !== own.dev) return
    await removeIn(this.#spot.folder, this.#spot.name)
    accounting.removed(this.#spot, accounting.growing.counted(own))
  }

  async #finish(): Promise<void> {
    const { reservation, temporary, free, accounting } = this.#storing
    reservation.release(this.#reserved - this.#written)
    if (temporary) forgetTemporary(temporary)
    else accounting.growing.end(fstatSync(this.#fd))
    if (free) giveBack(this.#spot)
    try {
      const closing = closeWritten(this.#fd, this.#spot.folder.pace)
      if (closing) await closing
    } finally {
      this.#storing.spot[Symbol.dispose]()
    }
  }
}
