/** Which work for a disk is done at once, and how many threads a disk that hangs can hold. */
import { expect } from 'chai'
import { Pace } from '../../module/resources/pace.ts'

const EXT4 = 0xef53
const TMPFS = 0x01021994
/** What libuv has where nobody has set another number. */
const THREADS = Number(process.env['UV_THREADPOOL_SIZE']) || 4

describe('the pace of a disk', () => {
  it('changes a disk through threads, however quickly it answers, and memory at once', async () => {
    for (const [type, way] of [
      [EXT4, 'threaded'],
      [TMPFS, 'direct'],
    ] as const) {
      const pace = new Pace(type)
      await pace.call(
        () => 0,
        async () => 0,
      )
      expect(pace.quick, 'it has just answered').to.equal(true)
      const look = pace.call(
        () => 'direct',
        async () => 'threaded',
      )
      expect(await look).to.equal('direct')
      const change = pace.change(
        () => 'direct',
        async () => 'threaded',
      )
      expect(await change).to.equal(way)
    }
  })

  it('leaves half of the threads to others when a disk hangs, whatever is asked of it', async () => {
    const pace = new Pace(EXT4)
    const hanging = Promise.withResolvers<string>()
    let begun = 0
    const threaded = async () => {
      begun += 1
      return hanging.promise
    }
    const works = Array.from({ length: 10 }, async (_, at) => {
      if (at % 3 === 0) return pace.threaded(threaded)
      return at % 3 === 1 ? pace.change(() => 'direct', threaded) : pace.call(() => 'direct', threaded)
    })
    await new Promise(setImmediate)
    expect(begun).to.equal(Math.max(1, Math.floor(THREADS / 2)))
    const other = new Pace(EXT4)
    expect(await other.threaded(async () => 'another disk')).to.equal('another disk')
    hanging.resolve('it answers')
    expect(await Promise.all(works)).to.deep.equal(Array.from({ length: 10 }, () => 'it answers'))
  })

  it('goes on after work that fails, in the order of asking', async () => {
    const pace = new Pace(EXT4)
    const order: number[] = []
    const works = Array.from({ length: 9 }, (_, at) =>
      pace.threaded(async () => {
        order.push(at)
        await new Promise(setImmediate)
        if (at % 2 === 0) throw new Error('no')
        return at
      }),
    )
    const ends = await Promise.allSettled(works)
    expect(order).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8])
    expect(ends.map(({ status }) => status === 'fulfilled')).to.deep.equal(order.map((at) => at % 2 === 1))
    expect(await pace.threaded(async () => 'more')).to.equal('more')
  })
})
