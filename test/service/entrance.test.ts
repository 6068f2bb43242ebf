/** Rules, bans and failed logins over real connections: what a preset says is enforced before anything else. */
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { createFtpService } from '../../module/service.ts'
import type { OwnedFtpService } from '../../module/service.ts'
import { preset } from '../../module/settings/preset.ts'
import { checked, SettingsError } from '../../module/settings/problems.ts'
import { openEmbeddedShell } from '../../module/shells/embedded/embedded-shell.ts'
import type { EmbeddedShell } from '../../module/shells/embedded/embedded-shell.ts'
import { capped } from '../cap.ts'
import { RawClient } from '../raw-client.ts'
import { rejection } from '../rejection.ts'

describe('the entrance of the service', () => {
  let data: string
  let shell: EmbeddedShell
  let service: OwnedFtpService
  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'entrance-'))
  })
  afterEach(async () => {
    await service.dispose()
    shell.close()
    await rm(data, { recursive: true })
  })

  const start = async (settings: object): Promise<void> => {
    const given = checked(preset, {
      enabled: true,
      users: [{ name: 'anna', password: 'secret' }],
      settings: {
        port: 0,
        address: '127.0.0.1',
        passivePorts: 'any',
        logins: { failureDelaySeconds: 0, attempts: 100 },
        // Loopback is the LAN otherwise, whose addresses are not banned.
        lanNetworks: ['192.0.2.0/24'],
        ...settings,
      },
    })
    shell = await openEmbeddedShell({ places: { data }, preset: given, audit: () => undefined })
    const { enabled, accounts, resources } = given
    service = await createFtpService(shell, { enabled, settings: given.settings, accounts, resources })
    await service.start()
  }
  const port = () => service.status().addresses[0]?.port ?? 0

  /** What the server says before it closes. */
  const heard = async (): Promise<string> => {
    const socket = connect(port(), '127.0.0.1')
    let text = ''
    socket.on('data', (octets: Buffer) => (text += octets.toString())).on('error', () => undefined)
    await capped(once(socket, 'close'), 'the end of the connection')
    return text
  }

  it('closes to a denied address before the greeting', async () => {
    await start({ access: { rules: [{ action: 'deny', mask: '127.0.0.*' }] } })
    expect(await heard()).to.not.match(/^220/)
  })

  it('tells a denied address so where that was chosen, and else nothing', async () => {
    await start({ access: { rules: [{ action: 'deny', mask: '127.0.0.*' }], tellDenied: true } })
    expect(await heard()).to.equal('421 This address is not allowed here.\r\n')
    await service.change({ settings: { access: { tellDenied: false } } }, 'admin')
    expect(await heard()).to.equal('')
  })

  it('admits and denies by changed rules at the next connection', async () => {
    await start({})
    await using client = await RawClient.connect(port())
    await client.login()
    await service.change({ settings: { access: { rules: [{ action: 'allow', mask: '192.0.2.1' }] } } }, 'admin')
    expect(await heard()).to.not.match(/^220/)
    await service.change({ settings: { access: { rules: [{ action: 'allow', mask: '127.0.0.1' }] } } }, 'admin')
    await using again = await RawClient.connect(port())
    await again.login()
  })

  it('refuses rules whose masks cannot be read, with their place', async () => {
    await start({})
    const rules = [
      { action: 'allow', mask: '127.0.0.1' },
      { action: 'deny', mask: '192.0.2.300' },
    ]
    const error = await rejection(service.change({ settings: { access: { rules } } }, 'admin'))
    expect(error).to.be.instanceOf(SettingsError)
    expect((error as SettingsError).problems[0]?.path).to.equal('settings.access.rules[1].mask')
    expect(service.settings().settings.access.rules).to.deep.equal([])
  })

  it('bans an address that guesses passwords, says so in the log, and keeps the ban over a restart', async () => {
    await start({ access: { hammering: { failures: 3 } } })
    await using client = await RawClient.connect(port())
    for (const guess of ['a', 'b', 'c']) {
      await client.say('USER anna', 331)
      await client.say(`PASS ${guess}`, 530)
    }
    expect(await heard()).to.not.match(/^220/)
    await service.journal.flush()
    const { entries } = await service.journal.page({ day: service.journal.today() }, { page: 'last' })
    expect(entries.map(({ event }) => event)).to.include('access.banned')
    await service.dispose()
    expect(await readFile(join(data, 'state', 'bans.json'), 'utf8')).to.include('127.0.0.1')
    service = await createFtpService(shell)
    await service.start()
    expect(await heard()).to.not.match(/^220/)
  })

  it('never bans the LAN, however often somebody mistypes', async () => {
    await start({ lanNetworks: ['127.0.0.0/8'], access: { hammering: { failures: 2 } } })
    await using client = await RawClient.connect(port())
    for (const guess of ['a', 'b', 'c']) {
      await client.say('USER anna', 331)
      await client.say(`PASS ${guess}`, 530)
    }
    await client.say('USER anna', 331)
    await client.say('PASS secret', 230)
  })
})
