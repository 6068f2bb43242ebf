/** Names by which FAT opens a file besides its own: they must not lead around patterns and exceptions. */
import { expect } from 'chai'
import { AccountTree } from '../../module/resources/account-tree.ts'
import { Confinement } from '../../module/resources/confinement.ts'
import { Folder } from '../../module/resources/folder.ts'
import { Pace } from '../../module/resources/pace.ts'
import { Share } from '../../module/resources/share.ts'
import { holdsShortName } from '../../module/resources/short-name.ts'
import { resource } from '../../module/settings/resource.ts'
import { at, fails, inWorld, share, visitor, type ResourceInput, type World } from './fixture.ts'

const FAT = 0x4d44
const EXT4 = 0xef53
const barred = share({ exceptions: [{ path: 'Accounting', rights: [{ user: 'anna', level: 'none' }] }] })

/** Anna's tree over a folder that says of itself that it lies on a disk of this type. */
function treeOn(type: number, world: World, input: ResourceInput): AccountTree {
  class OnDisk extends Confinement {
    override async folder(root: string, relative: string): Promise<Folder> {
      using folder = await super.folder(root, relative)
      return Object.assign(folder.shared(), { pace: new Pace(type) })
    }
  }
  const confinement = new OnDisk()
  const root = { id: 'disk', label: 'Disk', path: world.storage, readOnly: false }
  const one = new Share(resource.parse(input), root, confinement, () => undefined)
  const catalogue = { version: 1, shares: [one], byName: new Map([['Share', one]]) }
  const anna = visitor('anna')
  return new AccountTree(
    () => anna,
    () => catalogue,
    confinement,
  )
}

describe('short names', () => {
  it('are told by their form', () => {
    for (const name of ['ACCOUN~1', 'accoun~12', 'REPORT~1.DOC', 'a/ACCOUN~1/b', 'SECRET~1.', 'A~1.B']) {
      expect(holdsShortName(name), name).to.equal(true)
    }
    for (const name of ['backup~', 'notes~1.html', '~lock', 'a~b', 'verylongname~1', 'x~1y', 'Accounting']) {
      expect(holdsShortName(name), name).to.equal(false)
    }
  })
  it(
    'lead neither around an exception nor to a hidden name on disks that know them',
    inWorld(async (world) => {
      world.put('share/ACCOUN~1/file', 'x')
      world.put('share/file')
      for (const input of [barred, share({ options: { hiddenNames: ['private*'] } })]) {
        const tree = treeOn(FAT, world, input)
        await fails((async () => tree.spot(at('/Share/ACCOUN~1/file')))(), 'missing', 'name.hidden')
        await fails(tree.folder(at('/Share/ACCOUN~1')), 'missing', 'name.hidden')
        ;(await tree.spot(at('/Share/file')))[Symbol.dispose]()
      }
    }),
  )
  it(
    'are names like others where nothing hangs on a spelling, and on other disks',
    inWorld(async (world) => {
      world.put('share/ACCOUN~1/file', 'x')
      ;(await treeOn(FAT, world, share()).spot(at('/Share/ACCOUN~1/file')))[Symbol.dispose]()
      ;(await treeOn(EXT4, world, barred).spot(at('/Share/ACCOUN~1/file')))[Symbol.dispose]()
    }),
  )
})
