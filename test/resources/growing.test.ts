/** What is counted while an upload runs and somebody else removes, moves, overwrites or extends the same file. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Files, UploadRequest } from '../../module/ftp/backend.ts'
import { at, inWorld, share, upload, visitor, type World } from './fixture.ts'

const text = (bytes: number): string => 'x'.repeat(bytes)
const QUOTA = 100_000

const uploads: Readonly<Record<string, UploadRequest>> = {
  append: { mode: 'append' },
  restart: { mode: 'restart', offset: 50 },
  overwrite: { mode: 'replace' },
}
const deeds: Readonly<Record<string, (files: Files) => Promise<unknown>>> = {
  'is removed': (files) => files.remove(at('/Share/in/file')),
  'is renamed': (files) => files.rename(at('/Share/in/file'), at('/Share/in/other')),
  'is moved into another resource': (files) => files.rename(at('/Share/in/file'), at('/Other/file')),
  'is extended': (files) => upload(files, '/Share/in/file', text(30), { mode: 'append' }),
  'is overwritten': (files) => upload(files, '/Share/in/file', text(30)),
  'is renamed over': (files) => files.rename(at('/Share/whole'), at('/Share/in/file')),
  'moves with its folder': (files) => files.rename(at('/Share/in'), at('/Share/elsewhere')),
}

function onDisk(folder: string): number {
  const sizes = readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) =>
    entry.isFile() ? statSync(join(entry.parentPath, entry.name)).size : 0,
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** What folders hold and what anna has stored are what lies on the disk, where all of it is hers. */
async function expectTrue(world: World, files: Files, when: string): Promise<void> {
  const [one, other] = (await world.resources.states()).map(({ usedBytes }) => usedBytes)
  const [inOne, inOther] = [onDisk(world.disk('share')), onDisk(world.disk('other'))]
  expect([one, other], when).to.deep.equal([inOne, inOther])
  expect(await files.available(at('/Share')), when).to.equal(QUOTA - inOne - inOther)
}

describe('what is counted of a file that an upload is writing', () => {
  for (const atomicUploads of [true, false]) {
    for (const [what, request] of Object.entries(uploads)) {
      for (const [happens, deed] of Object.entries(deeds)) {
        for (const ends of ['commit', 'abandon'] as const) {
          it(
            `stays true when it ${happens} during an ${atomicUploads ? 'atomic' : 'open'} ${what}: ${ends}`,
            inWorld(async (world) => {
              world.put('other/.keep')
              const options = { atomicUploads, maximumBytes: QUOTA }
              const rights = [{ user: 'anna', level: 'readWrite' as const }]
              await world.set(share({ options }), { ...share({ options }), name: 'Other', folder: 'other', rights })
              const files = world.files(visitor('anna', { quotaBytes: QUOTA }))
              await upload(files, '/Share/whole', text(1000))
              await upload(files, '/Other/whole', text(1000))
              await files.makeDirectory(at('/Share/in'))
              await upload(files, '/Share/in/file', text(100))
              const running = await files.write(at('/Share/in/file'), request)
              await running.write(Buffer.from(text(400)))
              await deed(files)
              await running[ends]().catch(() => undefined)
              await expectTrue(world, files, 'at the end')
              for (const name of readdirSync(world.disk('share'), { recursive: true, encoding: 'utf8' })) {
                if (statSync(world.disk(`share/${name}`)).isFile()) await files.remove(at(`/Share/${name}`))
              }
              await expectTrue(world, files, 'after everything was removed')
            }),
          )
        }
      }
    }
  }
  it(
    'is paid for by each as much as he appended, whoever ends first',
    inWorld(async (world) => {
      const rights = [{ group: 'all', level: 'readWrite' as const }]
      await world.set(share({ rights }))
      const [anna, bert] = ['anna', 'bert'].map((name) =>
        world.files(visitor(name, { groups: ['all'], quotaBytes: QUOTA })),
      )
      if (!anna || !bert) throw new Error('both are there')
      await upload(anna, '/Share/log', text(100))
      const [long, short] = [await anna.write(at('/Share/log'), uploads['append'] ?? { mode: 'append' }), bert]
      await long.write(Buffer.from(text(500)))
      await upload(short, '/Share/log', text(10), { mode: 'append' })
      await long.commit()
      expect(await anna.available(at('/Share'))).to.equal(QUOTA - 600)
      expect(await bert.available(at('/Share'))).to.equal(QUOTA - 10)
    }),
  )
})
