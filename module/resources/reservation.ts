/** The bytes that one upload takes, promised before they are written, so that uploads side by side cannot overshoot a limit. */
import { FilesError } from '../ftp/backend.ts'
import { refusedBy, type Level } from '../ftp/verdict.ts'
import type { ResourceOptions } from '../settings/resource.ts'
import type { Disk } from './disk.ts'
import type { Account } from './ledger.ts'
import type { Meter } from './quota.ts'

/** What an upload is measured against. */
export interface Bounds {
  readonly options: ResourceOptions
  readonly meters: readonly Meter[]
  readonly disk: Disk
  /** Present for a visitor with a quota. */
  readonly account?: Account
  readonly quotaBytes?: number
  /** Told when one of the books is what refuses. */
  readonly doubt: () => void
}

/** One upload may be promised this part of what others could take, too, before its bytes have come. */
const AHEAD = 1 / 64

function full(kind: 'quota' | 'too-large' | 'no-space', rule: string, level: Level, detail: string): FilesError {
  return new FilesError(kind, refusedBy(rule, level, detail))
}

export class Reservation {
  readonly #bounds: Bounds
  #taken = 0
  /** Bytes taken from the disk since a look at it. */
  #seen = 0
  #unseen = 0

  constructor(bounds: Bounds) {
    this.#bounds = bounds
  }

  /** Promises so many bytes more to a file that will end at `end`; fails as `too-large`, `quota` or `no-space`. */
  take(bytes: number, end: number): void {
    const { options, meters, disk, account } = this.#bounds
    this.#check(bytes, end)
    if (!disk.take(bytes, options.stopAtDiskPercent)) this.#refuseDisk()
    for (const meter of meters) meter.pending += bytes
    if (account) account.pending += bytes
    this.#taken += bytes
    this.#unseen = disk.looks === this.#seen ? this.#unseen + bytes : bytes
    this.#seen = disk.looks
  }

  /** Fails where {@link take} would, without taking: for a size that was announced, or a disk already full. */
  preflight(bytes: number, end: number): void {
    const { options, disk } = this.#bounds
    this.#check(bytes, end)
    if (disk.allowance(options.stopAtDiskPercent) < bytes) this.#refuseDisk()
  }

  /** Bytes that may be promised before they have come, to a file for which so many are promised. */
  headroom(end: number): number {
    const { options, meters, disk, account, quotaBytes } = this.#bounds
    const file = (options.maximumFileBytes ?? Infinity) - end
    const quota = account && quotaBytes !== undefined ? quotaBytes - account.used - account.pending : Infinity
    const shared = Math.min(disk.allowance(options.stopAtDiskPercent), quota, ...meters.map(({ left }) => left))
    return Math.max(0, Math.min(file, Math.floor(shared * AHEAD)))
  }

  /** The upload has ended: what it really takes is counted elsewhere by now. `unused`: bytes that were promised and did not come. */
  release(unused: number): void {
    const { meters, account, disk } = this.#bounds
    if (disk.looks === this.#seen) disk.giveBack(Math.min(unused, this.#unseen))
    this.#unseen = 0
    for (const meter of meters) meter.pending -= this.#taken
    if (account) account.pending -= this.#taken
    this.#taken = 0
  }

  #check(bytes: number, end: number): void {
    const { options, meters, account, quotaBytes } = this.#bounds
    const { maximumFileBytes } = options
    if (maximumFileBytes !== undefined && end > maximumFileBytes) {
      throw full('too-large', 'limit.file-bytes', 'resource', String(maximumFileBytes))
    }
    if (bytes === 0) return
    for (const meter of meters) {
      if (meter.left < bytes) this.#refuse('limit.resource-bytes', 'resource', String(meter.limit))
    }
    if (account && quotaBytes !== undefined && quotaBytes - account.used - account.pending < bytes) {
      this.#refuse('limit.user-bytes', 'user', String(quotaBytes))
    }
  }

  #refuse(rule: string, level: Level, detail: string): never {
    this.#bounds.doubt()
    throw full('quota', rule, level, detail)
  }

  #refuseDisk(): never {
    throw full('no-space', 'limit.disk-percent', 'resource', String(this.#bounds.options.stopAtDiskPercent))
  }
}
