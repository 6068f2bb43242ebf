import { expect } from 'chai'
import type { SpeedLimit } from '../../../module/ftp/backend.ts'
import type { Clock } from '../../../module/ftp/data/bucket.ts'
import { Throttle, type Share } from '../../../module/ftp/data/throttle.ts'

const MEBIBYTE = 1024 * 1024

const limit = (bytesPerSecond: number, key = 'server'): SpeedLimit => ({ key, bytesPerSecond })

/** A clock that goes on only when told to. */
class HandClock implements Clock {
  time = 0
  readonly timers = new Set<{ at: number; action: () => void }>()

  now(): number {
    return this.time
  }

  after(milliseconds: number, action: () => void) {
    const timer = { at: this.time + milliseconds, action }
    this.timers.add(timer)
    return { cancel: () => void this.timers.delete(timer) }
  }

  /** Lets milliseconds pass; whatever the timers wake runs in between. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.time + milliseconds
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve))
      const next = [...this.timers].sort((a, b) => a.at - b.at)[0]
      if (!next || next.at > end) break
      this.timers.delete(next)
      this.time = Math.max(this.time, next.at)
      next.action()
    }
    this.time = end
  }
}

/** A transfer that sends as fast as its share lets it, or slower by a delay for each piece. */
class Sender {
  sent = 0
  failure: unknown
  readonly #abort = new AbortController()

  constructor(clock: Clock, share: Share, delay = 0) {
    void this.#send(clock, share, delay).catch((error: unknown) => (this.failure = error))
  }

  stop(): void {
    this.#abort.abort(new Error('stopped'))
  }

  async #send(clock: Clock, share: Share, delay: number): Promise<void> {
    try {
      for (;;) {
        const piece = share.quantum
        await share.take(piece, this.#abort.signal)
        this.sent += piece
        if (delay > 0) await new Promise<void>((resolve) => clock.after(delay, resolve))
      }
    } finally {
      share.leave()
    }
  }
}

describe('Throttle', () => {
  let clock: HandClock
  let throttle: Throttle
  const senders: Sender[] = []

  beforeEach(() => {
    clock = new HandClock()
    throttle = new Throttle(clock)
  })

  afterEach(async () => {
    for (const running of senders.splice(0)) running.stop()
    // A slow one notices it after its delay.
    await clock.pass(1000)
    expect(throttle.size, 'buckets that nobody uses').to.equal(0)
    expect(clock.timers.size, 'timers that nobody needs').to.equal(0)
  })

  function sender(limits: readonly SpeedLimit[] | (() => readonly SpeedLimit[]), delay?: number): Sender {
    const share = throttle.join(typeof limits === 'function' ? limits : () => limits)
    if (!share) throw new Error('There is no limit.')
    const made = new Sender(clock, share, delay)
    senders.push(made)
    return made
  }

  /** What each sends in so many milliseconds, octets in a second. */
  async function speeds(list: readonly Sender[], milliseconds = 5000): Promise<number[]> {
    const before = list.map(({ sent }) => sent)
    await clock.pass(milliseconds)
    return list.map(({ sent }, index) => ((sent - (before[index] ?? 0)) * 1000) / milliseconds)
  }

  it('has nothing to do where there is no limit', () => {
    expect(throttle.join(() => []).take(1000, new AbortController().signal)).to.be.undefined
  })

  for (const rate of [1000, 20_000, MEBIBYTE, 100 * MEBIBYTE]) {
    it(`holds one transfer to ${rate} bytes in a second from its first piece on`, async () => {
      const [speed] = await speeds([sender([limit(rate)])])
      expect(speed).to.be.closeTo(rate, rate * 0.05 + 1024 / 5)
    })
  }

  for (const count of [2, 7, 50]) {
    it(`shares a limit among ${count} transfers within 10 % over 5 s`, async () => {
      const rate = 2 * MEBIBYTE
      const list = Array.from({ length: count }, () => sender([limit(rate)]))
      for (const speed of await speeds(list)) expect(speed).to.be.closeTo(rate / count, (rate / count) * 0.1)
    })
  }

  it('gives what a slow transfer does not use to the others', async () => {
    const slow = sender([limit(MEBIBYTE)], 1000)
    const fast = sender([limit(MEBIBYTE)])
    const [slowSpeed = 0, fastSpeed = 0] = await speeds([slow, fast])
    expect(slowSpeed).to.be.below(MEBIBYTE / 10)
    expect(slowSpeed + fastSpeed).to.be.closeTo(MEBIBYTE, MEBIBYTE * 0.05)
  })

  it('does not pay back what a transfer did not use for long', async () => {
    const early = sender([limit(MEBIBYTE)])
    await clock.pass(60_000)
    const late = sender([limit(MEBIBYTE)])
    for (const speed of await speeds([early, late])) expect(speed).to.be.closeTo(MEBIBYTE / 2, MEBIBYTE / 20)
  })

  it('gives a client that sends one small file after the other no more than its part', async () => {
    const long = sender([limit(MEBIBYTE)])
    let small = 0
    const { signal } = new AbortController()
    const busy = (async () => {
      while (clock.time < 5000) {
        const share = throttle.join(() => [limit(MEBIBYTE)])
        await share.take(10_000, signal)
        small += 10_000
        share.leave()
      }
    })()
    const [speed] = await speeds([long])
    await clock.pass(1000)
    await busy
    expect(speed).to.be.above((MEBIBYTE / 2) * 0.9)
    expect(small / 5).to.be.above(MEBIBYTE / 5)
  })

  it('shares evenly among pieces of different sizes', async () => {
    const one = sender([limit(MEBIBYTE), limit(100 * MEBIBYTE, 'wide')])
    const other = sender([limit(MEBIBYTE)], 3)
    for (const speed of await speeds([one, other])) expect(speed).to.be.closeTo(MEBIBYTE / 2, MEBIBYTE / 20)
  })

  it('lets the tightest of several limits hold and the others use the rest', async () => {
    const anna = [sender([limit(MEBIBYTE), limit(200_000, 'anna')]), sender([limit(MEBIBYTE), limit(200_000, 'anna')])]
    const ben = sender([limit(MEBIBYTE), limit(10 * MEBIBYTE, 'ben')])
    const [first = 0, second = 0, third = 0] = await speeds([...anna, ben])
    expect(first).to.be.closeTo(100_000, 10_000)
    expect(second).to.be.closeTo(100_000, 10_000)
    expect(third).to.be.closeTo(MEBIBYTE - 200_000, MEBIBYTE * 0.05)
  })

  it('takes the smaller rate where one key is named twice', async () => {
    const [speed] = await speeds([sender([limit(MEBIBYTE), limit(100_000)])])
    expect(speed).to.be.closeTo(100_000, 10_000)
  })

  it('follows a change at once, also while everybody waits', async () => {
    let rate = 10
    const one = sender(() => [limit(rate)])
    const other = sender(() => [limit(rate)])
    await clock.pass(1000)
    rate = MEBIBYTE
    await clock.pass(300)
    for (const speed of await speeds([one, other])) expect(speed).to.be.closeTo(MEBIBYTE / 2, MEBIBYTE / 20)
    rate = 100_000
    for (const speed of await speeds([one, other])) expect(speed).to.be.closeTo(50_000, 5_000)
  })

  it('lets a waiting transfer go when its limit is lifted', async () => {
    let limits: SpeedLimit[] = [limit(0.001)]
    const share = throttle.join(() => limits)
    const { signal } = new AbortController()
    await Promise.all([share.take(1000, signal), clock.pass(1000)])
    let waiting = true
    const second = share.take(1000, signal)?.then(() => (waiting = false))
    await clock.pass(1000)
    expect(waiting).to.be.true
    limits = []
    await clock.pass(300)
    await second
    share.leave()
  })

  it('saves up no more than a tenth of a second', async () => {
    const share = throttle.join(() => [limit(MEBIBYTE)])
    await clock.pass(60_000)
    let taken = 0
    const busy = (async () => {
      for (;;) {
        await share.take(1024, AbortSignal.timeout(60_000))
        taken += 1024
      }
    })().catch(() => undefined)
    await new Promise((resolve) => setImmediate(resolve))
    expect(taken).to.be.within(0, MEBIBYTE / 10)
    share.leave()
    await busy
  })

  it('lets go a transfer that is aborted while it waits, and goes on with the others', async () => {
    const aborted = sender([limit(1000)])
    const other = sender([limit(1000)])
    await clock.pass(500)
    aborted.stop()
    await clock.pass(0)
    expect(aborted.failure).to.have.property('message', 'stopped')
    const [speed] = await speeds([other], 10_000)
    expect(speed).to.be.closeTo(1000, 110)
  })

  it('gives larger pieces to many, so that all together ask no more than a thousand times a second', () => {
    const rate = 100 * MEBIBYTE
    for (const [count, turns] of [
      [1, 20],
      [50, 20],
      [200, 5],
      [500, 4],
    ] as const) {
      const shares = Array.from({ length: count }, () => throttle.join(() => [limit(rate)]))
      expect(shares.at(-1)?.quantum).to.equal(Math.min(512 * 1024, Math.floor(rate / count / turns)))
      for (const share of shares) share.leave()
    }
  })

  it('refuses a second piece while the first one waits', async () => {
    const share = throttle.join(() => [limit(10)])
    const { signal } = new AbortController()
    const first = share.take(1000, signal)
    const failure = await share.take(1000, signal)?.catch((error: unknown) => error)
    expect(failure).to.be.an('error')
    share.leave()
    expect(await first?.catch((error: unknown) => error)).to.be.an('error')
  })

  it('keeps a rate by the real clock', async () => {
    const real = new Throttle()
    const shares = [real.join(() => [limit(4 * MEBIBYTE)]), real.join(() => [limit(4 * MEBIBYTE)])]
    const started = performance.now()
    const { signal } = new AbortController()
    await Promise.all(
      shares.map(async (share) => {
        if (!share) throw new Error('There is no limit.')
        let left = MEBIBYTE
        while (left > 0) {
          await share.take(share.quantum, signal)
          left -= share.quantum
        }
        share.leave()
      }),
    )
    expect(performance.now() - started).to.be.within(400, 900)
    expect(real.size).to.equal(0)
  })
})
