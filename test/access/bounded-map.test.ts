/** The bounded map against a list that does the same the slow way. */
import { expect } from 'chai'
import * as fc from 'fast-check'
import { BoundedMap } from '../../module/access/bounded-map.ts'

describe('a bounded map', () => {
  it('forgets what was set longest ago, whatever happens in between', () => {
    const key = fc.integer({ min: 0, max: 9 })
    const step = fc.tuple(fc.constantFrom('set', 'set', 'set', 'delete', 'replace', 'clear'), key)
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.array(step, { maxLength: 200 }), (limit, steps) => {
        const map = new BoundedMap<number, number>(limit)
        let model: (readonly [number, number])[] = []
        steps.forEach(([action, at], value) => {
          if (action === 'clear') {
            if (at > 0) return
            map.clear()
            model = []
          } else if (action === 'delete') {
            map.delete(at)
            model = model.filter(([name]) => name !== at)
          } else if (action === 'replace') {
            map.replace(at, value)
            model = model.map((entry) => (entry[0] === at ? [at, value] : entry))
          } else {
            map.set(at, value)
            model = [...model.filter(([name]) => name !== at), [at, value] as const].slice(-limit)
          }
          expect([...map.keys()]).to.deep.equal(model.map(([name]) => name))
          expect([...map.values()]).to.deep.equal(model.map(([, held]) => held))
          expect(map.size).to.equal(model.length)
        })
      }),
    )
  })
})
