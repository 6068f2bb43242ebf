import { mkdirSync } from 'node:fs'
import { expect } from 'chai'
import { at, download, entries, fails, guest, inWorld, names, share, upload } from './fixture.ts'

describe('guests', () => {
  it(
    'are let in only from where the resource says',
    inWorld(async (world) => {
      const cases = [
        [{ profile: 'off' }, '192.0.2.7', true, false],
        [{ profile: 'read' }, '192.0.2.7', true, true],
        [{ profile: 'read' }, '203.0.113.9', false, false],
        [{ profile: 'read', from: 'everywhere' }, '203.0.113.9', false, true],
        [
          { profile: 'read', from: 'networks', networks: ['203.0.113.0/24', '2001:db8::/32'] },
          '203.0.113.9',
          false,
          true,
        ],
        [
          { profile: 'read', from: 'networks', networks: ['203.0.113.0/24', '2001:db8::/32'] },
          '2001:db8::7',
          false,
          true,
        ],
        [{ profile: 'read', from: 'networks', networks: ['203.0.113.0/24'] }, '192.0.2.7', true, false],
        [{ profile: 'read', from: 'networks', networks: ['203.0.113.9'] }, '203.0.113.9', false, true],
        [{ profile: 'read', from: 'networks', networks: ['203.0.113.9'] }, '203.0.113.10', false, false],
      ] as const
      for (const [guests, address, lan, expected] of cases) {
        await world.set(share({ guests: { ...guests, networks: 'networks' in guests ? [...guests.networks] : [] } }))
        expect(world.resources.guestsAllowed(address, lan), JSON.stringify([guests, address])).to.equal(expected)
        expect(await names(world.files(guest({ address, lan })), '/')).to.deep.equal(expected ? ['Share'] : [])
      }
    }),
  )
  it(
    'get nothing from entries that name a user or group',
    inWorld(async (world) => {
      await world.set(
        share({
          rights: [
            { user: 'anonymous', level: 'readWrite' },
            { group: 'all', level: 'readWrite' },
          ],
        }),
      )
      expect(await names(world.files(guest({ groups: ['all'] })), '/')).to.deep.equal([])
    }),
  )
  it(
    'with profile read can read and list only, with read & write everything',
    inWorld(async (world) => {
      world.put('share/file', 'text')
      await world.set(share({ guests: { profile: 'read' } }))
      expect(await download(world.files(guest()), '/Share/file')).to.equal('text')
      await fails(upload(world.files(guest()), '/Share/new', 'x'), 'refused', 'right.upload')
      await fails(world.files(guest()).remove(at('/Share/file')), 'refused', 'right.delete')
      await world.set(share({ guests: { profile: 'readWrite' } }))
      await upload(world.files(guest()), '/Share/file', 'new')
      await world.files(guest()).remove(at('/Share/file'))
    }),
  )
})

/** The failure as a client could tell it from others. */
async function outcome(work: () => Promise<unknown>): Promise<unknown> {
  const error = await work().catch((reason: unknown) => reason)
  return error instanceof Error && 'kind' in error && 'verdict' in error
    ? { kind: error.kind, verdict: error.verdict }
    : expect.fail('was allowed')
}

describe('a drop box', () => {
  it(
    'takes new files and gives a clash a new name',
    inWorld(async (world) => {
      world.put('share/name.txt', 'first')
      await world.set(share({ guests: { profile: 'dropBox' } }))
      const files = world.files(guest())
      await files.enter(at('/Share'))
      expect(await upload(files, '/Share/name.txt', 'second')).to.equal('/Share/name (2).txt')
      const paths = await Promise.all(
        Array.from({ length: 5 }, (_, index) => upload(files, '/Share/name.txt', String(index))),
      )
      expect(new Set(paths).size).to.equal(5)
      expect(world.text('share/name.txt')).to.equal('first')
      expect(world.text('share/name (2).txt')).to.equal('second')
    }),
  )
  it(
    'does not search longer the more files of one name there are',
    inWorld(async (world) => {
      await world.set(share({ guests: { profile: 'dropBox' } }))
      const files = world.files(guest())
      world.put('share/x')
      for (let number = 2; number <= 60; number++) world.put(`share/x (${number})`)
      expect(await upload(files, '/Share/x', 'text')).to.match(/^\/Share\/x \([0-9a-f]{12}\)$/)
    }),
  )
  it(
    'oracle: SIZE, MDTM, MLST, CWD and everything else tell nothing of what is there',
    inWorld(async (world) => {
      world.put('share/there', 'secret')
      mkdirSync(world.disk('share/folder'))
      await world.set(share({ guests: { profile: 'dropBox' } }))
      const files = world.files(guest())
      const attempts: ((name: string) => Promise<unknown>)[] = [
        (name) => files.stat(at(`/Share/${name}`)),
        (name) => files.enter(at(`/Share/${name}`)),
        (name) => entries(files, `/Share/${name}`),
        (name) => files.read(at(`/Share/${name}`)),
        (name) => upload(files, `/Share/${name}`, 'x', { mode: 'append' }),
        (name) => upload(files, `/Share/${name}`, 'x', { mode: 'restart', offset: 1 }),
        (name) => upload(files, `/Share/${name}/x`, 'x'),
        (name) => files.remove(at(`/Share/${name}`)),
        (name) => files.removeDirectory(at(`/Share/${name}`)),
        (name) => files.rename(at(`/Share/${name}`), at('/Share/new')),
        (name) => files.makeDirectory(at(`/Share/${name}`)),
        (name) => files.setModified(at(`/Share/${name}`), 0),
        (name) => files.setMode(at(`/Share/${name}`), 0o777),
      ]
      for (const attempt of attempts) {
        const none = await outcome(() => attempt('nothing'))
        for (const name of ['there', 'folder'])
          expect(await outcome(() => attempt(name)), attempt.toString()).to.deep.equal(none)
      }
      await fails(files.stat(at('/Share/there')), 'missing')
      await fails(entries(files, '/Share'), 'refused', 'right.list')
      expect((await files.stat(at('/Share'))).type).to.equal('directory')
    }),
  )
})
