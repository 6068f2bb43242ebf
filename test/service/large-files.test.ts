/** Files that are large enough for the kernel to copy, over the whole service and on a real disk: what arrives is what was sent. */
import { createHash, randomFillSync } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { createFtpService } from '../../module/service.ts'
import type { OwnedFtpService } from '../../module/service.ts'
import { preset } from '../../module/settings/preset.ts'
import { checked } from '../../module/settings/problems.ts'
import { openEmbeddedShell } from '../../module/shells/embedded/embedded-shell.ts'
import type { EmbeddedShell } from '../../module/shells/embedded/embedded-shell.ts'
import { needs, run, succeed } from '../real-clients.ts'

const MIB = 1024 * 1024
const BIG = randomFillSync(Buffer.alloc(7 * MIB + 12_345))
const START = checked(preset, {
  enabled: true,
  users: [{ name: 'anna', password: 'secret' }],
  settings: { port: 0, address: '127.0.0.1', passivePorts: 'any' },
  resources: [
    { name: 'Files', folder: 'files', rights: [{ user: 'anna', level: 'readWrite' }] },
    {
      name: 'Small',
      folder: 'small',
      rights: [{ user: 'anna', level: 'readWrite' }],
      options: { maximumFileBytes: 5 * MIB },
    },
  ],
})

const sum = (octets: Uint8Array) => createHash('sha256').update(octets).digest('hex')

for (const [name, flags] of [
  ['in clear', []],
  ['over TLS', ['-k', '--ssl-reqd']],
] as const) {
  const curl = (...options: string[]) => succeed('curl', ['-sS', ...flags, ...options])

  describe(`large files ${name}`, () => {
    let data: string
    let shell: EmbeddedShell
    let service: OwnedFtpService

    before(async function () {
      needs(this, 'curl')
      data = await mkdtemp(join(tmpdir(), 'large-'))
      shell = await openEmbeddedShell({ places: { data }, preset: START, audit: () => undefined })
      const { enabled, settings, accounts, resources } = START
      service = await createFtpService(shell, { enabled, settings, accounts, resources })
      await service.start()
      await writeFile(local('big'), BIG)
    })
    after(async () => {
      await service.dispose()
      shell.close()
      await rm(data, { recursive: true })
    })

    const local = (file: string) => join(data, file)
    const stored = (file: string) => readFile(join(data, 'storage', 'files', file))
    const url = (file: string, folder = 'Files') =>
      `ftp://anna:secret@127.0.0.1:${service.status().addresses[0]?.port}/${folder}/${file}`

    it('are stored, fetched, resumed and fetched in part', async () => {
      await curl('-T', local('big'), url('whole'))
      expect(sum(await stored('whole'))).to.equal(sum(BIG))
      await curl('-o', local('back'), url('whole'))
      expect(sum(await readFile(local('back')))).to.equal(sum(BIG))
      await writeFile(local('part'), BIG.subarray(0, 2 * MIB + 1))
      await curl('-C', '-', '-o', local('part'), url('whole'))
      expect(sum(await readFile(local('part')))).to.equal(sum(BIG))
      await curl('-r', `1000001-${5 * MIB}`, '-o', local('range'), url('whole'))
      expect(sum(await readFile(local('range')))).to.equal(sum(BIG.subarray(1_000_001, 5 * MIB + 1)))
    })

    it('are appended to, and uploads of them resumed', async () => {
      await writeFile(local('begun'), BIG.subarray(0, 3 * MIB + 7))
      await curl('-T', local('begun'), url('resumed'))
      await curl('-C', String(3 * MIB + 7), '-T', local('big'), url('resumed'))
      expect(sum(await stored('resumed'))).to.equal(sum(BIG))
      await curl('-T', local('big'), url('twice'))
      await curl('--append', '-T', local('big'), url('twice'))
      expect(sum(await stored('twice'))).to.equal(sum(Buffer.concat([BIG, BIG])))
    })

    it('are refused where they are larger than a file may be, and nothing of them stays', async () => {
      const { stderr, code } = await run('curl', ['-sS', ...flags, '-T', local('big'), url('too-large', 'Small')])
      expect(code, stderr).not.to.equal(0)
      expect(await curl('-l', url('', 'Small'))).to.equal('')
    })
  })
}
