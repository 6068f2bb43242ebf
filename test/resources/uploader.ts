/** A child process that begins many uploads, says so, and waits to be killed in the middle of them. */
import { createResources } from '../../module/resources/resources.ts'
import { resource } from '../../module/settings/resource.ts'
import { at, visitor } from './fixture.ts'

const [, , storage = '', state = '', count = '1'] = process.argv
const resources = createResources({ stateFolder: state })
const share = resource.parse({ name: 'Share', folder: 'share', rights: [{ user: 'anna', level: 'readWrite' }] })
await resources.update([share], [{ id: 'disk', label: 'Disk', path: storage, readOnly: false }])
const files = resources.filesFor(() => visitor('anna'))
for (let index = 0; index < Number(count); index++) {
  const file = await files.write(at(`/Share/deep/file${index}`), { mode: 'replace' })
  await file.write(Buffer.alloc(1000))
  if (index % 10 === 0) await file.commit()
}
process.stdout.write('in the middle\n')
setInterval(() => {}, 1000)
