/** The worker that writes the log: one writer for all files, and the sweeps that keep them small. */
import { getPriority, setPriority } from 'node:os'
import { workerData } from 'node:worker_threads'
import type { Retention } from './retention.ts'
import { entriesOf, OpenRun } from './run.ts'
import type { Run } from './run.ts'
import { Store } from './store.ts'
import type { Appended } from './store.ts'
import { openSyslog } from './syslog.ts'
import type { SyslogOptions } from './syslog.ts'
import { serve } from './worker-link.ts'

export interface StoreData {
  readonly folder: string
  readonly timeZone: string
  readonly retention: Retention
  readonly syslog?: SyslogOptions
}

/** Steps by which the writing stands back behind the engine when both want the processor. */
const STEPS_BACK = 5
const LOWEST = 19
/** Milliseconds between looks at the size. */
const SHRINK = 5000
/**
 * Milliseconds before the calendar decides for the first time, and between: a router that started with a wrong clock has
 * the right one by then, and forgets nothing because of a year that is not.
 */
const EXPIRE = { first: 10 * 60 * 1000, every: 60 * 60 * 1000 }

// On Linux this is the priority of the calling thread alone, elsewhere of the whole process. To step forward is for root only.
if (process.platform === 'linux') setPriority(Math.min(LOWEST, getPriority() + STEPS_BACK))
const data: StoreData = workerData
const store = new Store(data)
const syslog = data.syslog && openSyslog(data.syslog)
let written = true

const shrinking = setInterval(() => {
  if (written) sweep(() => store.shrink())
  written = false
}, SHRINK)
const firstExpiry = setTimeout(() => sweep(() => store.expire()), EXPIRE.first)
const expiry = setInterval(() => sweep(() => store.expire()), EXPIRE.every)
settle(store.settle())

/** One file after the other, with the writing in between: to take over a large one needs seconds. */
function settle(files: Generator<void>): void {
  setImmediate(() => {
    if (!files.next().done) settle(files)
  })
}

function sweep(work: () => void): void {
  try {
    work()
  } catch {
    // A disk at fault; writing says so, and the next sweep tries again.
  }
}

const methods = {
  ready: () => true,
  /** `again`: the run was given before and partly failed, so the syslog host has it. */
  append(run: Run, again: boolean): Appended {
    if (syslog && !again) syslog.send(entriesOf(run))
    written = true
    return store.append(run)
  },
  inspect: (day: string): Appended => {
    store.inspect(day)
    return store.append(new OpenRun())
  },
  close(): void {
    for (const timer of [shrinking, firstExpiry, expiry]) clearTimeout(timer)
    syslog?.close()
    store.close()
  },
}
export type StoreMethods = typeof methods

serve(methods, (error) => ({ message: error instanceof Error ? error.message : 'unexpected error' }))
