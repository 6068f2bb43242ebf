/** What went through the server: bytes today, and the throughput of the last ten minutes. */
import { join } from 'node:path'
import { z } from 'zod'
import type { FtpEvent, Observer } from '../ftp/events.ts'
import { DurableFile } from '../settings/durable-file.ts'

/** Milliseconds between two samples of the throughput, and how many are kept. */
export const SAMPLE = 2000
export const SAMPLES = 300

/** Days begin at multiples of this in every time zone. */
const QUARTER = 15 * 60_000
/** Quarters kept: today is over nowhere before this. */
const QUARTERS = 2 * 24 * 4
/** Milliseconds between two writings: a crash may lose so much of today's sum. */
const WRITE = 5 * 60_000

/** Bytes per second around a moment, milliseconds since 1970. */
export interface Sample {
  readonly at: number
  readonly download: number
  readonly upload: number
}

export interface Amount {
  readonly download: number
  readonly upload: number
}

const stored = z.array(z.tuple([z.int(), z.number().min(0), z.number().min(0)])).max(QUARTERS)

type Moved = { download: number; upload: number }

export class Statistics {
  readonly #file: DurableFile
  readonly #timer: NodeJS.Timeout
  readonly #running = new Map<number, { readonly direction: keyof Moved; bytes: number }>()
  readonly #samples: Sample[] = []
  /** By number of the quarter since 1970, oldest first. */
  readonly #quarters = new Map<number, Moved>()
  #sinceSample: Moved = { download: 0, upload: 0 }
  #sampled = performance.now()
  #sessions = 0
  #written = performance.now()
  #changed = false
  #writing: Promise<void> = Promise.resolve()

  /** Keeps `statistics.json` in the folder. */
  constructor(stateFolder: string) {
    this.#file = new DurableFile(join(stateFolder, 'statistics.json'), { compact: true })
    this.#timer = setInterval(() => this.#tick(), SAMPLE).unref()
  }

  /** Takes over the sums of the run before; numbers that cannot be read are no loss. */
  async load(): Promise<void> {
    await this.#file.sweep()
    const content = stored.safeParse(await this.#file.read().catch(() => null))
    for (const [quarter, download, upload] of content.data ?? []) {
      const { download: more, upload: moreUp } = this.#quarters.get(quarter) ?? { download: 0, upload: 0 }
      this.#quarters.set(quarter, { download: download + more, upload: upload + moreUp })
    }
  }

  /** Give this to the engine. */
  readonly observer: Observer = (event) => this.#observe(event)

  /** Sessions now. */
  get sessions(): number {
    return this.#sessions
  }

  /** Files on their way now. */
  get transfers(): number {
    return this.#running.size
  }

  /** Bytes of files moved since midnight in a time zone (IANA name). */
  today(timeZone: string, now = Date.now()): Amount {
    const day = dayFormat(timeZone)
    const today = day.format(now)
    const sum: Moved = { download: 0, upload: 0 }
    for (const [quarter, moved] of this.#quarters) {
      if (day.format(quarter * QUARTER) !== today) continue
      sum.download += moved.download
      sum.upload += moved.upload
    }
    return sum
  }

  /** Throughput of the last ten minutes, oldest first; one sample each {@link SAMPLE} milliseconds. */
  samples(): readonly Sample[] {
    return this.#samples
  }

  /** Writes for the last time. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#write()
  }

  #observe(event: FtpEvent): void {
    switch (event.kind) {
      case 'session-opened':
        this.#sessions += 1
        break
      case 'session-closed':
        this.#sessions -= 1
        break
      case 'transfer-started': {
        const { id, direction } = event.transfer
        if (direction !== 'listing') this.#running.set(id, { direction, bytes: 0 })
        break
      }
      case 'transfer-progress':
        this.#moved(event.id, event.bytes)
        break
      case 'transfer-ended': {
        const { id, bytes } = event.transfer
        this.#moved(id, bytes)
        this.#running.delete(id)
        break
      }
      default:
    }
  }

  #moved(id: number, bytes: number): void {
    const transfer = this.#running.get(id)
    if (!transfer || bytes <= transfer.bytes) return
    const more = bytes - transfer.bytes
    transfer.bytes = bytes
    this.#sinceSample[transfer.direction] += more
    this.#quarter()[transfer.direction] += more
    this.#changed = true
  }

  #quarter(): Moved {
    const now = Math.floor(Date.now() / QUARTER)
    const known = this.#quarters.get(now)
    if (known) return known
    const moved = { download: 0, upload: 0 }
    this.#quarters.set(now, moved)
    for (const quarter of this.#quarters.keys()) if (this.#quarters.size > QUARTERS) this.#quarters.delete(quarter)
    return moved
  }

  #tick(): void {
    const now = performance.now()
    const seconds = Math.max(0.001, (now - this.#sampled) / 1000)
    const { download, upload } = this.#sinceSample
    this.#samples.push({ at: Date.now(), download: download / seconds, upload: upload / seconds })
    if (this.#samples.length > SAMPLES) this.#samples.shift()
    this.#sinceSample = { download: 0, upload: 0 }
    this.#sampled = now
    if (now - this.#written >= WRITE) void this.#write()
  }

  #write(): Promise<void> {
    this.#written = performance.now()
    if (!this.#changed) return this.#writing
    this.#changed = false
    const rows = [...this.#quarters].map(([quarter, { download, upload }]) => [quarter, download, upload])
    // Numbers for people to look at: a disk that cannot be written to is told of elsewhere.
    this.#writing = this.#file.write(rows).catch(() => undefined)
    return this.#writing
  }
}

const formats = new Map<string, Intl.DateTimeFormat>()

function dayFormat(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  const format = known ?? new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' })
  // The zones of an appliance are few; a client that sends many others gains nothing.
  if (!known && formats.size < 50) formats.set(timeZone, format)
  return format
}
