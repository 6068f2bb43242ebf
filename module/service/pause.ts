/** Being off for a time: until when, and the alarm at the end of it. */
import type { Settings } from '../settings/schema.ts'

/** Milliseconds between two looks at the clock: it may be set meanwhile. */
const LOOK = 15_000

/** When the service runs again, milliseconds since 1970; undefined when it is not off for a time. */
export function pausedUntil({ enabled, pausedUntil: until }: Settings, now = Date.now()): number | undefined {
  const end = until === undefined ? 0 : Date.parse(until)
  return enabled && end > now ? end : undefined
}

/** Whether the service should run now. */
export function wanted(settings: Settings): boolean {
  return settings.enabled && pausedUntil(settings) === undefined
}

/** Calls once when a time has come by the wall clock. */
export class Alarm {
  readonly #ring: () => void
  #timer: NodeJS.Timeout | undefined

  constructor(ring: () => void) {
    this.#ring = ring
  }

  /** Milliseconds since 1970; undefined = never. Takes the place of the time before. */
  set(time: number | undefined): void {
    clearTimeout(this.#timer)
    if (time === undefined) return
    const left = time - Date.now()
    if (left <= 0) return this.#ring()
    this.#timer = setTimeout(() => this.set(time), Math.min(left, LOOK)).unref()
  }
}
