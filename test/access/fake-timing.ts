/** A steady clock with timers that run only when a test lets time pass. */
import type { Timing } from '../../module/service/probation.ts'

export interface FakeTiming extends Timing {
  /** Lets so many seconds pass; what was due is done, in its order. */
  pass(seconds: number): void
}

export function fakeTiming(): FakeTiming {
  let now = 1_000_000
  const waiting = new Set<{ readonly at: number; readonly work: () => void }>()
  return {
    clock: { monotonic: () => now },
    after(milliseconds, work) {
      const timer = { at: now + milliseconds, work }
      waiting.add(timer)
      return () => void waiting.delete(timer)
    },
    pass(seconds) {
      now += seconds * 1000
      const due = [...waiting].filter(({ at }) => at <= now).sort((one, other) => one.at - other.at)
      for (const timer of due) {
        waiting.delete(timer)
        timer.work()
      }
    },
  }
}
