/** The log with a hundred thousand entries in a day; the full measure is taken by test/bench/journal.ts. */
import { expect } from 'chai'
import type { Filter } from '../../module/journal/filter.ts'
import { DAY, temporaryLog, type TemporaryLog } from './temporary-log.ts'

const ENTRIES = 100_000

describe('the log with 100,000 entries in a day', () => {
  let log: TemporaryLog

  before(async () => {
    log = await temporaryLog()
    for (let index = 0; index < ENTRIES; index += 5000) {
      const batch = Array.from({ length: 5000 }, (_, offset) => sample(index + offset))
      await log.write(...batch)
    }
  })
  after(async () => {
    await log[Symbol.asyncDispose]()
  })

  const filters: readonly Omit<Filter, 'day'>[] = [
    {},
    { kinds: ['error'] },
    { kinds: ['message', 'warning'] },
    { user: 'u7' },
    { session: 's5' },
    { user: 'u7', kinds: ['message'] },
    { search: 'rare needle' },
    { search: 'RETR' },
  ]
  for (const filter of filters) {
    // Ten times the target of a page: the machine that runs this may be busy with the other suites.
    it(`shows any page of ${JSON.stringify(filter)} at once`, async () => {
      for (const page of [1, ENTRIES / 200, 'last'] as const) {
        const began = performance.now()
        const { entries } = await log.journal.page({ day: DAY, ...filter }, { page })
        expect(performance.now() - began).to.be.lessThan(500)
        expect(entries).to.not.be.empty
      }
    })
  }
})

function sample(index: number): { kind: 'message' | 'error'; user: string; session: string; text: string } {
  const kind = index % 100 === 0 ? 'error' : 'message'
  const text = `> RETR /Scans/2026/invoice-${index}.pdf${index === 70_000 ? ' rare needle' : ''}`
  return { kind, user: `u${index % 50}`, session: `s${Math.floor(index / 40)}`, text }
}
