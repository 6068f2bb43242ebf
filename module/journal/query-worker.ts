/** The worker that reads the log, so that a search never waits behind writing, nor writing behind a search. */
import { workerData } from 'node:worker_threads'
import { DamagedDay, Queries } from './queries.ts'
import { serve } from './worker-link.ts'

const data: ConstructorParameters<typeof Queries>[0] = workerData
const queries = new Queries(data)

const methods = {
  ready: () => true,
  days: (month: string) => queries.days(month),
  page: (...values: Parameters<Queries['page']>) => queries.page(...values),
  trail: (...values: Parameters<Queries['trail']>) => queries.trail(...values),
  story: (session: string) => queries.story(session),
  piece: (...values: Parameters<Queries['piece']>) => queries.piece(...values),
}
export type QueryMethods = typeof methods

serve(methods, (error) => ({
  message: error instanceof Error ? error.message : 'unexpected error',
  ...(error instanceof DamagedDay ? { damagedDay: error.day } : {}),
}))

// A damaged day says so to whoever asks for it.
void queries.warm().catch(() => undefined)
