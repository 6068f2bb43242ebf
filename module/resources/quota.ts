/**
 * How many bytes folders hold, counted by the module's own operations and put right by a survey: one meter for each folder
 * that a resource is, kept across restarts in `usage.json`.
 */
import { join } from 'node:path'
import { DurableFile } from '../settings/durable-file.ts'
import { contained } from './real-path.ts'

/** Milliseconds between two writings. */
const WRITE_MS = 5000

/** The bytes of one folder with everything below. */
export class Meter {
  /** Stable name across restarts: storage root and folder. */
  readonly key: string
  /** Where the folder really lies; absent while it is missing. */
  real: string | undefined
  /** Bytes it may hold; absent = unlimited. */
  limit: number | undefined
  /** Bytes of the files in it; absent until it was counted for the first time. */
  used: number | undefined
  /** Bytes promised to uploads that have not ended. */
  pending = 0
  /** Rises with every change of `used`, so that a survey notices what happened meanwhile. */
  changes = 0

  constructor(key: string, used: number | undefined) {
    this.key = key
    this.used = used
  }

  /** Bytes that still fit. */
  get left(): number {
    return this.limit === undefined ? Infinity : this.limit - (this.used ?? 0) - this.pending
  }
}

/** All meters. */
export class Meters {
  readonly #file: DurableFile
  readonly #meters = new Map<string, Meter>()
  readonly #stored = new Map<string, number>()
  #loaded = false
  #clean = false
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor(stateFolder: string) {
    this.#file = new DurableFile(join(stateFolder, 'usage.json'), { compact: true })
  }

  /** Reads what was known; an unreadable file means that everything is counted anew. */
  async load(): Promise<void> {
    this.#loaded = true
    await this.#file.sweep()
    try {
      const stored = await this.#file.read()
      if (typeof stored !== 'object' || stored === null || !('folders' in stored)) return
      for (const [key, bytes] of Object.entries(stored.folders ?? {})) {
        if (typeof bytes === 'number' && bytes >= 0) this.#stored.set(key, bytes)
      }
      this.#clean = 'clean' in stored && stored.clean === true && this.#stored.size > 0
      // From here on only an orderly stop makes the numbers trustworthy again.
      if (this.#clean) await this.#write(false)
    } catch {
      // First start, or the file is broken: the survey counts.
    }
  }

  /** Whether the last stop was an orderly one, so that the stored numbers can be believed. */
  get clean(): boolean {
    return this.#clean
  }

  /** Names the folders there are, each with its limit; meters of folders that stay keep their counts. */
  configure(limits: ReadonlyMap<string, number | undefined>): void {
    // A folder that comes back later is counted anew: nobody watched it meanwhile.
    for (const key of this.#meters.keys()) if (!limits.has(key)) this.#meters.delete(key)
    for (const key of this.#stored.keys()) if (!limits.has(key)) this.#stored.delete(key)
    for (const [key, limit] of limits) {
      let meter = this.#meters.get(key)
      if (!meter) this.#meters.set(key, (meter = new Meter(key, this.#stored.get(key))))
      meter.limit = limit
    }
  }

  meter(key: string): Meter | undefined {
    return this.#meters.get(key)
  }

  /** The meters of all folders that hold a real path. */
  at(real: string): Meter[] {
    return [...this.#meters.values()].filter((meter) => meter.real !== undefined && contained(real, meter.real))
  }

  /** Counts a change at a real path in every folder that holds it. */
  change(real: string, bytes: number): void {
    for (const meter of this.at(real)) this.changeIn(meter, bytes)
  }

  changeIn(meter: Meter, bytes: number): void {
    meter.changes += 1
    if (meter.used !== undefined) meter.used = Math.max(0, meter.used + bytes)
    this.noted()
  }

  /** Something changed: it is written within 5 s. */
  noted(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      // A disk that cannot be written to now is tried again with the next change, and at the stop.
      this.#writing = this.#write(false).catch(() => {})
    }, WRITE_MS).unref()
  }

  /** Writes for the last time. */
  async close(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#writing
    // Nothing is known yet of what the file holds: it stays.
    if (this.#loaded) await this.#write(true)
  }

  async #write(clean: boolean): Promise<void> {
    for (const { key, used } of this.#meters.values()) if (used !== undefined) this.#stored.set(key, used)
    await this.#file.write({ clean, folders: Object.fromEntries(this.#stored) })
  }
}
