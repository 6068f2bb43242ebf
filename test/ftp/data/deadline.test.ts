/** One timer for all deadlines: each is missed in its time, none before, and none that was cancelled. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { Deadline } from '../../../module/ftp/data/deadline.ts'
import { capped } from '../../cap.ts'

/** Milliseconds of a deadline that no test waits for. */
const LONG = 60_000

describe('deadlines', () => {
  it('are all missed, and none before its time, in whatever order they were set', async () => {
    const last = set(LONG, () => expect.fail('missed too early'))
    const late = await Promise.all([80, 20, 50, 0, 20].map(missed))
    last.cancel()
    for (const milliseconds of late) expect(milliseconds).to.be.at.least(0)
  })

  it('are not missed once they are cancelled, and the others are all the same', async () => {
    const called: string[] = []
    const soonest = set(5, () => called.push('cancelled'))
    const other = missed(20)
    soonest.cancel()
    await other
    soonest.cancel()
    expect(called).to.deep.equal([])
  })

  it('are not missed when one that is missed in the same moment cancels them', async () => {
    const called: string[] = []
    set(1, () => {
      called.push('first')
      second.cancel()
    })
    const second = set(2, () => called.push('second'))
    // Both are over when somebody looks.
    while (performance.now() <= second.at);
    await missed(5)
    expect(called).to.deep.equal(['first'])
  })

  it('can be set while others are missed', async () => {
    const chain = Promise.withResolvers<void>()
    const began = performance.now()
    set(5, () => set(10, () => set(0, chain.resolve)))
    await capped(chain.promise, 'the last of them')
    expect(performance.now() - began).to.be.at.least(15)
  })

  it('may lie beyond what a timer can last, and beyond everything', async () => {
    const warnings: string[] = []
    const warned = ({ message }: Error) => warnings.push(message)
    process.on('warning', warned)
    try {
      // The second one is the soonest when the timer is set anew.
      const far = [Infinity, 2 ** 40].map((time) => set(time, () => expect.fail('missed')))
      await missed(5)
      await missed(5)
      for (const deadline of far) deadline.cancel()
      expect(warnings).to.deep.equal([])
    } finally {
      process.off('warning', warned)
    }
  })

  it('keep no process alive', async () => {
    const url = new URL('../../../module/ftp/data/deadline.ts', import.meta.url)
    const script = `const { Deadline } = await import('${url.href}'); new Deadline(${LONG}, () => undefined); console.log('done')`
    const arguments_ = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script]
    const { stdout } = await promisify(execFile)(process.execPath, arguments_, { timeout: LONG / 4 })
    expect(stdout).to.equal('done\n')
  })
})

function set(time: number, told: () => unknown): Deadline {
  return new Deadline(time, () => void told())
}

/** How late one was missed, milliseconds. */
function missed(time: number): Promise<number> {
  const began = performance.now()
  const late = new Promise<number>((resolve) => {
    set(time, () => resolve(performance.now() - began - time))
  })
  return capped(late, `a deadline of ${time} ms`)
}
