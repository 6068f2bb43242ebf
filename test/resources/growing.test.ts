/** What is counted while an upload runs and somebody else removes, moves, overwrites or extends the same file. */
import { linkSync, readdirSync, statSync } from 'node:fs'
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
  it(
    'stays true when uploads to one name end at the same moment as it is removed and renamed',
    inWorld(async (world) => {
      world.put('other/.keep')
      const options = { maximumBytes: QUOTA }
      await world.set(share({ options }), { ...share({ options }), name: 'Other', folder: 'other' })
      const files = world.files(visitor('anna', { quotaBytes: QUOTA }))
      await upload(files, '/Share/whole', text(1000))
      for (let round = 0; round < 10; round++) {
        const running = await Promise.all(
          Array.from({ length: 6 }, () => files.write(at('/Share/file'), { mode: 'replace' })),
        )
        await Promise.all(running.map((one, index) => one.write(Buffer.from(text(100 + index)))))
        await Promise.allSettled([
          ...running.map((one) => one.commit()),
          files.remove(at('/Share/file')),
          files.rename(at('/Share/file'), at('/Other/file')),
          files.rename(at('/Other/file'), at('/Share/file')),
        ])
      }
      await expectTrue(world, files, 'after ten rounds')
    }),
  )
  it(
    'stays true when it is renamed to another name of itself, again and again',
    inWorld(async (world) => {
      linkSync(world.put('share/file', text(100)), world.disk('share/FILE'))
      world.put('other/.keep')
      await world.set(share({ options: { maximumBytes: QUOTA } }), { ...share(), name: 'Other', folder: 'other' })
      await upload(world.files(), '/Share/counts', text(10))
      for (let round = 0; round < 3; round++) await world.files().rename(at('/Share/file'), at('/Share/FILE'))
      expect((await world.resources.states())[0]?.usedBytes).to.equal(onDisk(world.disk('share')))
    }),
  )
})
