import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { expect } from 'chai'
import { FilesError } from '../../module/ftp/backend.ts'
import { createFolder, listFolders } from '../../module/resources/folders.ts'
import { at, download, entries, fails, inWorld, names, share, upload } from './fixture.ts'

describe('links', () => {
  it(
    'that stay inside the resource are what they lead to',
    inWorld(async (world) => {
      world.put('share/folder/file', 'text')
      symlinkSync('folder', world.disk('share/to-folder'))
      symlinkSync('folder/file', world.disk('share/to-file'))
      symlinkSync('to-file', world.disk('share/to-link'))
      symlinkSync(world.disk('share/folder/file'), world.disk('share/absolute'))
      await world.set(share())
      const files = world.files()
      const types = (await entries(files, '/Share')).map(({ name, type }) => `${name}:${type}`).sort()
      expect(types).to.deep.equal([
        'absolute:file',
        'folder:directory',
        'to-file:file',
        'to-folder:directory',
        'to-link:file',
      ])
      for (const path of ['to-file', 'to-link', 'absolute', 'to-folder/file']) {
        expect(await download(files, `/Share/${path}`)).to.equal('text')
        expect((await files.stat(at(`/Share/${path}`))).size).to.equal(4)
      }
      await upload(files, '/Share/to-link', 'new')
      expect(world.text('share/folder/file')).to.equal('new')
      expect(lstatSync(world.disk('share/to-link')).isSymbolicLink()).to.be.true
      await files.setMode(at('/Share/to-file'), 0o600)
      expect(statSync(world.disk('share/folder/file')).mode & 0o777).to.equal(0o600)
      await files.remove(at('/Share/to-link'))
      expect(await names(files, '/Share')).to.deep.equal(['absolute', 'folder', 'to-file', 'to-folder'])
    }),
  )
  it(
    'that lead out, nowhere or in a circle are neither listed nor followed by any operation',
    inWorld(async (world) => {
      world.put('outside/secret', 'secret')
      const bad = {
        out: '../outside',
        file: '../outside/secret',
        chain: 'file',
        nowhere: 'nothing',
        circle: 'circle',
        root: '/',
        proc: '/proc/self/root/etc/passwd',
        up: '..',
      }
      for (const [name, target] of Object.entries(bad)) {
        mkdirSync(world.disk('share'), { recursive: true })
        symlinkSync(target, world.disk(`share/${name}`))
      }
      world.put('share/own', 'own')
      await world.set(share({ options: { atomicUploads: false } }))
      const files = world.files()
      expect(await names(files, '/Share')).to.deep.equal(['own'])
      for (const name of Object.keys(bad)) {
        const path = at(`/Share/${name}`)
        const below = at(`/Share/${name}/secret`)
        const attempts: (() => Promise<unknown>)[] = [
          ...[path, below].flatMap((one) => [
            () => files.stat(one),
            () => files.enter(one),
            () => entries(files, one),
            () => files.read(one),
            () => files.write(one, { mode: 'replace' }),
            () => files.write(one, { mode: 'append' }),
            () => files.remove(one),
            () => files.removeDirectory(one),
            () => files.rename(one, at('/Share/stolen')),
            () => files.setModified(one, 0),
            () => files.setMode(one, 0o777),
          ]),
          () => files.rename(at('/Share/own'), below),
          () => files.makeDirectory(below),
          () => files.available(path),
        ]
        for (const attempt of attempts) {
          const outcome: unknown = await attempt().catch((error: unknown) => error)
          expect(outcome, `${name}: ${attempt.toString()}`).to.be.instanceOf(FilesError)
        }
      }
      expect(readdirSync(world.disk('outside'))).to.deep.equal(['secret'])
      expect(world.text('outside/secret')).to.equal('secret')
      expect(world.text('share/own')).to.equal('own')
    }),
  )
  it(
    'never lead around an exception or a hidden name',
    inWorld(async (world) => {
      world.put('share/private/file', 'x')
      world.put('share/.hidden/file', 'x')
      for (const [name, target] of [
        ['a', 'private'],
        ['b', 'private/file'],
        ['c', '.hidden'],
        ['d', '.hidden/file'],
      ] as const) {
        symlinkSync(target, world.disk(`share/${name}`))
      }
      await world.set(
        share({
          options: { hiddenNames: ['.hidden'] },
          exceptions: [{ path: 'private', rights: [{ user: 'anna', level: 'none' }] }],
        }),
      )
      const files = world.files()
      expect(await names(files, '/Share')).to.deep.equal([])
      for (const path of ['/Share/a', '/Share/b', '/Share/c', '/Share/d', '/Share/a/file', '/Share/c/file']) {
        await fails(files.stat(at(path)), 'missing')
        await fails(files.read(at(path)), 'missing')
        await fails(files.setMode(at(path), 0), 'missing')
        await fails(upload(files, path, 'x'), 'missing')
      }
    }),
  )
})

/** Ends the child and waits until it is gone. */
async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

/** What a swapped name may hold: never what lies outside. */
async function inside(work: Promise<string>): Promise<void> {
  expect(await work).to.be.oneOf(['inside', 'mine', ''])
}

describe('a link swapped during the request', () => {
  it(
    'leads out of the resource for no operation',
    inWorld(async (world) => {
      world.put('outside/secret', 'SECRET')
      mkdirSync(world.disk('outside/empty'))
      const before = statSync(world.disk('outside/secret'))
      await world.set(share())
      const child = spawn(
        process.execPath,
        [new URL('swapper.ts', import.meta.url).pathname, world.disk('share'), world.disk('outside')],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      )
      try {
        await once(child.stdout, 'data')
        child.stdout.resume()
        const files = world.files()
        const outcomes = new Map<string, number>()
        const attempt = async (name: string, work: () => Promise<unknown>): Promise<void> => {
          const result = await work().then(
            () => 'done',
            (error: unknown) => (error instanceof FilesError ? error.kind : String(error)),
          )
          outcomes.set(`${name} ${result}`, (outcomes.get(`${name} ${result}`) ?? 0) + 1)
        }
        const finish = performance.now() + 4000
        while (performance.now() < finish) {
          await Promise.all([
            attempt('read folder', () => inside(download(files, '/Share/swapped/secret'))),
            attempt('read file', () => inside(download(files, '/Share/swapped-file'))),
            attempt('list', async () => expect((await names(files, '/Share/swapped')).includes('empty')).to.be.false),
            attempt(
              'stat',
              async () =>
                expect((await files.stat(at('/Share/swapped-file'))).unique.endsWith(before.ino.toString(36))).to.be
                  .false,
            ),
            attempt('store', () => upload(files, '/Share/swapped/new', 'mine')),
            attempt('overwrite', () => upload(files, '/Share/swapped/secret', 'mine')),
            attempt('append', () => upload(files, '/Share/swapped-file', '', { mode: 'append' })),
            attempt('make', () => files.makeDirectory(at('/Share/swapped/folder'))),
            attempt('remove folder', () => files.removeDirectory(at('/Share/swapped/empty'))),
            attempt('remove', () => files.remove(at('/Share/swapped/new'))),
            attempt('rename', () => files.rename(at('/Share/swapped/secret'), at('/Share/swapped/stolen'))),
            attempt('rename back', () => files.rename(at('/Share/swapped/stolen'), at('/Share/swapped/secret'))),
            attempt('mode', () => files.setMode(at('/Share/swapped/secret'), 0o700)),
            attempt('mode of file', () => files.setMode(at('/Share/swapped-file'), 0o700)),
            attempt('time', () => files.setModified(at('/Share/swapped-file'), 0)),
          ])
        }
        const unplanned = [...outcomes.keys()].filter((name) => /Assertion|Error/.test(name))
        expect(unplanned, JSON.stringify([...outcomes])).to.deep.equal([])
        expect([...outcomes.keys()]).to.include.members(['read folder done', 'store done'])
      } finally {
        await end(child)
      }
      expect(readdirSync(world.disk('outside')).sort()).to.deep.equal(['empty', 'secret'])
      expect(readFileSync(world.disk('outside/secret'), 'utf8')).to.equal('SECRET')
      const after = statSync(world.disk('outside/secret'))
      expect([after.mode, after.mtimeMs, after.ino]).to.deep.equal([before.mode, before.mtimeMs, before.ino])
    }),
  ).timeout(15_000)

  it(
    'in the place of the resource folder itself hides the resource',
    inWorld(async (world) => {
      world.put('share/file', 'x')
      world.put('../elsewhere/secret', 'x')
      await world.set(share())
      expect(await names(world.files(), '/Share')).to.deep.equal(['file'])
      rmSync(world.disk('share'), { recursive: true })
      symlinkSync('../elsewhere', world.disk('share'))
      await fails(world.files().read(at('/Share/secret')), 'missing')
      await fails(upload(world.files(), '/Share/new', 'x'), 'missing')
      expect(readdirSync(world.disk('../elsewhere'))).to.deep.equal(['secret'])
    }),
  )
})

describe('the folder picker', () => {
  it(
    'lists folders, makes one and tells the space, inside the storage root only',
    inWorld(async (world) => {
      const root = { id: 'disk', label: 'Disk', path: world.storage, readOnly: false }
      world.put('../outside/x')
      world.put('share/file')
      symlinkSync('../outside', world.disk('link'))
      await createFolder(root, 'share', 'new folder')
      await fails(createFolder(root, 'share', 'new folder'), 'exists')
      expect((await listFolders(root, '')).folders).to.deep.equal(['share'])
      const level = await listFolders(root, 'share')
      expect(level.folders).to.deep.equal(['new folder'])
      expect(level.freeBytes).to.be.within(1, level.totalBytes)
      for (const path of ['..', 'link', '/etc', 'share/../..']) {
        await listFolders(root, path).then(
          () => expect.fail(path),
          (error: unknown) => expect(error).to.be.instanceOf(FilesError),
        )
      }
      for (const name of ['..', '.', '', 'a/b', 'a\0b', 'x'.repeat(256)])
        await fails(createFolder(root, '', name), 'name')
      await fails(createFolder({ ...root, readOnly: true }, '', 'x'), 'refused')
    }),
  )
})
