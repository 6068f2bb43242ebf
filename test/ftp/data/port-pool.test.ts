import { expect } from 'chai'
import * as fc from 'fast-check'
import { PortPool } from '../../../module/ftp/data/port-pool.ts'

describe('PortPool', () => {
  it('leases every port of the range once and then none', () => {
    const pool = new PortPool(50000, 50009)
    const leased = Array.from({ length: 10 }, () => pool.lease())
    expect(leased).to.have.members(Array.from({ length: 10 }, (_, index) => 50000 + index))
    expect(pool.lease()).to.be.undefined
    expect(pool.free).to.equal(0)
    expect(pool.size).to.equal(10)
  })

  it('leases a port again once it was released', () => {
    const pool = new PortPool(65535, 65535)
    expect(pool.lease()).to.equal(65535)
    pool.release(65535)
    expect(pool.lease()).to.equal(65535)
  })

  it('takes a second release and a foreign port for nothing', () => {
    const pool = new PortPool(50000, 50001)
    const port = pool.lease() ?? 0
    for (const wrong of [port, port, 49999, 50002, 0, -1, 1.5, NaN]) pool.release(wrong)
    expect(pool.free).to.equal(2)
    expect(new Set([pool.lease(), pool.lease()]).size).to.equal(2)
  })

  it('leases port 0 for ever when any port will do', () => {
    const pool = new PortPool(0, 0)
    for (let times = 0; times < 100; times += 1) expect(pool.lease()).to.equal(0)
    pool.release(0)
    expect(pool.free).to.equal(Infinity)
    expect(pool.size).to.equal(Infinity)
  })

  it('does not let a client predict the next port (RFC 2577 section 8)', () => {
    const steps = new Set<number>()
    const pool = new PortPool(20000, 60000)
    let last = 0
    for (let times = 0; times < 12; times += 1) {
      const port = pool.lease() ?? 0
      pool.release(port)
      steps.add(port - last)
      last = port
    }
    expect(steps.size).to.be.above(8)
  })

  it('never leases one port twice at once', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat(11))), (actions) => {
        const pool = new PortPool(1, 10)
        const leased = new Set<number>()
        for (const release of actions) {
          if (release !== null) {
            pool.release(release)
            leased.delete(release)
          } else {
            const port = pool.lease()
            if (port === undefined) expect(leased.size).to.equal(10)
            else expect(leased.has(port)).to.be.false
            if (port !== undefined) leased.add(port)
          }
          expect(pool.free).to.equal(10 - leased.size)
        }
      }),
    )
  })
})
