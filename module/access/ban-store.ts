/**
 * The file that carries bans and failures over a restart. It holds time left and time passed, never a date that decides, so
 * that a clock that jumps ends no ban early.
 */
import { z } from 'zod'
import { DurableFile } from '../settings/durable-file.ts'
import type { Bans } from './bans.ts'
import type { Clock } from './clock.ts'
import type { Hammering } from './hammering.ts'

/** Milliseconds between writes. */
const INTERVAL = 5000
/** Automatic bans written, those given last: more would hold up everything else while they are written. */
export const STORED_BANS = 20_000
/** Rows a second of a long file, on average: under attack the tables change all the time and flash memory wears. */
const PACE = 250

const moment = z.number()
const saved = z.object({
  version: z.literal(1),
  boot: z.string(),
  monotonic: moment,
  /** When it was written, for people. */
  written: z.string(),
  /** `left`: milliseconds; negative once it is over and only remembered. */
  automatic: z.array(
    z.object({
      origin: z.string(),
      left: z.number(),
      since: moment,
      failures: z.number(),
      times: z.number(),
      user: z.string(),
      domain: z.string(),
    }),
  ),
  manual: z.array(
    z.object({
      mask: z.string(),
      left: z.number(),
      since: moment,
      by: z.string(),
      note: z.string(),
      domain: z.string().exactOptional(),
    }),
  ),
  /** For each origin: milliseconds since a failure and the name it was for. */
  failures: z.array(z.tuple([z.string(), z.array(z.tuple([z.number(), z.string()]))])),
})

export interface BanStoreOptions {
  /** Ends in `.json`; the folder is made if missing. */
  readonly file: string
  readonly clock: Clock
  readonly bans: Bans
  readonly hammering: Hammering
  /** Told of a file that could not be read or written; the service goes on without it. */
  readonly failed: (error: unknown) => void
  /** Milliseconds between writes. */
  readonly interval?: number
}

export class BanStore {
  readonly #options: BanStoreOptions
  readonly #file: DurableFile
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()
  #dirty = false
  #closed = false
  #size = 0

  constructor(options: BanStoreOptions) {
    this.#options = options
    this.#file = new DurableFile(options.file, { compact: true })
  }

  /** Gives stored bans and failures back to the tables. A file that cannot be read is set aside and the one before it used. */
  async load(): Promise<void> {
    const { failed } = this.#options
    await this.#file.sweep()
    try {
      this.#restore(await this.#file.read())
    } catch (error) {
      failed(error)
      await this.#file.setAside().catch(failed)
      const previous = this.#file.readPrevious().then((content) => this.#restore(content))
      await previous.catch(failed)
    }
  }

  /** Something changed that should survive: it is written soon, together with what else changes until then. */
  changed(): void {
    this.#dirty = true
    if (this.#timer || this.#closed) return
    const pause = Math.max(this.#options.interval ?? INTERVAL, (this.#size / PACE) * 1000)
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      void this.flush()
    }, pause)
    this.#timer.unref()
  }

  /** Writes what changed and waits until it is on the disk. */
  async flush(): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      if (!this.#dirty) return
      this.#dirty = false
      try {
        const content = this.#snapshot()
        this.#size = content.automatic.length + content.manual.length + content.failures.length
        await this.#file.write(content)
      } catch (error) {
        this.#options.failed(error)
        this.changed()
      }
    })
    await this.#writing
  }

  /** Writes for the last time. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.flush()
  }

  #snapshot(): z.infer<typeof saved> {
    const { clock, bans, hammering } = this.#options
    const now = clock.monotonic()
    const { automatic, manual } = bans.entries()
    return {
      version: 1,
      boot: clock.boot,
      monotonic: now,
      written: new Date(clock.wall()).toISOString(),
      automatic: automatic.slice(-STORED_BANS).map(({ until, ...ban }) => ({ ...ban, left: until - now })),
      manual: manual.map(({ until, ...ban }) => ({ ...ban, left: until - now })),
      failures: hammering
        .entries()
        .map(({ origin, failures }) => [origin, failures.map(({ at, key }) => [now - at, key])]),
    }
  }

  #restore(content: unknown): void {
    if (content === null) return
    const file = saved.parse(content)
    const { clock, bans, hammering } = this.#options
    const now = clock.monotonic()
    // Within one boot the steady clock tells how long the service was away. After another boot only the time since then is
    // certain; the wall clock may have been wrong at either end, and a ban may last longer but never end early.
    const away = file.boot === clock.boot ? now - file.monotonic : now
    const then = now - (clock.boot === '' ? 0 : Math.max(away, 0))
    bans.restore({
      automatic: file.automatic.map(({ left, ...ban }) => ({ ...ban, until: then + left })),
      manual: file.manual.map(({ left, ...ban }) => ({ ...ban, until: then + left })),
    })
    hammering.restore(
      file.failures.map(([origin, failures]) => ({
        origin,
        failures: failures.map(([age, key]) => ({ at: then - age, key })),
      })),
    )
  }
}
