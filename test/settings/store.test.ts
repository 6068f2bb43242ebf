/** How settings are kept: whole or not at all, whatever happens. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { DurableFile } from '../../module/settings/durable-file.ts'
import { mergePatch } from '../../module/settings/merge.ts'
import { migrated } from '../../module/settings/migrations.ts'
import { NotStored } from '../../module/settings/not-stored.ts'
import { SettingsError } from '../../module/settings/problems.ts'
import { SettingsStore } from '../../module/settings/store.ts'
import { knownProblem } from '../../module/web/problem-text.ts'
import { rejection } from '../rejection.ts'

const said = (code: string) => new NotStored(Object.assign(new Error('x'), { code })).problems
const port = (number: number) => (current: unknown) => mergePatch(current, { settings: { port: number } })

describe('the settings store', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'settings-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  const path = (name = 'settings.json') => join(folder, name)

  it('stores a change so that the next start has it', async () => {
    const store = await SettingsStore.open(folder)
    expect(store.fresh).to.equal(true)
    await store.change(port(2200))
    const again = await SettingsStore.open(folder)
    expect(again.fresh).to.equal(false)
    expect(again.current.settings.port).to.equal(2200)
  })

  it('is readable by its owner alone', async () => {
    const store = await SettingsStore.open(folder)
    await store.change(port(2200))
    expect((await stat(path())).mode & 0o777).to.equal(0o600)
  })

  it('keeps the version before', async () => {
    const store = await SettingsStore.open(folder)
    await store.change(port(2200))
    await store.change(port(2300))
    expect(JSON.parse(await readFile(path('settings.previous.json'), 'utf8')).settings.port).to.equal(2200)
  })

  it('makes changes one after the other', async () => {
    const store = await SettingsStore.open(folder)
    const add = (current: typeof store.current) =>
      mergePatch(current, { settings: { port: current.settings.port + 1 } })
    await Promise.all(Array.from({ length: 20 }, () => store.change(add as (current: unknown) => unknown)))
    expect(store.current.settings.port).to.equal(2141)
  })

  it('leaves file and memory alone when a change is not possible', async () => {
    const store = await SettingsStore.open(folder)
    await store.change(port(2200))
    const before = await readFile(path(), 'utf8')
    expect(await rejection(store.change(port(-1)))).to.be.instanceOf(SettingsError)
    const failing = store.change(port(2300), () => Promise.reject(new Error('port in use')))
    expect(await rejection(failing)).to.have.property('message', 'port in use')
    expect(await readFile(path(), 'utf8')).to.equal(before)
    expect(store.current.settings.port).to.equal(2200)
  })

  it('undoes what was applied when it cannot be stored', async () => {
    const store = await SettingsStore.open(folder)
    await store.change(port(2200))
    await rm(folder, { recursive: true })
    await writeFile(folder, 'in the way')
    const applied: number[] = []
    const failing = store.change(port(2300), async (next) => {
      applied.push(next.settings.port)
    })
    expect(await rejection(failing)).to.be.instanceOf(NotStored)
    expect(applied).to.deep.equal([2300, 2200])
    expect(store.current.settings.port).to.equal(2200)
  })

  it('says what is wrong with a disk that cannot be written to', () => {
    expect(said('ENOSPC')).to.deep.equal([{ path: '', text: 'nothing was changed: the disk of the settings is full' }])
    for (const code of ['EDQUOT', 'EROFS', 'EACCES', 'EIO', '']) {
      for (const { text } of said(code)) expect(knownProblem(text), text).to.equal(true)
    }
  })

  for (const [what, broken] of [
    ['was cut off by a power loss', '{"version": 1, "settings": {"po'],
    ['is empty', ''],
    ['does not validate', '{"version": 1, "settings": {"port": "x"}}'],
  ] as const) {
    it(`sets a file aside that ${what}, uses the one before and says so`, async () => {
      const store = await SettingsStore.open(folder)
      await store.change(port(2200))
      await store.change(port(2300))
      await writeFile(path(), broken)
      const again = await SettingsStore.open(folder)
      expect(again.current.settings.port).to.equal(2200)
      expect(again.notices.map(({ text }) => text).join()).to.match(
        /^settings\.json: .*set aside as .*settings\.broken-/,
      )
      const aside = (await readdir(folder)).find((name) => name.startsWith('settings.broken-'))
      expect(await readFile(path(aside), 'utf8')).to.equal(broken)
      expect((await SettingsStore.open(folder)).notices).to.deep.equal([])
    })
  }

  it('refuses a broken file that has none before it, and leaves it where it is', async () => {
    await writeFile(path(), '{"version": 1, "settings": {"prot": 1}}')
    const error = await rejection(SettingsStore.open(folder))
    expect(error).to.have.property('message', 'settings.json: settings.prot: is not a known setting')
    expect(await readdir(folder)).to.deep.equal(['settings.json'])
  })

  it('refuses a file of a newer version', async () => {
    await writeFile(path(), '{"version": 99}')
    const error = await rejection(SettingsStore.open(folder))
    expect(error)
      .to.have.property('message')
      .that.matches(/^settings\.json: version: must be a version from 1 to 1/)
  })

  it('never shows the content of a file that is no JSON', async () => {
    await writeFile(path(), '{"secret": hunter2}')
    expect(await rejection(SettingsStore.open(folder)))
      .to.have.property('message')
      .that.does.not.include('hunter2')
  })

  it('is whole after every power cut in the middle of writes', async function () {
    this.timeout(15_000)
    const file = new DurableFile(path())
    await file.write({})
    for (let round = 0; round < 20; round += 1) {
      const writer = spawn(process.execPath, [join(import.meta.dirname, 'endless-writer.ts'), path(), String(round)])
      // The writer counts its finished writes on stdout.
      await once(writer.stdout, 'data')
      for (let chunks = 0; chunks < round; chunks += 1) await once(writer.stdout, 'data')
      writer.kill('SIGKILL')
      await once(writer, 'close')
      const content = (await file.read()) as { round: number; count: number; padding: string }
      expect(content.round).to.equal(round)
      expect(content.padding).to.equal('x'.repeat(content.count * 37))
      await file.sweep()
      expect((await readdir(folder)).sort()).to.deep.equal(['settings.json', 'settings.previous.json'])
    }
  })
})

describe('migrations', () => {
  // Invented: version 0 called the port "controlPort" and had one password for everybody.
  const fromZero = [
    ({ controlPort, ...rest }: Readonly<Record<string, unknown>>) => ({ ...rest, settings: { port: controlPort } }),
  ]

  it('lead an old document to the present version, step by step', () => {
    const old = { version: 0, controlPort: 2200, enabled: true }
    expect(migrated(old, fromZero, 0)).to.deep.equal({ enabled: true, settings: { port: 2200 } })
    expect(old).to.have.property('controlPort')
  })

  it('leave a present document as it is', () => {
    expect(migrated({ version: 1, enabled: true }, fromZero, 0)).to.deep.equal({ enabled: true })
  })

  it('refuse what has no version', () => {
    for (const document of [{}, { version: '1' }, { version: 0 }, { version: 1.5 }, [], 'x', null]) {
      expect(() => migrated(document), JSON.stringify(document)).to.throw(SettingsError)
    }
  })
})

describe('a merge patch', () => {
  it('changes what it names, and null takes away (RFC 7396)', () => {
    const target = { a: { b: 1, c: 2 }, list: [1, 2], gone: true }
    expect(mergePatch(target, { a: { b: 3 }, list: [9], gone: null })).to.deep.equal({ a: { b: 3, c: 2 }, list: [9] })
    expect(target.a.b).to.equal(1)
  })

  it('cannot reach the prototype of objects (prototype pollution)', () => {
    mergePatch({}, JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}'))
    expect({}).to.not.have.property('polluted')
  })
})
