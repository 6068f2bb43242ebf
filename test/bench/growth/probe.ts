/** Goes into the server with `--import` and answers, over the channel to the process that started it, how the process is doing. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { isMainThread } from 'node:worker_threads'

/** `watch` begins to measure the delay of the event loop anew; `tidy` collects garbage first. */
export type Order = 'look' | 'tidy' | 'watch'

export interface Look {
  /** Microseconds of CPU time of all threads since the start. */
  readonly cpu: number
  /** Bytes of the main thread's heap, and of what its objects hold outside. */
  readonly heap: number
  readonly external: number
  readonly rss: number
  /** Milliseconds between two turns of a timer of one millisecond, since `watch`. */
  readonly delay: { readonly p50: number; readonly p99: number; readonly p999: number; readonly longest: number }
}

/** Milliseconds between two looks of the histogram; part of every figure. */
const RESOLUTION = 1

const delay = monitorEventLoopDelay({ resolution: RESOLUTION })

function obey(order: Order): Look {
  if (order === 'tidy') tidy()
  const { user, system } = process.cpuUsage()
  const { heapUsed: heap, external, rss } = process.memoryUsage()
  const milliseconds = (percent: number) => delay.percentile(percent) / 1e6
  const look = {
    cpu: user + system,
    heap,
    external,
    rss,
    delay: { p50: milliseconds(50), p99: milliseconds(99), p999: milliseconds(99.9), longest: delay.max / 1e6 },
  }
  if (order === 'watch') {
    delay.enable()
    delay.reset()
  }
  return look
}

function tidy(): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  // What a finalizer lets go is only free the second time.
  collect()
  collect()
}

if (isMainThread && process.send) {
  process.on('message', (order: Order) => process.send?.(obey(order)))
  // The server lives as long as it would without, but not longer than who measures it.
  process.channel?.unref()
  process.once('disconnect', () => process.exit())
}
