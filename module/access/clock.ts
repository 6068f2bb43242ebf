/** The two clocks of access control: a steady one that decides and the wall clock, which people read. */
import { readFileSync } from 'node:fs'

export interface Clock {
  /** Milliseconds since some moment; on Linux since the boot. Never jumps. */
  monotonic(): number
  /** Milliseconds since 1970 UTC; jumps whenever somebody sets the clock. */
  wall(): number
  /** Names this boot of the machine: readings of `monotonic` compare within one boot only. Empty = not known. */
  readonly boot: string
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}

/** The machine's own clocks. */
export const systemClock: Clock = {
  // Not performance.now(): that counts from the start of the process and could not be compared after a restart.
  monotonic: () => Number(process.hrtime.bigint() / 1000n) / 1000,
  wall: () => Date.now(),
  boot: bootId(),
}
