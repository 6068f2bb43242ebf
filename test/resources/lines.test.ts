/** Lines of listings from the real disk: the same as of its entries, whatever a folder holds and however large it is. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'
import { expect } from 'chai'
import type { Entry, Files } from '../../module/ftp/backend.ts'
import { FACTS } from '../../module/ftp/facts.ts'
import { writeLines, type ListingForm } from '../../module/ftp/listing-form.ts'
import { OctetWriter } from '../../module/ftp/octet-writer.ts'
import { matchesWildcard } from '../../module/ftp/wildcard.ts'
import { eventually } from '../cap.ts'
import { at, fails, share, World } from './fixture.ts'

const NOW = Date.UTC(2026, 5, 1)
const FORMS: readonly ListingForm[] = [
  { kind: 'long', now: NOW, timeZone: 'Europe/Berlin' },
  { kind: 'facts', facts: new Set(FACTS) },
  { kind: 'names', prefix: 'Share/dä/' },
]
/** More than are looked at without a thread. */
const MANY = 4500

async function lines(files: Files, path: string, form: ListingForm, pattern?: string): Promise<string[]> {
  const chunks: Buffer[] = []
  for await (const chunk of files.lines?.(at(path), form, pattern) ?? []) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('latin1').split('\r\n').sort()
}

/** What {@link lines} has to be, from the entries. */
async function expected(files: Files, path: string, form: ListingForm, pattern = '*'): Promise<string[]> {
  const entries: Entry[] = []
  for await (const batch of files.list(at(path))) entries.push(...batch)
  const out = new OctetWriter(100)
  const fitting = entries.filter(({ name }) => matchesWildcard(pattern, name))
  writeLines(out, fitting, form)
  return out.take().toString('latin1').split('\r\n').sort()
}

function fill(world: World, folder: string, count: number): void {
  mkdirSync(world.disk(folder), { recursive: true })
  for (let number = 0; number < count; number++) writeFileSync(`${world.disk(folder)}/file-${number}`, '')
}

/** Descriptors of this process. */
function descriptors(): number {
  return readdirSync('/proc/self/fd').length
}

describe('lines of a folder', () => {
  let world: World

  beforeEach(async () => {
    world = new World()
    await world.set(share())
  })

  afterEach(() => world[Symbol.asyncDispose]())

  for (const form of FORMS) {
    it(`tell all that the entries tell (${form.kind})`, async () => {
      const folder = world.disk('share')
      world.put('share/empty')
      world.put('share/two words  .txt', 'x'.repeat(70_000))
      world.put('share/Größe 文字', 'x')
      world.put('share/sub/below')
      world.put('share/old')
      utimesSync(world.disk('share/old'), -1000, -86_400 * 400)
      utimesSync(world.disk('share/empty'), 0, NOW / 1000)
      world.put('outside/secret')
      symlinkSync('sub', `${folder}/link-to-folder`)
      symlinkSync('old', `${folder}/link-to-file`)
      symlinkSync('../outside', `${folder}/leads-out`)
      symlinkSync('nowhere', `${folder}/leads-nowhere`)
      world.put('share/.hidden-but-shown')
      world.put('share/.ftp-upload-x')
      writeFileSync(Buffer.concat([Buffer.from(`${folder}/octet-`), Buffer.of(0xff)]), '')
      writeFileSync(`${folder}/line\r\nend`, '')
      execFileSync('mkfifo', [`${folder}/fifo`])
      const files = world.files()
      const told = await lines(files, '/Share', form)
      expect(told).to.deep.equal(await expected(files, '/Share', form))
      expect(told.length).to.equal(10)
      expect(told.join('\n')).not.to.match(/leads|fifo|upload|secret|line/)
      expect(await lines(files, '/Share', form, '*l*')).to.deep.equal(await expected(files, '/Share', form, '*l*'))
      expect(await lines(files, '/', form)).to.deep.equal(await expected(files, '/', form))
    })
  }

  it('stay the same in a thread, however many there are', async () => {
    fill(world, 'share/many', MANY)
    symlinkSync('file-5', world.disk('share/many/a-link'))
    const files = world.files()
    for (const form of FORMS) {
      const told = await lines(files, '/Share/many', form)
      expect(told.length).to.equal(MANY + 2)
      expect(told).to.deep.equal(await expected(files, '/Share/many', form))
    }
  })

  it('leave out what is hidden, and tell the rights of each name', async () => {
    await world.set(
      share({
        options: { durable: false, hiddenNames: ['*.key', 'pri?ate'] },
        exceptions: [
          { path: 'barred', rights: [{ user: 'anna', level: 'none' }] },
          { path: 'many/open', rights: [{ user: 'anna', level: 'readWrite' }] },
        ],
        rights: [{ user: 'anna', level: 'read' }],
      }),
    )
    fill(world, 'share/many', MANY)
    for (const name of ['a.key', 'B.KEY', 'private', 'barred/x', 'many/open/x', 'many/z.key'])
      world.put(`share/${name}`)
    symlinkSync('z.key', world.disk('share/many/link-to-hidden'))
    symlinkSync('../barred', world.disk('share/many/link-to-barred'))
    const files = world.files()
    for (const [path, count] of [
      ['/Share', 1],
      ['/Share/many', MANY + 1],
    ] as const) {
      const told = await lines(files, path, { kind: 'facts', facts: new Set(['perm', 'type']) })
      expect(told.filter((line) => line !== '').length).to.equal(count)
      expect(told).to.deep.equal(await expected(files, path, { kind: 'facts', facts: new Set(['perm', 'type']) }))
      expect(told.join()).not.to.match(/key|barred|hidden|private/i)
    }
  })

  it('are refused where the folder may not be listed', async () => {
    await world.set(share({ rights: [{ user: 'anna', level: 'custom', rights: ['upload'] }] }))
    for (const form of FORMS) {
      await fails(lines(world.files(), '/Share', form), 'refused')
      await fails(lines(world.files(), '/Share/nothing', form), 'refused')
    }
  })

  it('fail as missing and as no folder', async () => {
    world.put('share/file')
    const [form] = FORMS
    if (!form) throw new Error('no form')
    await fails(lines(world.files(), '/Share/nothing', form), 'missing')
    await fails(lines(world.files(), '/Share/file', form), 'not-a-directory')
  })

  it('left in the middle hold no descriptor', async () => {
    fill(world, 'share/many', MANY)
    fill(world, 'share/few', 10)
    const files = world.files()
    const [form = { kind: 'names', prefix: '' }] = FORMS
    await lines(files, '/Share/many', form)
    const before = descriptors()
    for (let round = 0; round < 60; round++) {
      let pieces = 0
      const folder = round % 3 === 0 ? 'few' : 'many'
      for await (const _ of files.lines?.(at(`/Share/${folder}`), form) ?? []) if (++pieces > round % 4) break
    }
    await eventually(() => descriptors() <= before, 'the descriptors to be closed')
  })

  it('survive a folder that goes in the middle', async () => {
    fill(world, 'share/many', MANY)
    const files = world.files()
    let count = 0
    for await (const chunk of files.lines?.(at('/Share/many'), { kind: 'names', prefix: '' }) ?? []) {
      if (count === 0) rmSync(world.disk('share/many'), { recursive: true })
      count += chunk.length
    }
    expect(count).to.be.greaterThan(0)
  })

  it('of two huge folders at once leave the rest of the program its turn', async () => {
    fill(world, 'share/one', 10_000)
    const files = world.files()
    const delay = monitorEventLoopDelay({ resolution: 1 })
    await lines(files, '/Share/one', { kind: 'names', prefix: '' })
    delay.enable()
    const both = Promise.all(
      [1, 2].map(async () => {
        let pieces = 0
        for await (const _ of files.lines?.(at('/Share/one'), { kind: 'long', now: NOW, timeZone: 'UTC' }) ?? [])
          pieces++
        return pieces
      }),
    )
    const state = { over: false, turns: 0 }
    void both.finally(() => (state.over = true))
    for (; !state.over; state.turns++) await setImmediate()
    delay.disable()
    for (const pieces of await both) expect(pieces).to.be.greaterThan(1)
    expect(state.turns).to.be.greaterThan(8)
    // A loaded machine takes its part; without threads it would be the whole time.
    expect(delay.percentile(90) / 1e6).to.be.below(50)
  })
})
