/** What the administrator hears of without looking at the pages. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { createFtpService } from '../../module/service.ts'
import type { OwnedFtpService } from '../../module/service.ts'
import { preset } from '../../module/settings/preset.ts'
import { checked } from '../../module/settings/problems.ts'
import { openEmbeddedShell } from '../../module/shells/embedded/embedded-shell.ts'
import type { EmbeddedShell } from '../../module/shells/embedded/embedded-shell.ts'
import type { Notice } from '../../module/shell.ts'
import { rejection } from '../rejection.ts'

describe('a shell that can notify the administrator', () => {
  let data: string
  let shell: EmbeddedShell
  let service: OwnedFtpService | undefined
  let notices: Notice[]

  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'notices-'))
    notices = []
  })
  afterEach(async () => {
    await service?.dispose()
    shell.close()
    await rm(data, { recursive: true })
  })

  const open = async (port: number) => {
    const start = checked(preset, {
      enabled: true,
      settings: { port, address: '127.0.0.1', passivePorts: 'any' },
      resources: [{ name: 'Files', folder: 'files', guests: { profile: 'dropBox' } }],
    })
    shell = await openEmbeddedShell({ places: { data }, preset: start, audit: () => undefined })
    const { enabled, settings, accounts, resources } = start
    service = await createFtpService(Object.assign(shell, { notify: (one: Notice) => notices.push(one) }), {
      enabled,
      settings,
      accounts,
      resources,
    })
    return service
  }

  it('is told of a folder that has gone, once, and again when it goes again', async () => {
    const opened = await open(0)
    await opened.start()
    expect(notices, 'advice is for the pages').to.deep.equal([])
    const gone = { level: 'warning', text: '"Files" is hidden from clients: its folder is missing.' }
    await rm(join(data, 'storage/files'), { recursive: true })
    await opened.reload()
    await opened.change({ settings: { limits: { connections: 30 } } }, 'admin')
    expect(notices).to.deep.equal([gone])
    await mkdir(join(data, 'storage/files'))
    await opened.reload()
    await rm(join(data, 'storage/files'), { recursive: true })
    await opened.reload()
    expect(notices).to.deep.equal([gone, gone])
  })

  it('is told why the server does not run', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    try {
      const { port } = taken.address() as AddressInfo
      await rejection((await open(port)).start())
      expect(notices).to.have.lengthOf(1)
      expect(notices[0]?.level).to.equal('error')
      expect(notices[0]?.text).to.include('is not running').and.include(String(port))
    } finally {
      taken.close()
    }
  })
})
