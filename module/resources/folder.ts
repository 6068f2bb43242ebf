/** An open folder, and what is done with the names in it: through its descriptor, so that no swapped link above them counts. */
import { closeSync, constants, lstatSync, openSync, unlinkSync, type Stats } from 'node:fs'
import { lstat, unlink } from 'node:fs/promises'
import { encodeOctets } from '../ftp/octets.ts'
import { dataSync, openDescriptor, realPathOf, Whereabouts } from './descriptor.ts'
import { errnoOf } from './errno.ts'
import type { Pace } from './pace.ts'
import { contained, diskPath } from './real-path.ts'

const { O_RDONLY, O_DIRECTORY } = constants

/** An open folder. Whoever got it disposes of it once; it closes when nobody uses it. */
export class Folder implements Disposable {
  readonly fd: number
  /** Where it lay when it was opened. */
  readonly real: string
  /** How its disk is best asked. */
  readonly pace: Pace
  readonly #octets: Buffer
  readonly #whereabouts: Whereabouts
  #users = 1
  /** The folder opened for reading, which syncing needs. */
  #readable: number | undefined
  #syncing: Promise<void> = Promise.resolve()
  #nextSync: Promise<void> | undefined

  constructor(fd: number, real: string, pace: Pace) {
    this.fd = fd
    this.real = real
    this.pace = pace
    this.#octets = encodeOctets(real)
    this.#whereabouts = new Whereabouts(fd)
  }

  /** Whether it still lies there. */
  get unmoved(): boolean {
    return this.#whereabouts.are(this.#octets)
  }

  /** Whether it lies in a real root now, wherever it lay before. */
  liesIn(root: string): boolean {
    return contained(this.unmoved ? this.real : realPathOf(this.fd), root)
  }

  /** The folder itself as a path that no swapped link can turn elsewhere. */
  get path(): string {
    return `/proc/self/fd/${this.fd}`
  }

  /** A name in the folder, as a path that no swapped link above the name can turn elsewhere. */
  at(name: string): string | Buffer {
    return diskPath(`/proc/self/fd/${this.fd}/${name}`)
  }

  /** Makes the names in it safe on the disk. Whoever asks while it is being done shares the next time. */
  sync(): Promise<void> {
    this.#nextSync ??= this.#syncAfter(this.#syncing)
    return this.#nextSync
  }

  async #syncAfter(before: Promise<void>): Promise<void> {
    // What is under way may have begun before the name was there.
    await before.catch(() => undefined)
    this.#syncing = this.#nextSync ?? Promise.resolve()
    this.#nextSync = undefined
    const flags = O_RDONLY | O_DIRECTORY
    this.#readable ??= await this.pace.call(
      () => openSync(this.path, flags),
      () => openDescriptor(this.path, flags),
    )
    const fd = this.#readable
    await dataSync(fd, this.pace)
  }

  /** One more user. */
  shared(): this {
    this.#users += 1
    return this
  }

  [Symbol.dispose](): void {
    this.#users -= 1
    if (this.#users > 0) return
    closeSync(this.fd)
    if (this.#readable !== undefined) closeSync(this.#readable)
  }
}

/** What a name in an open folder is, `undefined` if it is free; a link is told as a link. */
export function statIn(folder: Folder, name: string): Stats | undefined | Promise<Stats | undefined> {
  const path = folder.at(name)
  // Most uploads look for a name that is free: an error for that costs as much as three calls of the system.
  return folder.pace.call(
    () => lstatSync(path, { throwIfNoEntry: false }),
    () => lstat(path).catch(unlessFree),
  )
}

function unlessFree(error: unknown): undefined {
  if (errnoOf(error) !== 'ENOENT') throw error
}

/** Removes a file or link from an open folder. */
export async function removeIn(folder: Folder, name: string): Promise<void> {
  const path = folder.at(name)
  await folder.pace.change(
    () => unlinkSync(path),
    () => unlink(path),
  )
}
