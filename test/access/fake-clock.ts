/** A clock that stands still until a test moves it. */
import type { Clock } from '../../module/access/clock.ts'

export interface FakeClock extends Clock {
  /** Lets time pass on both clocks, seconds. */
  pass(seconds: number): void
  /** Sets the wall clock alone, as a person or NTP would, seconds. */
  jump(seconds: number): void
}

export function fakeClock({ monotonic = 1_000_000, wall = Date.UTC(2030, 0, 1), boot = 'first boot' } = {}): FakeClock {
  let steady = monotonic
  let shown = wall
  return {
    boot,
    monotonic: () => steady,
    wall: () => shown,
    pass(seconds) {
      steady += seconds * 1000
      shown += seconds * 1000
    },
    jump(seconds) {
      shown += seconds * 1000
    },
  }
}
