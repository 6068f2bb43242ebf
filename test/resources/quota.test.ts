import { rmSync, statfsSync, writeFileSync, mkdirSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { expect } from 'chai'
import type { Files } from '../../module/ftp/backend.ts'
import { at, fails, inWorld, share, upload, visitor, type World } from './fixture.ts'

const text = (bytes: number): string => 'x'.repeat(bytes)
const limited = (maximumBytes: number) => share({ options: { maximumBytes } })
const quota = (world: World, name: string, quotaBytes: number): Files =>
  world.files(visitor(name, { groups: ['all'], quotaBytes }))
const shared = share({ rights: [{ group: 'all', level: 'readWrite' }] })
/** What is counted as stored, once it is known: after a start it is being read. */
const used = async (world: World): Promise<number> => {
  for (;;) {
    const bytes = (await world.resources.states())[0]?.usedBytes
    if (bytes !== undefined) return bytes
    await setImmediate()
  }
}

describe('limits of a resource', () => {
  it(
    'a file may not grow beyond the largest size, announced or not',
    inWorld(async (world) => {
      await world.set(share({ options: { maximumFileBytes: 100 } }))
      const files = world.files()
      await upload(files, '/Share/fits', text(100))
      await fails(upload(files, '/Share/not', text(101)), 'too-large', 'limit.file-bytes')
      await fails(files.write(at('/Share/not'), { mode: 'replace', expectedBytes: 101 }), 'too-large')
      await fails(upload(files, '/Share/fits', 'x', { mode: 'append' }), 'too-large')
      await upload(files, '/Share/fits', text(50), { mode: 'restart', offset: 50 })
    }),
  )
  it(
    'what is there already counts',
    inWorld(async (world) => {
      world.put('share/sub/old', text(60))
      await world.set(limited(100))
      await fails(upload(world.files(), '/Share/new', text(41)), 'quota', 'limit.resource-bytes')
      await upload(world.files(), '/Share/new', text(40))
      expect(await used(world)).to.equal(100)
      expect(await world.files().available(at('/Share/sub'))).to.equal(0)
    }),
  )
  it(
    'uploads side by side cannot overshoot together',
    inWorld(async (world) => {
      await world.set(limited(1000))
      const results = await Promise.allSettled(
        Array.from({ length: 30 }, (_, index) => upload(world.files(), `/Share/${index}`, text(90))),
      )
      expect(results.filter((one) => one.status === 'fulfilled')).to.have.lengthOf(11)
      expect(await used(world)).to.equal(990)
    }),
  )
  it(
    'what is promised ahead is a small part of what is left, and given back at the end',
    inWorld(async (world) => {
      await world.set(share({ options: { maximumBytes: 6400, maximumFileBytes: 6000 } }))
      const file = await world.files().write(at('/Share/slow'), { mode: 'replace' })
      expect(file.headroom).to.equal(100)
      file.reserve(100)
      expect(file.headroom).to.equal(98)
      file.reserve(5890)
      expect(file.headroom).to.equal(6)
      file.reserve(6)
      expect(file.headroom).to.equal(4)
      file.reserve(4)
      expect(file.headroom).to.equal(0)
      await fails(upload(world.files(), '/Share/other', text(401)), 'quota')
      await file.commit()
      await upload(world.files(), '/Share/other', text(401))
    }),
  )
  it(
    'a disk gets back at once what was promised ahead, however many uploads follow each other',
    inWorld(async (world) => {
      await world.set(share())
      const files = world.files()
      const before = await files.available(at('/Share'))
      for (let round = 0; round < 80; round++) {
        const file = await files.write(at('/Share/file'), { mode: 'replace' })
        file.reserve(file.headroom ?? 0)
        await (round % 2 ? file.commit() : file.abandon())
      }
      expect(await files.available(at('/Share'))).to.be.above(before / 2)
    }),
  )
  it(
    'the size of an overwritten file is credited only after success',
    inWorld(async (world) => {
      world.put('share/big', text(90))
      await world.set(limited(100))
      await fails(upload(world.files(), '/Share/big', text(11)), 'quota')
      await upload(world.files(), '/Share/big', text(10))
      expect(await used(world)).to.equal(10)
      await upload(world.files(), '/Share/other', text(90))
    }),
  )
  it(
    'a failed upload and a removed file give back what they took',
    inWorld(async (world) => {
      for (const atomicUploads of [true, false]) {
        await world.set(share({ options: { maximumBytes: 100, atomicUploads } }))
        for (let round = 0; round < 3; round++) {
          const file = await world.files().write(at('/Share/file'), { mode: 'replace' })
          await file.write(Buffer.from(text(80)))
          await file.abandon()
          await upload(world.files(), '/Share/file', text(100))
          await world.files().remove(at('/Share/file'))
        }
        expect(await used(world)).to.equal(0)
      }
    }),
  )
  it(
    'an append loop stops at the limit',
    inWorld(async (world) => {
      await world.set(limited(100))
      for (let round = 0; round < 10; round++) await upload(world.files(), '/Share/log', text(10), { mode: 'append' })
      await fails(upload(world.files(), '/Share/log', 'x', { mode: 'append' }), 'quota')
      await upload(world.files(), '/Share/log', text(100), { mode: 'restart', offset: 1 }).catch(() => {})
      expect(world.text('share/log')).to.have.lengthOf(100)
      expect(await used(world)).to.equal(100)
    }),
  )
  it(
    'a dropped append leaves the file as long as it was',
    inWorld(async (world) => {
      world.put('share/log', 'before')
      await world.set(limited(100))
      const file = await world.files().write(at('/Share/log'), { mode: 'append' })
      await file.write(Buffer.from(' and after'))
      await file.abandon()
      expect(world.text('share/log')).to.equal('before')
      expect(await used(world)).to.equal(6)
    }),
  )
  it(
    'a folder carries no file into another resource that could not be uploaded there, however deep',
    inWorld(async (world) => {
      world.put('share/large/deep/file', text(101))
      world.put('share/program/deep/Setup.EXE')
      world.put('share/fits/deep/file', text(100))
      world.put('strict/.keep')
      const options = { maximumFileBytes: 100, refusedNames: ['*.exe'] }
      await world.set(share(), { ...share({ options }), name: 'Strict', folder: 'strict' })
      const files = world.files()
      await fails(files.rename(at('/Share/large'), at('/Strict/large')), 'too-large', 'limit.file-bytes')
      await fails(files.rename(at('/Share/program'), at('/Strict/program')), 'refused', 'name.refused')
      await files.rename(at('/Share/fits'), at('/Strict/fits'))
      await files.rename(at('/Strict/fits'), at('/Share/fits'))
    }),
  )
  it(
    'a rename into another resource moves the bytes and respects its limit',
    inWorld(async (world) => {
      world.put('share/folder/a', text(60))
      world.put('share/b', text(30))
      mkdirSync(world.disk('small'))
      await world.set(share(), share({ name: 'Small', folder: 'small', options: { maximumBytes: 80 } }))
      const files = world.files()
      await upload(files, '/Small/first', text(10))
      await files.rename(at('/Share/folder'), at('/Small/folder'))
      await fails(files.rename(at('/Share/b'), at('/Small/b')), 'quota')
      expect(world.text('share/b')).to.equal(text(30))
      await used(world)
      const states = await world.resources.states()
      expect(states.map((state) => state.usedBytes)).to.deep.equal([30, 70])
    }),
  )
  it(
    'a folder in the folder of another resource counts in both',
    inWorld(async (world) => {
      mkdirSync(world.disk('share/inner'))
      await world.set(limited(100), share({ name: 'Inner', folder: 'share/inner' }))
      await upload(world.files(), '/Inner/file', text(70))
      await fails(upload(world.files(), '/Inner/more', text(31)), 'quota')
      await fails(upload(world.files(), '/Share/more', text(31)), 'quota')
    }),
  )
  it(
    'a disk fuller than allowed refuses before the data',
    inWorld(async (world) => {
      const { blocks, bfree, bavail } = statfsSync(world.storage)
      const percent = Math.floor(((blocks - bfree) / (blocks - bfree + bavail)) * 100)
      if (percent < 1) return
      await world.set(share({ options: { stopAtDiskPercent: percent } }))
      await fails(world.files().write(at('/Share/file'), { mode: 'replace' }), 'no-space', 'limit.disk-percent')
      expect(await world.files().available(at('/Share'))).to.equal(0)
      await world.set(share())
      await fails(world.files().write(at('/Share/file'), { mode: 'replace', expectedBytes: 2 ** 50 }), 'no-space')
      expect(await world.files().available(at('/'))).to.be.greaterThan(0)
    }),
  )
})

describe('a quota per user', () => {
  it(
    'holds over all resources and all uploads side by side',
    inWorld(async (world) => {
      mkdirSync(world.disk('second'))
      await world.set(shared, { ...shared, name: 'Second', folder: 'second' })
      const files = quota(world, 'anna', 100)
      await upload(files, '/Share/a', text(40))
      const results = await Promise.allSettled(
        Array.from({ length: 10 }, (_, index) => upload(files, `/Second/${index}`, text(20))),
      )
      expect(results.filter((one) => one.status === 'fulfilled')).to.have.lengthOf(3)
      await fails(upload(files, '/Share/b', 'x'), 'quota', 'limit.user-bytes')
      expect(await files.available(at('/Share'))).to.equal(0)
      await upload(quota(world, 'bert', 100), '/Share/b', text(100))
    }),
  )
  it(
    'is credited to the owner whoever removes, overwrites or renames the file',
    inWorld(async (world) => {
      await world.set(shared)
      const anna = quota(world, 'anna', 100)
      const bert = quota(world, 'bert', 100)
      await upload(anna, '/Share/one', text(50))
      await anna.makeDirectory(at('/Share/folder'))
      await upload(anna, '/Share/folder/two', text(50))
      await bert.rename(at('/Share/folder'), at('/Share/moved'))
      await fails(upload(anna, '/Share/x', 'x'), 'quota')
      await bert.remove(at('/Share/moved/two'))
      await upload(anna, '/Share/three', text(50))
      await upload(bert, '/Share/one', text(80))
      await upload(anna, '/Share/four', text(50))
      await fails(upload(bert, '/Share/y', text(21)), 'quota')
      await anna.rename(at('/Share/four'), at('/Share/one'))
      await upload(bert, '/Share/y', text(100))
      await fails(upload(anna, '/Share/z', 'x'), 'quota')
    }),
  )
  it(
    'counts what somebody appends to the file of another',
    inWorld(async (world) => {
      await world.set(shared)
      await upload(quota(world, 'anna', 100), '/Share/log', text(60))
      const bert = quota(world, 'bert', 50)
      await upload(bert, '/Share/log', text(50), { mode: 'append' })
      await fails(upload(bert, '/Share/log', 'x', { mode: 'append' }), 'quota')
      await upload(quota(world, 'anna', 100), '/Share/more', text(40))
    }),
  )
  it(
    'survives a restart, and a survey after a crash corrects what changed behind our back',
    inWorld(async (world) => {
      await world.set(shared)
      await upload(quota(world, 'anna', 100), '/Share/a', text(60))
      await upload(quota(world, 'anna', 100), '/Share/b', text(40))
      await world.restart(true, shared)
      expect(await used(world)).to.equal(100)
      await fails(upload(quota(world, 'anna', 100), '/Share/c', 'x'), 'quota')
      rmSync(world.disk('share/a'))
      writeFileSync(world.disk('share/b'), text(10))
      await world.restart(false, shared)
      await world.resources.sweep()
      expect(await used(world)).to.equal(10)
      await upload(quota(world, 'anna', 100), '/Share/c', text(90))
      await fails(upload(quota(world, 'anna', 100), '/Share/d', 'x'), 'quota')
    }),
  )
})

const byAll = (maximumBytes: number) => ({ ...shared, options: { durable: false, maximumBytes } })

/** The steady clock goes on by 5 s at once: what is known of a disk is good for one. */
function fiveSecondsLater(): Disposable {
  const real = performance.now.bind(performance)
  performance.now = () => real() + 5000
  return { [Symbol.dispose]: () => void Reflect.deleteProperty(performance, 'now') }
}

describe('the free space of a disk', () => {
  it(
    'is still known when the folder is gone that was uploaded to first',
    inWorld(async (world) => {
      await world.set(share())
      const files = world.files()
      await files.makeDirectory(at('/Share/first'))
      await upload(files, '/Share/first/file', 'x')
      await files.remove(at('/Share/first/file'))
      await files.removeDirectory(at('/Share/first'))
      using _passed = fiveSecondsLater()
      await upload(files, '/Share/next', 'x')
    }),
  )
  it(
    'is still known to an upload whose folder is removed while its disk seems full',
    inWorld(async (world) => {
      await world.set(share())
      const files = world.files()
      await files.makeDirectory(at('/Share/first'))
      const running = await files.write(at('/Share/first/file'), { mode: 'replace' })
      const { bavail, bsize } = statfsSync(world.storage)
      rmSync(world.disk('share/first'), { recursive: true })
      using _passed = fiveSecondsLater()
      await fails((async () => running.reserve(2 * bavail * bsize))(), 'no-space')
      running.reserve(1)
      await running.abandon()
    }),
  )
})

describe('what others than clients do to the files', () => {
  it(
    'is noticed soon after somebody was refused for want of room',
    inWorld(async (world) => {
      await world.set(byAll(100))
      const anna = quota(world, 'anna', 80)
      await upload(anna, '/Share/old', text(80))
      rmSync(world.disk('share/old'))
      await fails(upload(anna, '/Share/new', text(60)), 'quota')
      while ((await anna.available(at('/Share'))) < 80) await setImmediate()
      await upload(anna, '/Share/new', text(60))
      expect(await used(world)).to.equal(60)
    }),
  )
  it(
    'is counted without what uploads are writing, which count themselves',
    inWorld(async (world) => {
      world.put('share/log', text(50))
      await world.set(byAll(1000))
      const anna = quota(world, 'anna', 1000)
      const running = [
        await anna.write(at('/Share/whole'), { mode: 'replace' }),
        await anna.write(at('/Share/log'), { mode: 'append' }),
      ]
      for (const one of running) await one.write(Buffer.from(text(100)))
      world.put('share/new', text(7))
      await world.resources.recount()
      expect(await used(world)).to.equal(57)
      for (const one of running) await one.commit()
      expect(await used(world)).to.equal(257)
      expect(await anna.available(at('/Share'))).to.equal(743)
    }),
  )
  it(
    'leaves no rename undone where a removed folder is still written down',
    inWorld(async (world) => {
      await world.set(shared)
      const anna = quota(world, 'anna', 100)
      for (const folder of ['a', 'b']) {
        await anna.makeDirectory(at(`/Share/${folder}`))
        await upload(anna, `/Share/${folder}/file`, text(20))
      }
      rmSync(world.disk('share/a'), { recursive: true })
      await anna.rename(at('/Share/b'), at('/Share/a'))
      expect(await anna.available(at('/Share'))).to.equal(80)
    }),
  )
})
