/** Keeps the books true: counts folders that were never counted, sweeps at start, and corrects the ledger of owners. */
import { decodeOctets } from '../ftp/octets.ts'
import type { Confinement } from './confinement.ts'
import { statIn } from './folder.ts'
import { below, contained, relativeTo } from './real-path.ts'
import { errnoOf } from './errno.ts'
import { inTurns } from './in-turns.ts'
import type { Growing } from './growing.ts'
import type { NameTurns } from './name-turns.ts'
import type { Ledger } from './ledger.ts'
import type { Meter, Meters } from './quota.ts'
import type { Share } from './share.ts'
import { survey } from './survey.ts'
import { directoryOf } from './tree.ts'

/** Counts anew when uploads changed the folder meanwhile, at most so many times. */
const TRIES = 3

export interface SurveyorParts {
  readonly confinement: Confinement
  readonly meters: Meters
  readonly ledger: Ledger
  readonly growing: Growing
  readonly turns: NameTurns
}

export class Surveyor {
  readonly #confinement: Confinement
  readonly #meters: Meters
  readonly #ledger: Ledger
  readonly #growing: Growing
  readonly #turns: NameTurns
  readonly #stop = new AbortController()
  readonly #counting = new Map<Meter, Promise<void>>()

  constructor({ confinement, meters, ledger, growing, turns }: SurveyorParts) {
    this.#confinement = confinement
    this.#meters = meters
    this.#ledger = ledger
    this.#growing = growing
    this.#turns = turns
  }

  /** Counts what a folder holds; asked for twice at once, it is done once. */
  count(meter: Meter): Promise<void> {
    let running = this.#counting.get(meter)
    if (!running) {
      running = this.#count(meter).finally(() => this.#counting.delete(meter))
      this.#counting.set(meter, running)
    }
    return running
  }

  /** Begins to count the folders that never were, without waiting for it. */
  countUnknown(keys: Iterable<string>): void {
    void inTurns(keys, async (key) => {
      const meter = this.#meters.meter(key)
      // A survey that fails leaves the folder uncounted; the next upload that needs the number tries again.
      if (meter && meter.used === undefined) await this.count(meter).catch(() => {})
    })
  }

  /** Removes left-overs below the roots; counts too, unless the last stop was orderly and its numbers hold. */
  async sweep(roots: readonly string[], shares: readonly Share[]): Promise<void> {
    const counted = await this.#countAnew(shares, (meter) => !this.#meters.clean || meter.used === undefined)
    // A folder inside another one is swept with it.
    for (const root of new Set(roots)) {
      if (counted.has(root) || [...roots, ...counted].some((other) => other !== root && contained(root, other)))
        continue
      await survey(this.#confinement, root, { signal: this.#stop.signal })
    }
  }

  /** Puts right what others than clients have changed meanwhile. */
  async recount(shares: readonly Share[]): Promise<void> {
    await this.#countAnew(shares, () => true)
  }

  /** Answers the real folders that were counted. */
  async #countAnew(shares: readonly Share[], wanted: (meter: Meter) => boolean): Promise<ReadonlySet<string>> {
    const counted = new Set<string>()
    for (const share of shares) {
      const meter = this.#meters.meter(share.meterKey)
      if (!meter?.real || counted.has(meter.real) || !wanted(meter)) continue
      // What is not there now, a stick that was pulled, has lost nothing.
      const place = await share.wholePlace().catch(() => undefined)
      if (place?.whole !== meter.real) continue
      counted.add(meter.real)
      await this.count(meter)
      await this.#correctLedger(share)
    }
    this.#ledger.resum()
    return counted
  }

  /** Stops; a survey under way ends without a result. */
  async close(): Promise<void> {
    this.#stop.abort()
    await Promise.allSettled(this.#counting.values())
  }

  async #count(meter: Meter): Promise<void> {
    if (meter.real === undefined) return
    for (let attempt = 1; ; attempt++) {
      const { changes } = meter
      const bytes = await survey(this.#confinement, meter.real, {
        measure: (file) => this.#growing.counted(file),
        signal: this.#stop.signal,
      })
      // What has changed its place while we looked, and is not counted there yet.
      await this.#turns.settled(meter.real)
      if (meter.changes !== changes && attempt < TRIES) continue
      meter.used = bytes
      this.#meters.noted()
      return
    }
  }

  /** Files that went or shrank without us no longer count for their owners. */
  async #correctLedger(share: Share): Promise<void> {
    if (!this.#ledger.active || !share.root) return
    const { storage, whole } = await share.wholePlace()
    const inside = relativeTo(storage, whole)
    const prefix = `${share.root.id}/`
    for (const paths of this.#ledger.below(
      Buffer.from(inside === '' ? share.root.id : prefix + inside).toString('latin1'),
    )) {
      this.#stop.signal.throwIfAborted()
      for (const path of paths) {
        const relative = decodeOctets(Buffer.from(path, 'latin1')).slice(prefix.length)
        await this.#correct(path, whole, () => this.#sizeOf(storage, relative))
      }
    }
  }

  /** What is looked at while names or sizes change is looked at again; where they change all the time, at the next count. */
  async #correct(path: string, folder: string, look: () => Promise<number | undefined>): Promise<void> {
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      await this.#turns.settled(folder)
      const before = this.#ledger.changes + this.#turns.begun
      const quiet = this.#turns.idle(folder)
      const size = await look()
      if (!quiet || this.#ledger.changes + this.#turns.begun !== before) continue
      if (size === undefined) this.#ledger.remove(path)
      else this.#ledger.shrink(path, size)
      return
    }
  }

  async #sizeOf(storage: string, relative: string): Promise<number | undefined> {
    try {
      const directory = directoryOf(relative)
      using folder = await this.#confinement.folder(storage, directory)
      if (folder.real !== below(storage, directory)) return undefined
      const stats = await statIn(folder, relative.slice(directory === '' ? 0 : directory.length + 1))
      return stats?.isFile() ? stats.size : undefined
    } catch (error) {
      const errno = errnoOf(error)
      if (errno === 'ENOENT' || errno === 'ENOTDIR') return undefined
      throw error
    }
  }
}
