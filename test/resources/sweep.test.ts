import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { expect } from 'chai'
import { NamePatterns } from '../../module/resources/name-pattern.ts'
import { at, entries, inWorld, share, names } from './fixture.ts'

/** Making so many files on a real disk would take longer than listing them. */
const IN_MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

describe('kill -9 in the middle of uploads', () => {
  it(
    'leaves nothing half visible, and the sweep at the next start removes what is left',
    inWorld(async (world) => {
      mkdirSync(world.disk('share/deep'))
      const program = new URL('uploader.ts', import.meta.url).pathname
      const child = spawn(
        process.execPath,
        ['--disable-warning=ExperimentalWarning', program, world.storage, world.state, '100'],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      )
      try {
        await once(child.stdout, 'data')
        await world.set(share())
        await world.resources.sweep()
        expect(readdirSync(world.disk('share/deep')), 'uploads of a living process stay').to.have.lengthOf(100)
      } finally {
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
      const whole = Array.from({ length: 10 }, (_, index) => `file${index * 10}`)
      expect(await names(world.files(), '/Share/deep')).to.deep.equal(whole)
      expect(readdirSync(world.disk('share/deep'))).to.have.lengthOf(100)
      const own = await world.files().write(at('/Share/deep/own'), { mode: 'replace' })
      await world.resources.sweep()
      expect(readdirSync(world.disk('share/deep')), 'ten whole files and our own upload').to.have.lengthOf(11)
      await own.write(Buffer.from('x'))
      await own.commit()
      expect(await names(world.files(), '/Share/deep')).to.deep.equal([...whole, 'own'])
      expect((await world.resources.states())[0]?.usedBytes).to.equal(10_001)
    }),
  ).timeout(15_000)
})

describe('a folder of 100,000 files', () => {
  it(
    'is listed in bounded memory, and given up early without harm',
    inWorld(async (world) => {
      for (let index = 0; index < 100_000; index++)
        writeFileSync(world.disk(`share/some quite ordinary name ${index}`), '')
      await world.set(share())
      const before = process.memoryUsage().rss
      let count = 0
      let most = 0
      for await (const batch of world.files().list(at('/Share'))) {
        count += batch.length
        most = Math.max(most, batch.length)
        expect(process.memoryUsage.rss() - before).to.be.lessThan(150 * 1024 * 1024)
      }
      expect(count).to.equal(100_000)
      expect(most).to.be.at.most(64)
      for await (const batch of world.files().list(at('/Share'))) {
        expect(batch.length).to.be.greaterThan(0)
        break
      }
      expect((await entries(world.files(), '/')).length).to.equal(1)
    }, IN_MEMORY),
  ).timeout(30_000)
})

describe('name patterns', () => {
  const table: [string, string, boolean][] = [
    ['*', '', true],
    ['*', 'anything', true],
    ['a', 'A', true],
    ['?', 'ab', false],
    ['*.tmp', 'x.TMP', true],
    ['*.tmp', 'x.tmp.txt', false],
    ['~$*', '~$doc', true],
    ['a*b*c', 'aXbXc', true],
    ['a*b*c', 'acb', false],
    ['a*a', 'a', false],
    ['a*?b', 'ab', false],
    ['a*?b', 'axb', true],
    ['*a?c*', 'xxabcxx', true],
    ['[a-z]', 'b', false],
    ['.', '.', true],
    ['secret', 'secret. .', true],
    ['\u00e9*', 'e\u0301x', true],
  ]
  for (const [pattern, name, expected] of table) {
    it(`${JSON.stringify(pattern)} ${expected ? 'matches' : 'does not match'} ${JSON.stringify(name)}`, () => {
      expect(new NamePatterns([pattern]).match(name) !== undefined).to.equal(expected)
    })
  }
  it('pattern bomb: many stars cost no more than one', () => {
    const patterns = new NamePatterns(Array.from({ length: 100 }, () => '*a'.repeat(127)))
    const start = performance.now()
    expect(patterns.match(`${'a'.repeat(120)}b`)).to.be.undefined
    expect(performance.now() - start).to.be.lessThan(100)
  })
})
