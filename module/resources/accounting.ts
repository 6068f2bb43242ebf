/** The books of all uploads: what folders hold, what users own, what disks have left; kept by every change of the tree. */
import { fstatSync } from 'node:fs'
import { realOf, type Spot } from './account-tree.ts'
import { encodeOctets } from '../ftp/octets.ts'
import type { Folder } from './folder.ts'
import { realPathOf } from './descriptor.ts'
import type { Growing } from './growing.ts'
import type { NameTurns } from './name-turns.ts'
import { below, relativeTo } from './real-path.ts'
import type { Disk, Disks } from './disk.ts'
import type { Account, Ledger } from './ledger.ts'
import type { Meter, Meters } from './quota.ts'
import type { Bounds } from './reservation.ts'
import type { Visitor } from './rights.ts'
import type { Place, Share } from './share.ts'

/** Name of a file in the ledger; the same wherever the shell mounts the storage root. */
export function ledgerPath(share: Share, place: Place, real: string): string {
  // One character for each octet: names that are not UTF-8 stay different from each other.
  return encodeOctets(`${share.root?.id ?? ''}/${relativeTo(place.storage, real)}`).toString('latin1')
}

/** Whether a folder was never counted, and has to be. */
function uncounted({ limit, used }: Meter): boolean {
  return limit !== undefined && used === undefined
}

export interface Books {
  readonly meters: Meters
  readonly ledger: Ledger
  readonly disks: Disks
  readonly growing: Growing
  readonly turns: NameTurns
  /** Measures the folder of a meter that was never counted. */
  readonly count: (meter: Meter) => Promise<void>
  /** Somebody was refused because of what the books say. */
  readonly doubt: () => void
}

export class Accounting {
  readonly growing: Growing
  readonly turns: NameTurns
  readonly #meters: Meters
  readonly #ledger: Ledger
  readonly #disks: Disks
  readonly #count: (meter: Meter) => Promise<void>

  readonly #doubt: () => void

  constructor({ meters, ledger, disks, growing, turns, count, doubt }: Books) {
    this.growing = growing
    this.turns = turns
    this.#meters = meters
    this.#ledger = ledger
    this.#disks = disks
    this.#count = count
    this.#doubt = doubt
  }

  /** What an upload into an open folder is measured against; at once where that is known. */
  bounds(share: Share, folder: Folder, visitor: Visitor): Bounds | Promise<Bounds> {
    const disk = this.#disks.of(folder)
    const meters = this.#meters.at(folder.real)
    const known = !(disk instanceof Promise) && !meters.some(uncounted)
    return known ? this.#bounds(share, visitor, meters, disk) : this.#measured(share, visitor, meters, disk)
  }

  async #measured(
    share: Share,
    visitor: Visitor,
    meters: readonly Meter[],
    disk: Disk | Promise<Disk>,
  ): Promise<Bounds> {
    const looked = await disk
    for (const meter of meters) if (uncounted(meter)) await this.#count(meter)
    return this.#bounds(share, visitor, meters, looked)
  }

  #bounds(share: Share, visitor: Visitor, meters: readonly Meter[], disk: Disk): Bounds {
    const { options } = share.resource
    const books = { options, meters, disk, doubt: this.#doubt }
    if (visitor.quotaBytes === undefined) return books
    return { ...books, account: this.#account(visitor), quotaBytes: visitor.quotaBytes }
  }

  /** Bytes that could be uploaded into an open folder. */
  async available(share: Share, folder: Folder, visitor: Visitor): Promise<number> {
    const { options, meters, disk, account, quotaBytes } = await this.bounds(share, folder, visitor)
    const quota = account && quotaBytes !== undefined ? quotaBytes - account.used - account.pending : Infinity
    const left = Math.min(disk.allowance(options.stopAtDiskPercent), quota, ...meters.map((meter) => meter.left))
    return Math.max(0, left)
  }

  /** A file of `before` bytes has new content, all of it from the visitor; its folder may have been moved meanwhile. */
  replaced(spot: Spot, visitor: Visitor, before: number, after: number): void {
    const { folder } = spot
    this.#replace(spot, folder.unmoved ? realOf(spot) : below(realPathOf(folder.fd), spot.name), visitor, before, after)
  }

  /**
   * The visitor wrote into an open file in place; `anew`: all of its content. What it is called now is where it is counted, and what
   * was removed meanwhile is not.
   */
  grown(spot: Spot, fd: number, visitor: Visitor, { written, anew }: { written: number; anew: boolean }): void {
    const file = fstatSync(fd)
    if (file.nlink === 0) return
    const { before, after } = this.growing.settle(file, written)
    const real = realPathOf(fd)
    if (anew) return this.#replace(spot, real, visitor, before, after)
    this.#meters.change(real, after - before)
    if (!this.#ledger.active) return
    if (after > before) this.#ledger.grow(this.#path(spot, real), visitor.name, after - before)
    else this.#ledger.shrink(this.#path(spot, real), after)
  }

  #replace(spot: Spot, real: string, visitor: Visitor, before: number, after: number): void {
    this.#meters.change(real, after - before)
    if (this.#ledger.active) this.#ledger.replace(this.#path(spot, real), visitor.name, after)
  }

  /** A file is gone. */
  removed(spot: Spot, bytes: number): void {
    this.#meters.change(spot.folder.real, -bytes)
    if (this.#ledger.active) this.#ledger.remove(this.#path(spot))
  }

  /** A file or folder of `bytes` lies elsewhere; `replaced` bytes of what was there are gone. */
  renamed(from: Spot, to: Spot, bytes: number, replaced: number): void {
    const before = this.#meters.at(from.folder.real)
    const after = this.#meters.at(to.folder.real)
    for (const meter of before) if (!after.includes(meter)) this.#meters.changeIn(meter, -bytes)
    for (const meter of after) this.#meters.changeIn(meter, (before.includes(meter) ? 0 : bytes) - replaced)
    if (this.#ledger.active) this.#ledger.rename(this.#path(from), this.#path(to))
  }

  /** The meters that a move would fill and that do not count the thing yet. */
  async entered(from: Spot, to: Spot): Promise<readonly Meter[]> {
    const before = this.#meters.at(from.folder.real)
    const meters = this.#meters.at(to.folder.real).filter((meter) => !before.includes(meter))
    for (const meter of meters) if (uncounted(meter)) await this.#count(meter)
    return meters
  }

  /** Whether a move changes what any folder holds. */
  crosses(from: Spot, to: Spot): boolean {
    const before = this.#meters.at(from.folder.real)
    const after = this.#meters.at(to.folder.real)
    return before.length !== after.length || before.some((meter) => !after.includes(meter))
  }

  #account(visitor: Visitor): Account {
    this.#ledger.open()
    return this.#ledger.account(visitor.name)
  }

  #path(spot: Spot, real = realOf(spot)): string {
    return ledgerPath(spot.view.share, spot.place, real)
  }
}
