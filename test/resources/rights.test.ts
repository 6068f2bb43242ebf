import { expect } from 'chai'
import * as fc from 'fast-check'
import { RIGHTS, type Right } from '../../module/ftp/backend.ts'
import { ALL_RIGHTS, READ_RIGHTS } from '../../module/resources/rights.ts'
import { RightsTree } from '../../module/resources/tree.ts'
import { resource } from '../../module/settings/resource.ts'
import { at, fails, inWorld, names, share, upload, visitor, type ResourceInput } from './fixture.ts'

type Entries = NonNullable<ResourceInput['rights']>

function rightsIn(input: ResourceInput, path: string, who = visitor('anna', { groups: ['staff', 'office'] })): Right[] {
  const tree = new RightsTree(resource.parse(input), who, false)
  return RIGHTS.filter((right) => tree.at(path).has(right))
}

const all = [...ALL_RIGHTS]
const read = RIGHTS.filter((right) => READ_RIGHTS.has(right))

describe('rights of one list of entries', () => {
  const table: [string, Entries, Right[]][] = [
    ['no entry gives nothing', [], []],
    ['an entry for somebody else gives nothing', [{ user: 'bert', level: 'readWrite' }], []],
    ['read is download and list', [{ user: 'anna', level: 'read' }], read],
    ['read & write is everything', [{ user: 'anna', level: 'readWrite' }], all],
    ['custom is what it says', [{ user: 'anna', level: 'custom', rights: ['upload', 'list'] }], ['upload', 'list']],
    [
      'groups add up',
      [
        { group: 'staff', level: 'read' },
        { group: 'office', level: 'custom', rights: ['upload'] },
      ],
      ['download', 'upload', 'list'],
    ],
    [
      'no access of one group takes nothing from another',
      [
        { group: 'staff', level: 'none' },
        { group: 'office', level: 'read' },
      ],
      read,
    ],
    [
      'an entry for the user replaces those of the groups',
      [
        { group: 'staff', level: 'readWrite' },
        { user: 'anna', level: 'read' },
      ],
      read,
    ],
    [
      'no access on the user beats everything',
      [
        { user: 'anna', level: 'readWrite' },
        { user: 'anna', level: 'none' },
        { group: 'staff', level: 'readWrite' },
      ],
      [],
    ],
  ]
  for (const [name, rights, expected] of table) {
    it(name, () => {
      expect(rightsIn(share({ rights }), 'some/file')).to.deep.equal(expected)
    })
  }
})

describe('exceptions for subfolders', () => {
  const input = share({
    rights: [{ group: 'staff', level: 'readWrite' }],
    exceptions: [
      { path: 'archive', rights: [{ group: 'staff', level: 'read' }] },
      { path: 'archive/inbox', rights: [{ user: 'anna', level: 'readWrite' }] },
      { path: 'secret', rights: [{ user: 'anna', level: 'none' }] },
      { path: 'secret/deeper', rights: [{ group: 'staff', level: 'readWrite' }] },
      { path: 'secret/own', rights: [{ user: 'anna', level: 'read' }] },
      { path: 'other', rights: [{ user: 'bert', level: 'none' }] },
    ],
  })

  it('the deepest path that has an entry decides', () => {
    expect(rightsIn(input, 'a')).to.deep.equal(all)
    expect(rightsIn(input, 'archive/2020/x')).to.deep.equal(read)
    expect(rightsIn(input, 'archive/inbox/x')).to.deep.equal(all)
    expect(rightsIn(input, 'other/x')).to.deep.equal(all)
  })
  it('a name that only begins like an exception is none', () => {
    expect(rightsIn(input, 'archived')).to.deep.equal(all)
    expect(rightsIn(input, 'archive/inbox2')).to.deep.equal(read)
  })
  it('no access on the user is ended by a deeper entry for the user only', () => {
    expect(rightsIn(input, 'secret/x')).to.deep.equal([])
    expect(rightsIn(input, 'secret/deeper/x')).to.deep.equal([])
    expect(rightsIn(input, 'secret/own/x')).to.deep.equal(read)
  })
  it('the folder of an exception cannot be renamed or removed, nor any above it', () => {
    for (const path of ['archive', 'archive/inbox', 'other']) {
      expect(rightsIn(input, path), path).to.not.include.members(['renameDirectory', 'removeDirectory'])
    }
    expect(rightsIn(input, 'archive/inbox/x')).to.include('renameDirectory')
  })
  it(
    'another spelling of a path leads around no exception on disks that ask neither for case nor for normalisation',
    inWorld(async (world) => {
      const spellings = ['secret', 'SECRET', 'Secret', 'secret.', 'secret ']
      const folders = [...spellings, 'Geh\u00e4lter', 'GEH\u00c4LTER', 'Geha\u0308lter']
      for (const name of folders) world.put(`share/${name}/file`, 'x')
      const shut = ['secret', 'geh\u00e4lter'].map((path) => ({
        path,
        rights: [{ user: 'anna', level: 'none' as const }],
      }))
      await world.set(share({ exceptions: shut }))
      const files = world.files()
      expect(await names(files, '/Share')).to.deep.equal([])
      for (const name of folders) {
        await fails(files.read(at(`/Share/${name}/file`)), 'missing')
        await fails(upload(files, `/Share/${name}/new`, 'x'), 'missing')
        await fails(names(files, `/Share/${name}`), 'missing')
        await fails(files.rename(at('/Share/file'), at(`/Share/${name}/stolen`)), 'missing')
      }
    }),
  )
  it('another spelling of the path of an exception gives nothing that the folder around it does not', () => {
    const given = { path: 'open', rights: [{ user: 'anna', level: 'readWrite' as const }] }
    const reader = share({ rights: [{ user: 'anna', level: 'read' }], exceptions: [given] })
    expect(rightsIn(reader, 'open/x')).to.deep.equal(all)
    expect(rightsIn(reader, 'Open/x')).to.deep.equal(read)
    expect(rightsIn(share({ rights: [], exceptions: [given] }), 'OPEN/x')).to.deep.equal([])
  })
  it('of exceptions for two spellings each decides about its own, and both about a third', () => {
    const reading = { path: 'In', rights: [{ user: 'anna', level: 'read' as const }] }
    const writing = { path: 'in', rights: [{ user: 'anna', level: 'readWrite' as const }] }
    for (const twins of [
      [reading, writing],
      [writing, reading],
    ]) {
      const both = share({ rights: [{ user: 'anna', level: 'readWrite' }], exceptions: twins })
      expect(rightsIn(both, 'in/x')).to.deep.equal(all)
      expect(rightsIn(both, 'In/x')).to.deep.equal(read)
      expect(rightsIn(both, 'IN/x')).to.deep.equal(read)
    }
  })
  it(
    'folders on the way to an exception can be passed and show nothing else',
    inWorld(async (world) => {
      world.put('share/a/b/file')
      world.put('share/a/hidden')
      world.put('share/other')
      await world.set(share({ rights: [], exceptions: [{ path: 'a/b', rights: [{ user: 'anna', level: 'read' }] }] }))
      const files = world.files()
      expect(await names(files, '/')).to.deep.equal(['Share'])
      expect(await names(files, '/Share')).to.deep.equal(['a'])
      expect(await names(files, '/Share/a')).to.deep.equal(['b'])
      expect(await names(files, '/Share/a/b')).to.deep.equal(['file'])
      await fails(files.stat(at('/Share/a/hidden')), 'missing')
      await fails(upload(files, '/Share/a/new', 'x'), 'missing')
    }),
  )
})

const entry = fc.oneof(
  fc.record({ user: fc.constantFrom('anna', 'bert') }),
  fc.record({ group: fc.constantFrom('staff', 'office', 'none') }),
)
const level = fc.oneof(
  fc.record({ level: fc.constantFrom('none' as const, 'read' as const, 'readWrite' as const) }),
  fc.record({ level: fc.constant('custom' as const), rights: fc.subarray([...RIGHTS]) }),
)
const list = fc.array(
  fc.tuple(entry, level).map(([who, what]) => ({ ...who, ...what })),
  { maxLength: 5 },
)
const path = fc.array(fc.constantFrom('a', 'b', 'ab'), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
const exceptions = fc.array(fc.record({ path, rights: list.filter((entries) => entries.length > 0) }), { maxLength: 5 })

describe('the order of entries and exceptions', () => {
  it('never matters', () => {
    const shuffled = fc.tuple(list, exceptions).chain(([rights, paths]) =>
      fc.tuple(
        fc.constant({ rights, exceptions: paths }),
        fc.record({
          rights: fc.shuffledSubarray(rights, { minLength: rights.length }),
          exceptions: fc.shuffledSubarray(paths, { minLength: paths.length }),
        }),
      ),
    )
    fc.assert(
      fc.property(shuffled, path, ([one, other], where) => {
        expect(rightsIn(share(other), where)).to.deep.equal(rightsIn(share(one), where))
      }),
      { numRuns: 500 },
    )
  })
  it('leaves the deepest entry in force, as a plain reading of the rule says', () => {
    fc.assert(
      fc.property(list, exceptions, path, (rights, paths, where) => {
        const file = `${where}/file.txt`
        const lists = [{ path: '', rights }, ...paths].filter(
          (one) => one.path === '' || file.startsWith(`${one.path}/`),
        )
        let held: Set<Right> = new Set()
        let barred = false
        for (const depth of [...new Set(lists.map((one) => one.path))].sort((a, b) => a.length - b.length)) {
          const here = lists.filter((one) => one.path === depth).flatMap((one) => one.rights)
          const own = here.filter((one) => 'user' in one && one.user === 'anna')
          const groups = here.filter((one) => 'group' in one && one.group !== 'none')
          const used = own.length > 0 ? own : barred ? [] : groups
          if (used.length === 0) continue
          barred = own.some((one) => one.level === 'none')
          const given = used.flatMap((one) =>
            one.level === 'custom' ? one.rights : one.level === 'read' ? read : one.level === 'readWrite' ? all : [],
          )
          held = new Set(barred ? [] : given)
        }
        expect(rightsIn(share({ rights, exceptions: paths }), file)).to.deep.equal(
          RIGHTS.filter((right) => held.has(right)),
        )
      }),
      { numRuns: 500 },
    )
  })
})

describe('verdicts', () => {
  it(
    'name the rule, whose it is and which entry decided',
    inWorld(async (world) => {
      await world.set(
        share({
          rights: [
            { group: 'staff', level: 'read' },
            { group: 'office', level: 'custom', rights: ['upload'] },
          ],
          exceptions: [{ path: 'in', rights: [{ user: 'anna', level: 'readWrite' }] }],
        }),
      )
      const files = world.files(visitor('anna', { groups: ['staff', 'office'] }))
      expect(files.may(['delete'], at('/Share/x'))).to.deep.equal({
        allowed: false,
        rule: 'right.delete',
        level: 'group',
        detail: 'group office, staff',
      })
      expect(files.may(['upload'], at('/Share/x'))).to.deep.equal({
        allowed: true,
        rule: 'right.upload',
        level: 'group',
        detail: 'group office',
      })
      expect(files.may(['delete'], at('/Share/in/x'))).to.deep.equal({
        allowed: true,
        rule: 'right.delete',
        level: 'user',
        detail: 'user anna in in',
      })
      expect(files.may(['delete', 'list'], at('/Share/x')).rule).to.equal('right.list')
      expect(files.may(['list'], at('/Nothing/x')).hidden).to.be.true
      expect(files.may(['list'], at('/')).allowed).to.be.true
      expect(files.may(['createDirectory'], at('/')).allowed).to.be.false
    }),
  )
  it(
    'follow changed groups and changed settings at the next question',
    inWorld(async (world) => {
      await world.set(share({ rights: [{ group: 'staff', level: 'readWrite' }] }))
      let groups = ['staff']
      const files = world.resources.filesFor(() => visitor('anna', { groups }))
      expect(files.may(['delete'], at('/Share/x')).allowed).to.be.true
      groups = []
      expect(files.may(['delete'], at('/Share/x')).hidden).to.be.true
      groups = ['staff']
      await world.set(share({ rights: [{ group: 'staff', level: 'read' }] }))
      expect(files.may(['delete'], at('/Share/x')).allowed).to.be.false
    }),
  )
  it(
    "are nobody else's, however many ask in turn (rights of the session before)",
    inWorld(async (world) => {
      const levels = ['none', 'read', 'readWrite'] as const
      const levelOf = (number: number) => levels[number % 3] ?? 'none'
      await world.set(
        share({
          rights: [
            ...Array.from({ length: 30 }, (_, number) => ({ user: `user-${number}`, level: levelOf(number) })),
            { group: 'staff', level: 'readWrite' },
          ],
          guests: { profile: 'read', from: 'everywhere' },
        }),
      )
      const mayDelete = (who: Parameters<typeof world.files>[0]) =>
        world.files(who).may(['delete'], at('/Share/x')).allowed
      for (let round = 0; round < 2; round++) {
        for (let number = 0; number < 30; number++) {
          expect(mayDelete(visitor(`user-${number}`)), `user-${number}`).to.equal(levelOf(number) === 'readWrite')
        }
        // The same name with other groups, or without a password.
        expect(mayDelete(visitor('anonymous', { groups: ['staff'] }))).to.equal(true)
        expect(mayDelete(visitor('anonymous', { guest: true, groups: ['staff'] }))).to.equal(false)
        expect(mayDelete(visitor('anonymous'))).to.equal(false)
      }
    }),
  )
  it(
    'explain each right of a path, with the storage that refuses',
    inWorld(async (world) => {
      world.put('share/file')
      await world.set(share({ rights: [{ user: 'anna', level: 'custom', rights: ['list', 'upload'] }] }))
      const explained = await world.resources.explain(visitor('anna'), at('/Share/file'))
      expect(explained).to.include({ resource: 'Share', visible: true, exists: true })
      expect(explained.rights.filter(({ verdict }) => verdict.allowed).map(({ right }) => right)).to.deep.equal([
        'upload',
        'list',
      ])
      await world.resources.update(
        [resource.parse(share())],
        [{ id: 'disk', label: 'Disk', path: world.storage, readOnly: true }],
      )
      const refused = (await world.resources.explain(visitor('anna'), at('/Share/file'))).rights.find(
        ({ right }) => right === 'delete',
      )
      expect(refused?.verdict).to.deep.include({ allowed: false, rule: 'storage.read-only', level: 'system' })
      await fails(upload(world.files(), '/Share/new', 'x'), 'refused', 'storage.read-only')
    }),
  )
})
