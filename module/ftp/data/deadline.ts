/** Deadlines that are hardly ever missed: one timer for all of them, since one for each costs more than a small file has time for. */

const open = new Set<Deadline>()
let timer: NodeJS.Timeout | undefined
/** When the timer looks at them next, monotonic milliseconds. */
let next = Infinity

/** Calls `missed` after so many milliseconds unless it is cancelled before. It keeps no process alive. */
export class Deadline {
  readonly at: number
  readonly missed: () => void

  constructor(milliseconds: number, missed: () => void) {
    this.at = performance.now() + milliseconds
    this.missed = missed
    open.add(this)
    if (this.at < next) lookAt(this.at)
  }

  /** Harmless when it has been missed. */
  cancel(): void {
    open.delete(this)
  }
}

/** Longest time of a timer, milliseconds. */
const LONGEST = 2 ** 31 - 1

function lookAt(at: number): void {
  clearTimeout(timer)
  next = at
  timer = setTimeout(look, Math.min(LONGEST, Math.max(1, at - performance.now()))).unref()
}

function look(): void {
  next = Infinity
  const now = performance.now()
  let soonest = Infinity
  for (const deadline of open) {
    if (deadline.at > now) soonest = Math.min(soonest, deadline.at)
    else if (open.delete(deadline)) deadline.missed()
  }
  // One that was missed may have set others.
  if (soonest < next) lookAt(soonest)
}
