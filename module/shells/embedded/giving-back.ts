/** What the process does not need any more is the system's again once a burst of work is over. */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { heapTrimmer } from './allocator.ts'

/** Milliseconds between two looks at how busy the process is. */
const LOOK = 500
/** Milliseconds of processor time within one look up to which the process is at rest. */
const REST = 25
/** Milliseconds of processor time that leave something to be given back: compiling a program takes more memory than the program. */
const WORK = 100
/**
 * Octets that have to have come to V8's heap before it looks which of it is still in use: that takes some 40 ms, and by itself V8
 * waits until the heap has grown by half.
 */
const GROWTH = 8 * 1024 * 1024

/** From here on; it takes milliseconds, and holds up whoever comes meanwhile. Keeps no process alive. */
export function giveBackAtRest(): void {
  const trim = heapTrimmer()
  // Loading the program leaves much of what it took.
  let least = 0
  whenAtRest(() => {
    least = Math.min(least, lasting())
    if (lasting() - least >= GROWTH) {
      collect()
      least = lasting()
    }
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

/** Octets of this thread's heap, in use or not, beside those of the new objects that V8 looks through all the time. */
function lasting(): number {
  const spaces = getHeapSpaceStatistics().filter(({ space_name: name }) => !name.startsWith('new_'))
  return spaces.reduce((sum, { space_used_size: used }) => sum + used, 0)
}

/** V8 shows its collection to contexts only that are made while it is told to. */
function collect(): void {
  setFlagsFromString('--expose-gc')
  const collection: unknown = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  if (typeof collection === 'function') collection()
}
