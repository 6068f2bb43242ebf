import { execFileSync } from 'node:child_process'
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { expect } from 'chai'
import { decodeOctets } from '../../module/ftp/octets.ts'
import { at, download, entries, fails, inWorld, names, share, upload, visitor, type World } from './fixture.ts'

const temporaries = (world: World, folder = 'share'): string[] =>
  readdirSync(world.disk(folder)).filter((name) => name.startsWith('.ftp-upload-'))

const openDescriptors = () => readdirSync('/proc/self/fd').length

describe('the tree', () => {
  it(
    'shows in / the resources that are enabled, there and not without any right',
    inWorld(async (world) => {
      mkdirSync(world.disk('other'))
      world.put('plain-file')
      await world.set(
        share(),
        share({ name: 'Off', enabled: false }),
        share({ name: 'Gone', folder: 'gone' }),
        share({ name: 'File', folder: 'plain-file' }),
        share({ name: 'Lost', root: 'no such disk' }),
        share({ name: 'Foreign', folder: 'other', rights: [{ user: 'bert', level: 'read' }] }),
      )
      expect(await names(world.files(), '/')).to.deep.equal(['Share'])
      const problems = (await world.resources.states()).map(({ name, problem }) => [name, problem])
      expect(problems).to.deep.equal([
        ['Share', undefined],
        ['Off', undefined],
        ['Gone', 'missing'],
        ['File', 'not-a-directory'],
        ['Lost', 'no-storage'],
        ['Foreign', undefined],
      ])
    }),
  )
  it(
    'a resource without right fails like a name that is nowhere',
    inWorld(async (world) => {
      await world.set(share({ name: 'Secret', rights: [{ user: 'bert', level: 'readWrite' }] }))
      const files = world.files()
      for (const path of ['/Secret', '/Secret/x', '/Nowhere', '/Nowhere/x']) {
        const both = [
          files.stat(at(path)),
          files.enter(at(path)),
          files.read(at(path)),
          files.remove(at(path)),
          entries(files, path),
        ]
        for (const work of both) {
          const { verdict } = await fails(work, 'missing')
          expect(verdict).to.deep.equal({ allowed: false, rule: 'right.resource', level: 'resource', hidden: true })
        }
      }
    }),
  )
  it(
    'a folder that appears later is found without a change of the settings',
    inWorld(async (world) => {
      await world.set(share({ folder: 'later' }))
      expect(await names(world.files(), '/')).to.deep.equal([])
      mkdirSync(world.disk('later'))
      expect(await names(world.files(), '/')).to.deep.equal(['Share'])
    }),
  )
  it(
    'prefix twins: resources whose names and folders begin alike never mix',
    inWorld(async (world) => {
      world.put('a/in-a')
      world.put('ab/in-ab')
      await world.set(share({ name: 'A', folder: 'a' }), share({ name: 'AB', folder: 'ab' }))
      symlinkSync('../ab/in-ab', world.disk('a/link'))
      expect(await names(world.files(), '/A')).to.deep.equal(['in-a'])
      expect(await names(world.files(), '/AB')).to.deep.equal(['in-ab'])
      await fails(world.files().read(at('/A/link')), 'missing', 'path.confinement')
      await fails(world.files().stat(at('/AB../A')), 'missing')
    }),
  )
})

describe('entries', () => {
  it(
    'tell size, time, mode, links and one unique text for one file under all its names',
    inWorld(async (world) => {
      await world.set(share())
      linkSync(world.put('share/one', '12345'), world.disk('share/two'))
      world.put('share/three')
      const found = new Map((await entries(world.files(), '/Share')).map((entry) => [entry.name, entry]))
      const one = found.get('one')
      expect(one).to.include({ type: 'file', size: 5, links: 2, mode: statSync(world.disk('share/one')).mode & 0o777 })
      expect(one?.modified).to.equal(Math.trunc(statSync(world.disk('share/one')).mtimeMs))
      expect(found.get('two')?.unique).to.equal(one?.unique)
      expect(found.get('three')?.unique).to.not.equal(one?.unique)
      expect(await world.files().stat(at('/Share/one'))).to.deep.equal(one)
      expect(found.get('two')?.rights, 'one shared object').to.equal(one?.rights)
    }),
  )
  it(
    'keep names byte for byte, also those that are not UTF-8',
    inWorld(async (world) => {
      await world.set(share())
      const odd = [
        'a b',
        '*',
        '~',
        '-la',
        'e\u0301',
        '\u00e9',
        '\u{1f600}',
        'x\ufffdy',
        decodeOctets(Buffer.from([0x66, 0xff, 0xfe, 0x67])),
        decodeOctets(Buffer.from([0x66, 0xff, 0x67])),
      ]
      for (const name of odd) await upload(world.files(), `/Share/${name}`, name.length.toString())
      expect(await names(world.files(), '/Share')).to.deep.equal([...odd].sort())
      for (const name of odd) expect(await download(world.files(), `/Share/${name}`)).to.equal(name.length.toString())
      await world.files().makeDirectory(at(`/Share/${odd[8]}d`))
      await world.files().rename(at(`/Share/${odd[8]}`), at(`/Share/${odd[8]}d/${odd[9]}`))
      expect(await names(world.files(), `/Share/${odd[8]}d`)).to.deep.equal([odd[9]])
    }),
  )
  it(
    'names with line ends on the disk are left out of listings',
    inWorld(async (world) => {
      await world.set(share())
      for (const name of ['good', 'bad\nname', 'bad\r\nname']) world.put(`share/${name}`)
      expect(await names(world.files(), '/Share')).to.deep.equal(['good'])
    }),
  )
  it(
    '255 bytes of a name are accepted, 256 refused as a name',
    inWorld(async (world) => {
      await world.set(share())
      await upload(world.files(), `/Share/${'é'.repeat(127)}x`, 'fits')
      await fails(upload(world.files(), `/Share/${'é'.repeat(128)}`, 'x'), 'name')
      await fails(world.files().makeDirectory(at(`/Share/${'d'.repeat(256)}`)), 'name')
      await fails(world.files().rename(at(`/Share/${'é'.repeat(127)}x`), at(`/Share/${'d'.repeat(256)}`)), 'name')
    }),
  )
  it(
    'devices, sockets and FIFOs are neither listed nor opened, and a FIFO makes nothing wait',
    inWorld(async (world) => {
      await world.set(share())
      execFileSync('mkfifo', [world.disk('share/fifo')])
      symlinkSync('fifo', world.disk('share/link-to-fifo'))
      const files = world.files()
      expect(await names(files, '/Share')).to.deep.equal([])
      for (const name of ['fifo', 'link-to-fifo']) {
        await fails(files.read(at(`/Share/${name}`)), 'missing')
        await fails(files.stat(at(`/Share/${name}`)), 'missing')
        await fails(files.remove(at(`/Share/${name}`)), 'missing')
        await fails(files.rename(at(`/Share/${name}`), at('/Share/x')), 'missing')
        await fails(upload(files, `/Share/${name}`, 'x'), 'refused', 'path.special')
        await fails(upload(files, `/Share/${name}`, 'x', { mode: 'append' }), 'refused', 'path.special')
        await fails(files.setMode(at(`/Share/${name}`), 0o777), 'missing')
      }
      expect(existsSync(world.disk('share/fifo'))).to.be.true
    }),
  )
})

describe('storing', () => {
  it(
    'an atomic upload is invisible until it is whole, and the old content stays until then',
    inWorld(async (world) => {
      world.put('share/file', 'old')
      await world.set(share())
      const files = world.files()
      const file = await files.write(at('/Share/file'), { mode: 'replace' })
      await file.write(Buffer.from('new content'))
      expect(await download(files, '/Share/file')).to.equal('old')
      expect(await names(files, '/Share')).to.deep.equal(['file'])
      expect(temporaries(world)).to.have.lengthOf(1)
      await file.commit()
      expect(await download(files, '/Share/file')).to.equal('new content')
      expect(temporaries(world)).to.deep.equal([])
    }),
  )
  it(
    'an abandoned upload leaves the old content and nothing else',
    inWorld(async (world) => {
      world.put('share/file', 'old')
      for (const partialUploads of ['keep', 'drop'] as const) {
        await world.set(share({ options: { partialUploads } }))
        const file = await world.files().write(at('/Share/file'), { mode: 'replace' })
        await file.write(Buffer.from('half'))
        await file.abandon()
        expect(world.text('share/file')).to.equal('old')
        expect(temporaries(world)).to.deep.equal([])
      }
    }),
  )
  it(
    'keeps or drops the part of a new file as the resource is set',
    inWorld(async (world) => {
      for (const atomicUploads of [true, false]) {
        for (const partialUploads of ['keep', 'drop'] as const) {
          await world.set(share({ options: { atomicUploads, partialUploads } }))
          const name = `${atomicUploads}-${partialUploads}`
          const file = await world.files().write(at(`/Share/${name}`), { mode: 'replace' })
          await file.write(Buffer.from('half'))
          await file.abandon()
          expect(existsSync(world.disk(`share/${name}`)), name).to.equal(partialUploads === 'keep')
        }
      }
      expect(temporaries(world)).to.deep.equal([])
    }),
  )
  it(
    'durable uploads that end at once into one folder all arrive, and leave no descriptor open',
    inWorld(async (world) => {
      await world.set(share({ options: { durable: true } }))
      const files = world.files()
      const before = openDescriptors()
      const made = Array.from({ length: 40 }, (_, number) => `file-${number}`)
      await Promise.all(made.map((name) => upload(files, `/Share/${name}`, name)))
      for (const name of made) expect(world.text(`share/${name}`)).to.equal(name)
      await world.resources.close()
      expect(openDescriptors()).to.be.at.most(before)
    }),
  )

  it(
    'a durable upload and an upload in place arrive like any other',
    inWorld(async (world) => {
      await world.set(share({ options: { durable: true } }))
      await upload(world.files(), '/Share/durable', 'one')
      await world.set(share({ options: { durable: true, atomicUploads: false } }))
      await upload(world.files(), '/Share/in-place', 'longer text')
      await upload(world.files(), '/Share/in-place', 'two')
      expect([world.text('share/durable'), world.text('share/in-place')]).to.deep.equal(['one', 'two'])
    }),
  )
  it(
    'appends, restarts and makes empty files',
    inWorld(async (world) => {
      await world.set(share())
      const files = world.files()
      await upload(files, '/Share/empty', '')
      expect(world.text('share/empty')).to.equal('')
      await upload(files, '/Share/log', 'one', { mode: 'append' })
      await upload(files, '/Share/log', ' two', { mode: 'append' })
      expect(world.text('share/log')).to.equal('one two')
      await upload(files, '/Share/log', 'TWO!', { mode: 'restart', offset: 4 })
      expect(world.text('share/log')).to.equal('one TWO!')
      await upload(files, '/Share/log', 'new', { mode: 'restart', offset: 0 })
      expect(world.text('share/log')).to.equal('new')
    }),
  )
  it(
    'sparse file: a restart beyond the end is refused as offset',
    inWorld(async (world) => {
      world.put('share/file', 'abc')
      await world.set(share())
      await fails(upload(world.files(), '/Share/file', 'x', { mode: 'restart', offset: 4 }), 'offset')
      await fails(upload(world.files(), '/Share/none', 'x', { mode: 'restart', offset: 2 ** 40 }), 'offset')
      expect(await names(world.files(), '/Share')).to.deep.equal(['file'])
    }),
  )
  it(
    'a unique upload takes a name that was free',
    inWorld(async (world) => {
      await world.set(share())
      const files = world.files()
      const open = await files.write(at('/Share/a.txt'), { mode: 'unique' })
      const paths = [
        await upload(files, '/Share/a.txt', '2', { mode: 'unique' }),
        await upload(files, '/Share/a.txt', '3', { mode: 'unique' }),
      ]
      await open.commit()
      expect([open.path, ...paths]).to.deep.equal(['/Share/a.txt', '/Share/a (2).txt', '/Share/a (3).txt'])
      await upload(files, `/Share/${'n'.repeat(251)}.txt`, 'x', { mode: 'unique' })
      const path = await upload(files, `/Share/${'n'.repeat(251)}.txt`, 'x', { mode: 'unique' })
      expect(path).to.equal(`/Share/${'n'.repeat(247)} (2).txt`)
    }),
  )
  it(
    'without the right to overwrite, a file that appears meanwhile is not replaced',
    inWorld(async (world) => {
      await world.set(share({ rights: [{ user: 'anna', level: 'custom', rights: ['upload', 'list', 'rename'] }] }))
      const file = await world.files().write(at('/Share/file'), { mode: 'replace' })
      await file.write(Buffer.from('late'))
      world.put('share/file', 'first')
      await fails(file.commit(), 'exists')
      expect(world.text('share/file')).to.equal('first')
      expect(temporaries(world)).to.deep.equal([])
      await fails(upload(world.files(), '/Share/file', 'x'), 'refused', 'right.overwrite')
      world.put('share/other', 'other')
      await fails(world.files().rename(at('/Share/other'), at('/Share/file')), 'refused', 'right.overwrite')
    }),
  )
  it(
    'each way of writing asks for its own right',
    inWorld(async (world) => {
      world.put('share/file', 'abc')
      for (const [right, mode, offset] of [
        ['overwrite', 'replace', 0],
        ['append', 'append', 0],
        ['overwrite', 'restart', 1],
      ] as const) {
        await world.set(share({ rights: [{ user: 'anna', level: 'custom', rights: ['upload', 'list'] }] }))
        await fails(upload(world.files(), '/Share/file', 'x', { mode, offset }), 'refused', `right.${right}`)
        await world.set(share({ rights: [{ user: 'anna', level: 'custom', rights: [right] }] }))
        await fails(
          upload(world.files(), '/Share/new', 'x', { mode: mode === 'restart' ? 'replace' : mode }),
          'refused',
          'right.upload',
        )
        await upload(world.files(), '/Share/file', 'abc', { mode, offset })
      }
      expect(world.text('share/file')).to.equal('aabcbc')
    }),
  )
  it(
    'the new content of a file keeps the permissions of the old',
    inWorld(async (world) => {
      await world.set(share())
      await upload(world.files(), '/Share/file', 'x')
      await world.files().setMode(at('/Share/file'), 0o640)
      await upload(world.files(), '/Share/file', 'y')
      expect(statSync(world.disk('share/file')).mode & 0o777).to.equal(0o640)
    }),
  )
  it(
    'storing, appending, renaming, removing and reading one name at once neither crash nor leave anything behind',
    inWorld(async (world) => {
      await world.set(share())
      const files = world.files()
      const work = Array.from({ length: 60 }, (_, index) => {
        const text = String(index % 10).repeat(5000)
        if (index % 5 === 0) return upload(files, '/Share/file', text)
        if (index % 5 === 1) return upload(files, '/Share/file', text, { mode: 'append' })
        if (index % 5 === 2) return files.rename(at('/Share/file'), at('/Share/file2'))
        if (index % 5 === 3) return files.remove(at('/Share/file'))
        return download(files, '/Share/file')
      })
      const failed = (await Promise.allSettled(work))
        .filter((one) => one.status === 'rejected')
        .map((one) => one.reason?.kind)
      expect(failed.filter((kind) => kind !== 'missing' && kind !== 'exists')).to.deep.equal([])
      expect(temporaries(world)).to.deep.equal([])
    }),
  )
  it(
    'a file truncated while it is read ends early instead of failing',
    inWorld(async (world) => {
      world.put('share/file', 'x'.repeat(10_000))
      await world.set(share())
      const file = await world.files().read(at('/Share/file'))
      truncateSync(world.disk('share/file'), 10)
      expect(await file.read(Buffer.alloc(100), 0)).to.equal(10)
      expect(await file.read(Buffer.alloc(100), 10)).to.equal(0)
      await file.close()
    }),
  )
})

describe('changing the tree', () => {
  it(
    'makes, removes and renames, with the errors the disk has',
    inWorld(async (world) => {
      await world.set(share())
      const files = world.files()
      await files.makeDirectory(at('/Share/a'))
      await files.makeDirectory(at('/Share/a/b'))
      await upload(files, '/Share/a/file', 'text')
      await fails(files.makeDirectory(at('/Share/a')), 'exists')
      await fails(files.makeDirectory(at('/Share')), 'exists')
      await fails(files.makeDirectory(at('/Share/none/x')), 'missing')
      await fails(files.removeDirectory(at('/Share/a')), 'not-empty')
      await fails(files.removeDirectory(at('/Share/a/file')), 'not-a-directory')
      await fails(files.removeDirectory(at('/Share/none')), 'missing')
      await fails(files.removeDirectory(at('/Share')), 'refused')
      await fails(files.remove(at('/Share/a')), 'is-a-directory')
      await fails(files.remove(at('/Share')), 'is-a-directory')
      await fails(files.read(at('/Share/a')), 'is-a-directory')
      await fails(upload(files, '/Share/a', 'x'), 'is-a-directory')
      await fails(files.enter(at('/Share/a/file')), 'not-a-directory')
      await fails(files.rename(at('/Share/a'), at('/Share/a/b/c')), 'refused', 'rename.into-itself')
      await fails(files.rename(at('/Share/a/b'), at('/Share/none/b')), 'missing')
      await files.makeDirectory(at('/Share/full'))
      await upload(files, '/Share/full/x', 'x')
      await fails(files.rename(at('/Share/a'), at('/Share/full')), 'exists')
      await fails(files.rename(at('/Share/a/file'), at('/Share/full')), 'exists')
      await fails(files.rename(at('/Share/a'), at('/Share/full/x')), 'exists')
      await fails(files.rename(at('/Share'), at('/Share2')), 'refused')
      expect(await names(files, '/Share/a')).to.deep.equal(['b', 'file'])
      await files.rename(at('/Share/a/file'), at('/Share/full/x'))
      expect(world.text('share/full/x')).to.equal('text')
      await files.removeDirectory(at('/Share/a/b'))
      await files.remove(at('/Share/full/x'))
      expect(await names(files, '/Share')).to.deep.equal(['a', 'full'])
    }),
  )
  it(
    'sets times and permission bits',
    inWorld(async (world) => {
      world.put('share/file')
      await world.set(share())
      const time = Date.UTC(2001, 1, 3, 4, 5, 6)
      await world.files().setModified(at('/Share/file'), time)
      await world.files().setMode(at('/Share/file'), 0o604)
      expect(await world.files().stat(at('/Share/file'))).to.include({ modified: time, mode: 0o604 })
      await world.set(share({ rights: [{ user: 'anna', level: 'read' }] }))
      await fails(world.files().setModified(at('/Share/file'), 0), 'refused')
      await fails(world.files().setMode(at('/Share/file'), 0o777), 'refused')
    }),
  )
  it(
    'rename needs the right at both ends, also between resources',
    inWorld(async (world) => {
      world.put('share/file', 'x')
      for (const folder of ['read-only', 'drop', 'open']) mkdirSync(world.disk(folder))
      await world.set(
        share(),
        share({ name: 'Read', folder: 'read-only', rights: [{ user: 'anna', level: 'read' }] }),
        share({ name: 'Drop', folder: 'drop', rights: [{ user: 'anna', level: 'custom', rights: ['upload'] }] }),
        share({ name: 'Open', folder: 'open' }),
      )
      const files = world.files()
      await fails(files.rename(at('/Share/file'), at('/Read/file')), 'refused', 'right.rename')
      await fails(files.rename(at('/Share/file'), at('/Drop/file')), 'refused', 'right.rename')
      await fails(files.rename(at('/Share/file'), at('/Foreign/file')), 'missing')
      await files.rename(at('/Share/file'), at('/Open/file'))
      expect(world.text('open/file')).to.equal('x')
    }),
  )
  it(
    'a rename to another file system is refused and copies nothing',
    inWorld(async (world) => {
      world.put('share/file', 'x')
      await world.set(share())
      const { resource } = await import('../../module/settings/resource.ts')
      const roots = [
        { id: 'disk', label: 'Disk', path: world.storage, readOnly: false },
        { id: 'memory', label: 'Memory', path: '/dev/shm', readOnly: false },
      ]
      if (statSync('/dev/shm').dev === statSync(world.storage).dev) return
      await world.resources.update(
        [share(), share({ name: 'Memory', root: 'memory', folder: '' })].map((one) => resource.parse(one)),
        roots,
      )
      await fails(
        world.files().rename(at('/Share/file'), at('/Memory/ftp-module-test')),
        'refused',
        'rename.file-system',
      )
      expect(existsSync('/dev/shm/ftp-module-test')).to.be.false
      expect(world.text('share/file')).to.equal('x')
    }),
  )
  it(
    'a folder that an exception is set on stays where it is',
    inWorld(async (world) => {
      mkdirSync(world.disk('share/a/archive'), { recursive: true })
      await world.set(share({ exceptions: [{ path: 'a/archive', rights: [{ user: 'anna', level: 'read' }] }] }))
      await fails(world.files().rename(at('/Share/a'), at('/Share/b')), 'refused', 'right.exception')
      await fails(world.files().removeDirectory(at('/Share/a/archive')), 'refused')
    }),
  )
})

describe('names of a resource', () => {
  it(
    'hidden names are neither listed nor reachable nor made',
    inWorld(async (world) => {
      world.put('share/Thumbs.db', 'x')
      world.put('share/.git/config', 'x')
      world.put('share/shown')
      await world.set(share({ options: { hiddenNames: ['thumbs.DB', '.git*'] } }))
      const files = world.files()
      expect(await names(files, '/Share')).to.deep.equal(['shown'])
      for (const path of ['/Share/Thumbs.db', '/Share/thumbs.db.', '/Share/.git', '/Share/.git/config']) {
        await fails(files.stat(at(path)), 'missing')
        await fails(files.read(at(path)), 'missing')
        await fails(files.remove(at(path)), 'missing')
      }
      await fails(upload(files, '/Share/THUMBS.DB', 'x'), 'refused', 'name.hidden')
      await fails(upload(files, '/Share/.git/hooks', 'x'), 'missing')
      await fails(files.rename(at('/Share/shown'), at('/Share/.github')), 'refused', 'name.hidden')
    }),
  )
  it(
    'refused names cannot be uploaded, created or renamed to',
    inWorld(async (world) => {
      world.put('share/fine')
      await world.set(share({ options: { refusedNames: ['*.exe', 'a?c'] } }))
      const files = world.files()
      for (const mode of ['replace', 'append', 'unique'] as const) {
        await fails(upload(files, '/Share/x.EXE', 'x', { mode }), 'refused', 'name.refused')
      }
      await fails(files.makeDirectory(at('/Share/abc')), 'refused', 'name.refused')
      await fails(files.rename(at('/Share/fine'), at('/Share/AbC')), 'refused', 'name.refused')
      await upload(files, '/Share/abbc', 'x')
    }),
  )
  it(
    'temporaries of uploads can be neither seen, opened, made nor removed',
    inWorld(async (world) => {
      await world.set(share())
      const files = world.files()
      const file = await files.write(at('/Share/file'), { mode: 'replace' })
      const [temporary = ''] = temporaries(world)
      expect(await names(files, '/Share')).to.deep.equal([])
      for (const name of [temporary, temporary.toUpperCase(), '.ftp-upload-x']) {
        await fails(files.stat(at(`/Share/${name}`)), 'missing')
        await fails(files.read(at(`/Share/${name}`)), 'missing')
        await fails(files.remove(at(`/Share/${name}`)), 'missing')
        await fails(upload(files, `/Share/${name}`, 'x'), 'name')
        await fails(files.makeDirectory(at(`/Share/${name}`)), 'name')
      }
      await file.commit()
    }),
  )
})

describe('private folders', () => {
  it(
    'each account gets its own at first use, closed to others',
    inWorld(async (world) => {
      mkdirSync(world.disk('homes'))
      const home = share({
        name: 'Home',
        folder: 'homes/%USER%/files',
        rights: [{ group: 'all', level: 'readWrite' }],
        guests: { profile: 'readWrite', from: 'everywhere' },
      })
      await world.set(home)
      const of = (name: string, guest = false) => world.files(visitor(name, { groups: ['all'], guest }))
      await upload(of('anna'), '/Home/mine', 'anna')
      expect(await names(of('bert'), '/Home')).to.deep.equal([])
      expect(world.text('homes/anna/files/mine')).to.equal('anna')
      expect(statSync(world.disk('homes/anna')).mode & 0o777).to.equal(0o700)
      expect(await names(of('anonymous', true), '/')).to.deep.equal([])
      await world.resources.explain(visitor('carl', { groups: ['all'] }), at('/Home/x'))
      expect(existsSync(world.disk('homes/carl'))).to.be.false
    }),
  )
  it(
    'account names that mean something to whoever replaces text lead to no folder of somebody else',
    inWorld(async (world) => {
      mkdirSync(world.disk('homes'))
      await world.set(share({ name: 'Home', folder: 'homes/%USER%', rights: [{ group: 'all', level: 'readWrite' }] }))
      const odd = ['$&', '$`', "$'", '$$', '%USER%', 'homes']
      for (const name of odd) await upload(world.files(visitor(name, { groups: ['all'] })), '/Home/own', name)
      for (const name of odd) expect(world.text(`homes/${name}/own`)).to.equal(name)
    }),
  )
  it(
    'account names that lead elsewhere (attack %USER% = ..) get none',
    inWorld(async (world) => {
      world.put('homes/bert/secret', 'x')
      await world.set(share({ name: 'Home', folder: 'homes/%USER%', rights: [{ group: 'all', level: 'readWrite' }] }))
      for (const name of ['..', '.', '', 'a/../bert', '/bert', 'bert\0', 'x'.repeat(256)]) {
        const files = world.files(visitor(name, { groups: ['all'] }))
        expect(await names(files, '/'), JSON.stringify(name)).to.deep.equal([])
        await fails(files.stat(at('/Home/secret')), 'missing')
      }
      expect(readdirSync(world.disk('homes'))).to.deep.equal(['bert'])
    }),
  )
  it(
    'a private folder that is a link out of the resource is not used',
    inWorld(async (world) => {
      mkdirSync(world.disk('homes'))
      world.put('outside/secret', 'x')
      symlinkSync('../outside', world.disk('homes/anna'))
      await world.set(share({ name: 'Home', folder: 'homes/%USER%' }))
      expect(await names(world.files(), '/')).to.deep.equal([])
      await fails(upload(world.files(), '/Home/new', 'x'), 'missing')
      expect(readdirSync(world.disk('outside'))).to.deep.equal(['secret'])
      writeFileSync(world.disk('outside/done'), '')
    }),
  )
})
