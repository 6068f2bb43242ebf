/** How many threads disks that hang can hold, and which disk a path is counted for. */
import { expect } from 'chai'
import { CROWD, DiskThreads, threadsAt } from '../../module/resources/disk-threads.ts'
import { deviceIn, mountsIn } from '../../module/resources/mounts.ts'
import { at as virtual, share, World } from './fixture.ts'

/** What libuv has where nobody has set another number. */
const THREADS = Number(process.env['UV_THREADPOOL_SIZE']) || 4

/** A disk that answers nothing until it is told to. */
class HangingDisk {
  readonly threads = new DiskThreads()
  readonly #answer = Promise.withResolvers<void>()
  readonly #works: Promise<void>[] = []
  begun = 0

  readonly #work = () => {
    this.begun += 1
    return this.#answer.promise
  }

  ask(times: number, how: 'run' | 'lookUp' = 'run'): void {
    for (let at = 0; at < times; at++) this.#works.push(this.threads[how](this.#work))
  }

  /** Lets go; whatever was asked has been answered then. */
  async answer(): Promise<void> {
    this.#answer.resolve()
    await Promise.all(this.#works)
  }
}

const settled = () => new Promise(setImmediate)

const fails = async () => {
  await settled()
  throw new Error('no')
}

describe('the threads for disks', () => {
  it('leave one to logins and pages, however many disks hang at once', async () => {
    const disks = Array.from({ length: THREADS + 2 }, () => new HangingDisk())
    for (const disk of disks) disk.ask(THREADS)
    await settled()
    const begun = disks.map((disk) => disk.begun)
    expect(begun[0], 'the first takes half').to.equal(Math.max(1, Math.floor(THREADS / 2)))
    expect(begun.reduce((sum, one) => sum + one)).to.equal(Math.max(1, THREADS - 1))
    // Whoever waits for others goes on when they answer.
    await Promise.all(disks.map((disk) => disk.answer()))
    expect(disks.map((disk) => disk.begun)).to.deep.equal(disks.map(() => THREADS))
  })

  it('are a quarter for paths that are looked up, whose links may lead to the disk that hangs', async () => {
    const disk = new HangingDisk()
    disk.ask(THREADS, 'lookUp')
    await settled()
    expect(disk.begun).to.equal(Math.max(1, Math.floor(THREADS / 4)))
    const opened = disk.threads.run(async () => 'a folder that is open')
    if (THREADS > 3) expect(await opened).to.equal('a folder that is open')
    await disk.answer()
    expect(await opened).to.equal('a folder that is open')
  })

  it('go round, so that a busy disk does not keep another one waiting', async () => {
    const [busy, other, hanging] = [new DiskThreads(), new DiskThreads(), new HangingDisk()]
    hanging.ask(THREADS)
    const order: string[] = []
    const work = async (name: string) => {
      await settled()
      order.push(name)
    }
    const works = Array.from({ length: 20 }, (_, at) =>
      at < 18 ? busy.run(() => work('busy')) : other.run(() => work('other')),
    )
    await Promise.all([...works, hanging.answer()])
    expect(order.slice(0, 10)).to.include('other')
  })

  it('tell a disk that has left something unanswered for longer than it may take', async () => {
    const [patient, impatient] = [new DiskThreads(), new DiskThreads()]
    const answer = Promise.withResolvers<void>()
    const asked = [impatient.run(() => answer.promise, 0), patient.run(() => answer.promise)]
    expect([impatient.silent, impatient.idle]).to.deep.equal([true, false])
    expect([patient.silent, patient.idle], 'it may just have to wake up').to.deep.equal([false, false])
    answer.resolve()
    await Promise.all(asked)
    expect([impatient.silent, impatient.idle]).to.deep.equal([false, true])
  })

  it('go on after work that fails', async () => {
    const threads = new DiskThreads()
    const ends = await Promise.allSettled(
      Array.from({ length: 9 }, (_, at) => (at % 2 === 0 ? threads.run(fails) : threads.lookUp(fails))),
    )
    expect(ends.every(({ status }) => status === 'rejected')).to.equal(true)
    expect(await threads.lookUp(async () => 'more')).to.equal('more')
  })
})

describe('requests that wait for a disk that does not answer', () => {
  // Before its settings are known nobody has seen its folder, after that only what lies deeper has to be looked up.
  for (const [folder, when] of [
    ['/Share', 'before'],
    ['/Share/deep', 'after'],
  ] as const) {
    it(`are refused beyond some hundreds for ${folder}, however often clients come again`, async () => {
      await using world = new World()
      world.put('share/deep/file')
      if (when === 'after') await world.set(share())
      const threads = threadsAt(world.storage)
      const answer = Promise.withResolvers<void>()
      const hanging = Array.from({ length: THREADS }, () => threads.run(() => answer.promise, 0))
      if (when === 'before') await world.set(share())
      const asked = Array.from({ length: 2 * CROWD }, () => world.files().enter(virtual(folder)))
      const refused: unknown[] = []
      for (const one of asked) one.catch((error: unknown) => refused.push(error))
      await settled()
      const { length } = refused
      answer.resolve()
      await Promise.all(hanging)
      await Promise.allSettled(asked)
      expect(length).to.be.within(CROWD - THREADS, CROWD + THREADS)
      expect(refused, 'the others were answered').to.have.length(length)
      for (const error of refused) expect(error).to.include({ kind: 'busy' })
      await world.files().enter(virtual(folder))
    })
  }
})

describe('the disk of a path', () => {
  const mounts = mountsIn(
    [
      String.raw`21 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw`,
      String.raw`30 21 8:1 / /mnt/usb rw,relatime shared:2 - vfat /dev/sda1 rw`,
      String.raw`31 21 8:17 / /mnt/My\040disk\134s rw,relatime - ext4 /dev/sdb1 rw`,
      String.raw`32 30 8:33 / /mnt/usb/inner rw,relatime - ext4 /dev/sdc1 rw`,
      String.raw`33 21 0:50 / /mnt/usb rw,relatime - tmpfs tmpfs rw`,
      '',
    ].join('\n'),
  )
  for (const [path, device, why] of [
    ['/srv/files', '254:0', 'the root'],
    ['/mnt/usb2/a', '254:0', 'a name that only begins alike'],
    ['/mnt/My disk\\s/a', '8:17', 'a folder whose name the kernel writes in another way'],
    ['/mnt/usb/inner/a', '8:33', 'the innermost one'],
    ['/mnt/usb', '0:50', 'what was mounted over another one'],
  ] as const) {
    it(`is that of ${why}`, () => {
      expect(deviceIn(mounts, path)).to.equal(device)
    })
  }

  it('is none that is told from others where the kernel tells nothing', () => {
    expect(deviceIn(mountsIn(''), '/mnt')).to.equal('')
  })
})
