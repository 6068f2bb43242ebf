/** What the start, and a burst of work after it, took and do not need any more is the system's again once they are over. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { heapTrimmer } from './allocator.ts'

/** Milliseconds between two looks at how busy the process is. */
const LOOK = 500
/** Milliseconds of processor time within one look up to which the process is at rest. */
const REST = 25
/** Milliseconds of processor time that leave something to be given back: compiling a program takes more memory than the program. */
const WORK = 100

/** From here on; it takes milliseconds, and holds up whoever comes meanwhile. Keeps no process alive. */
export function giveBackAtRest(): void {
  const trim = heapTrimmer()
  let started = false
  whenAtRest(() => {
    // Once: with objects that nobody has just now V8 also throws away the code that it has compiled for them.
    if (!started) collectGarbage()
    started = true
    trim?.()
  })
}

function whenAtRest(deed: () => void): void {
  let seen = spent()
  // The start itself is work.
  let done = 0
  setInterval(() => {
    const now = spent()
    const resting = now - seen <= REST
    seen = now
    if (!resting || now - done <= WORK) return
    deed()
    done = seen = spent()
  }, LOOK).unref()
}

/** Milliseconds of processor time of all threads. */
function spent(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** V8 shows its collection to contexts only that are made while it is told to. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  const collection: unknown = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  if (typeof collection === 'function') collection()
}
