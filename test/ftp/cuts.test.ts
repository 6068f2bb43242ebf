/** Transfers of all kinds, cut at random points by either side: right replies, the right octets, and nothing left behind. */
import { expect } from 'chai'
import { eventually } from '../cap.ts'
import { Cutting, descriptors } from '../cutting.ts'

const LANES = 8

describe('transfers cut at random points', () => {
  for (const [transport, transfers] of [
    ['plain', 160],
    ['explicit TLS', 40],
  ] as const) {
    it(`leave neither descriptors nor files behind (${transport})`, async () => {
      const before = descriptors()['socket'] ?? 0
      {
        await using cutting = await Cutting.make({ lanes: LANES, transport, large: 4 * 1024 * 1024, names: 1000 })
        await cutting.cut(transfers)
        expect(cutting.wrong).to.deep.equal([])
        await eventually(
          () => cutting.it.server.sessions().length === LANES && cutting.leftOver().length === 0,
          'all had ended',
        )
      }
      await eventually(() => (descriptors()['socket'] ?? 0) <= before, 'the descriptors are closed', 8000)
    })
  }
})
