/** The log after a kill -9, a damaged file, a full disk. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { BLOCK } from '../../module/journal/block.ts'
import { openJournal } from '../../module/journal/journal.ts'
import { capped } from '../cap.ts'
import { DAY, KEEP, temporaryFolder, temporaryLog, TemporaryLog } from './temporary-log.ts'

interface Progress {
  readonly at: number
  readonly handed: number
  readonly waiting: number
  readonly problem?: string
}

/** The writing process, and what it says; under a limit of the size of its files where one is given, in KiB. */
class Writer {
  readonly child: ChildProcess
  readonly lines: Progress[] = []
  #heard = Promise.withResolvers<void>()

  constructor(folder: string, limit = 'unlimited') {
    const script = join(import.meta.dirname, 'writer-process.ts')
    const command = `ulimit -Sf ${limit}; exec "$@"`
    const options = ['--disable-warning=ExperimentalWarning', script, folder]
    this.child = spawn('bash', ['-c', command, 'bash', process.execPath, ...options], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    createInterface({ input: this.child.stdout! }).on('line', (line) => {
      this.lines.push(JSON.parse(line) as Progress)
      this.#heard.resolve()
      this.#heard = Promise.withResolvers()
    })
  }

  /** Waits for progress that fits. */
  async until(fits: (progress: Progress) => boolean, awaited: string): Promise<Progress> {
    for (;;) {
      const found = this.lines.findLast(fits)
      if (found) return found
      await capped(this.#heard.promise, awaited, () => JSON.stringify(this.lines.at(-1)), 15_000)
    }
  }

  async end(signal?: 'SIGKILL'): Promise<void> {
    const ended = new Promise((resolve) => {
      this.child.once('exit', resolve)
    })
    if (signal) this.child.kill(signal)
    else this.child.stdin!.write('stop\n')
    await capped(ended, 'the end of the writing process', undefined, 10_000)
  }
}

async function reopened(folder: string): Promise<TemporaryLog> {
  return new TemporaryLog(folder, await openJournal({ folder, ...KEEP }))
}

async function allTexts(log: TemporaryLog): Promise<string[]> {
  const { pages } = await log.journal.page({ day: DAY }, { page: 1, size: 1000 })
  const texts: string[] = []
  for (let page = 1; page <= pages; page++) {
    texts.push(...(await log.journal.page({ day: DAY }, { page, size: 1000 })).entries.map(({ text }) => text))
  }
  return texts
}

describe('the log after a crash', () => {
  it('kill -9 loses at most the last second, and the next start goes on', async () => {
    const folder = await temporaryFolder()
    const writer = new Writer(folder)
    await writer.until(({ handed }) => handed >= 3 * BLOCK, 'three blocks of entries')
    await writer.end('SIGKILL')
    const last = writer.lines.at(-1)
    const safe = writer.lines.findLast(({ at }) => at <= (last?.at ?? 0) - 1000)?.handed ?? 0
    await using log = await reopened(folder)
    const texts = await allTexts(log)
    expect(texts).to.deep.equal(texts.map((_, index) => String(index)))
    expect(texts.length).to.be.at.least(safe)
    await log.write({ text: 'next start' })
    expect((await log.journal.page({ day: DAY }, { page: 'last' })).entries.at(-1)?.text).to.equal('next start')
    expect((await log.journal.page({ day: DAY, user: 'u3' }, { page: 1 })).total).to.be.closeTo(texts.length / 7, 1)
    expect((await readdir(folder)).filter((name) => name.includes('damaged'))).to.deep.equal([])
  })

  it('a file that is no database is set aside, a new one begun, and the log says so', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, `${DAY}.sqlite`), 'This is not a database. '.repeat(1000))
    await writeFile(join(folder, `${DAY}.sqlite-wal`), 'nor a log')
    await using log = await reopened(folder)
    await log.write({ text: 'first' })
    expect(await log.texts()).to.deep.equal(['first'])
    const { entries } = await log.journal.page({ day: log.journal.today() }, { page: 'last' })
    expect(entries.at(-1)).to.include({ kind: 'error', event: 'journal-damaged' })
    const [aside] = (await readdir(folder)).filter((name) => name.includes('damaged'))
    expect(await readFile(join(folder, aside ?? ''), 'utf8')).to.include('not a database')
  })

  it('a file damaged in the middle is set aside when a page meets the damage', async () => {
    await using log = await temporaryLog()
    await log.write(...Array.from({ length: 3 * BLOCK }, (_, index) => ({ text: `entry ${index}` })))
    await log.journal.close()
    const path = join(log.folder, `${DAY}.sqlite`)
    const content = await readFile(path)
    await writeFile(path, content.fill(0xaa, 16_384))
    await log.reopen()
    expect(await log.texts({ search: 'entry' })).to.deep.equal([])
    await log.write({ text: 'goes on' })
    expect(await log.texts()).to.deep.equal(['goes on'])
    expect(await log.texts({ day: log.journal.today() })).to.deep.equal([
      `The log of ${DAY} was damaged; it was set aside and a new one begun.`,
    ])
  })

  it('a file that lost its end does not stop the log', async () => {
    await using log = await temporaryLog()
    await log.write(...Array.from({ length: 3 * BLOCK }, (_, index) => ({ text: `entry ${index}` })))
    await log.journal.close()
    const path = join(log.folder, `${DAY}.sqlite`)
    await truncate(path, Math.floor((await stat(path)).size / 2))
    await log.reopen()
    await log.write({ text: 'goes on' })
    await log.texts({ search: 'entry' })
    await log.write({ text: 'still' })
    expect(await log.texts({ search: 'still' })).to.deep.equal(['still'])
  })

  it('a file of a newer version is set aside unharmed', async () => {
    await using log = await temporaryLog()
    const path = join(log.folder, `${DAY}.sqlite`)
    const newer = new DatabaseSync(path)
    newer.exec('CREATE TABLE kept (x); PRAGMA user_version = 99')
    newer.close()
    await log.write({ text: 'first' })
    expect(await log.texts()).to.deep.equal(['first'])
    const [aside] = (await readdir(log.folder)).filter((name) => name.includes('damaged'))
    const kept = new DatabaseSync(join(log.folder, aside ?? ''), { readOnly: true })
    expect(kept.prepare('SELECT count(*) AS n FROM kept').get()).to.deep.include({ n: 0 })
    kept.close()
  })

  it('a folder removed while running is made again', async () => {
    await using log = await temporaryLog()
    await log.write({ text: 'lost' })
    await rm(log.folder, { recursive: true })
    await log.write({ text: 'found' })
    expect(await log.texts()).to.deep.equal(['found'])
  })

  it('a folder that cannot be made is a state, not a failure', async () => {
    const folder = await temporaryFolder()
    const file = join(folder, 'file')
    await writeFile(file, '')
    const journal = await openJournal({ folder: join(file, 'log'), ...KEEP })
    journal.record({ kind: 'message', event: 'x', text: 'x' })
    await journal.flush()
    expect(journal.state()).to.include({ waiting: 1, dropped: 0 })
    expect(journal.state().problem).to.match(/^The log cannot be written/)
    expect((await journal.page({ day: DAY }, { page: 1 })).total).to.equal(0)
    await journal.close()
    await rm(folder, { recursive: true })
  })

  it('a full disk is a state; what waits is stored once there is room', async () => {
    const folder = await temporaryFolder()
    // The system refuses to let a file grow, as a full disk does; prlimit makes room again.
    const writer = new Writer(folder, '400')
    await writer.until(({ problem }) => problem !== undefined, 'the disk to be full')
    const began = Date.now()
    await promisify(execFile)('prlimit', ['--pid', String(writer.child.pid), '--fsize=unlimited'])
    await writer.until(({ at, problem, waiting }) => at > began && !problem && waiting < 1000, 'room again')
    await writer.end()
    await using log = await reopened(folder)
    const texts = await allTexts(log)
    expect(texts.length).to.equal(writer.lines.at(-1)?.handed)
    expect(texts).to.deep.equal(texts.map((_, index) => String(index)))
  })

  it('leaves files that only their owner reads, one for each day, and nothing beside them', async () => {
    await using log = await temporaryLog()
    await log.write({}, { time: 0 })
    await log.journal.close()
    expect((await readdir(log.folder)).sort()).to.deep.equal(['1970-01-01.sqlite', `${DAY}.sqlite`])
    expect((await stat(join(log.folder, `${DAY}.sqlite`))).mode & 0o777).to.equal(0o600)
  })
})
