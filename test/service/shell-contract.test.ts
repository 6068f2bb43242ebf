/** What the module does for its shell: firewall, references, disks that go, and a life that leaves nothing behind. */
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { Client } from 'basic-ftp'
import { expect } from 'chai'
import { createFtpModule, manifest, type ApplianceShell, type Notice, type PortNeed } from '../../module/index.ts'
import { FirewallKeeper, portNeeds } from '../../module/service/firewall.ts'
import { referencesOf } from '../../module/service/references.ts'
import { settings as schema } from '../../module/settings/schema.ts'
import { translator } from '../../module/web/locale.ts'
import { TABS } from '../../module/web/tabs.ts'
import { eventually } from '../cap.ts'
import makeShell from '../shell-kit/embedded.ts'

const LOOPBACK = { port: 0, address: '127.0.0.1', passivePorts: '50000-50099' }

describe('the firewall of the shell', () => {
  it('is told the ports that listen, and nothing while nothing does', () => {
    const { settings } = schema.parse({ settings: { port: 2121, firewall: { zones: ['lan'] } } })
    const addresses = [
      { address: '::', port: 2121, implicitTls: false },
      { address: '::', port: 990, implicitTls: true },
    ]
    expect(portNeeds(settings, { addresses }).map(({ id, from, to }) => [id, from, to])).to.deep.equal([
      ['control', 2121, 2121],
      ['listener', 990, 990],
      ['passive', 50000, 50099],
    ])
    expect(portNeeds(settings, { addresses: [] })).to.deep.equal([])
    const closed = { ...settings, firewall: { control: false, passive: false, zones: [] } }
    expect(portNeeds(closed, { addresses })).to.deep.equal([])
  })

  it('is told each change once, in order, and again after it has refused', async () => {
    const told: number[] = []
    const failures: unknown[] = []
    let refusing = true
    const firewall = {
      zones: async () => [],
      apply: async (needs: readonly PortNeed[]) => {
        told.push(needs.length)
        if (refusing) throw new Error('busy')
      },
    }
    const keeper = new FirewallKeeper(firewall, (error) => failures.push(error))
    expect(await keeper.want([])).to.equal(true)
    expect(keeper.warnings.map(({ code, values }) => [code, values])).to.deep.equal([
      ['firewall-refused', { problem: 'busy' }],
    ])
    refusing = false
    expect(await keeper.want([])).to.equal(true)
    expect(keeper.warnings).to.deep.equal([])
    await keeper.want([])
    expect(told).to.deep.equal([0, 0])
    expect(failures).to.have.length(1)
  })

  it('that refuses is told of in health and status, and once by a notice, until it lets through', async () => {
    const it = await makeShell()
    let refusing = true
    const notices: string[] = []
    const firewall = {
      zones: async () => [],
      apply: async () => {
        if (refusing) throw new Error('No such chain.')
      },
    }
    const notify = ({ text }: Notice) => void notices.push(text)
    const shell = Object.assign(Object.create(it.shell) as ApplianceShell, { firewall, notify })
    const module = await createFtpModule(shell, { initial: { enabled: true, settings: LOOPBACK } })
    await module.start()
    await eventually(() => notices.length > 0, 'the refusal is told')
    expect((await module.health()).checks.find(({ ok }) => !ok)?.text).to.include('No such chain.')
    expect(notices.filter((text) => text.includes('No such chain.'))).to.have.length(1)
    refusing = false
    await module.stop({ graceMs: 0 })
    await module.start()
    const refused = () => module.status().warnings.some(({ code }) => code === 'firewall-refused')
    await eventually(() => !refused(), 'it is gone')
    expect((await module.health()).ok).to.equal(true)
    await module.dispose()
    await it.close()
  })

  it('is opened when the module starts and closed when it ends', async () => {
    const it = await makeShell()
    const told: (readonly PortNeed[])[] = []
    const firewall = { zones: async () => [], apply: async (needs: readonly PortNeed[]) => void told.push(needs) }
    const shell = Object.assign(Object.create(it.shell) as ApplianceShell, { firewall })
    const module = await createFtpModule(shell, { initial: { enabled: true, settings: LOOPBACK } })
    await module.start()
    expect(module.firewallNeeds().map(({ id }) => id)).to.deep.equal(['control', 'passive'])
    await module.dispose()
    expect(told.some((needs) => needs.length === 2)).to.equal(true)
    expect(told.at(-1)).to.deep.equal([])
    await it.close()
  })
})

describe('what the settings use of the shell', () => {
  it('is told with the place where it stands', () => {
    const settings = schema.parse({
      settings: { tls: { certificate: 'router' } },
      accounts: { users: { anna: {} }, groups: { staff: {} } },
      resources: [{ name: 'A', root: 'usb', folder: 'a', rights: [{ group: 'staff', level: 'read' }] }],
    })
    expect(referencesOf(settings)).to.deep.include.members([
      { kind: 'certificate', id: 'router', where: 'settings.tls.certificate' },
      { kind: 'user', id: 'anna', where: 'accounts.users.anna' },
      { kind: 'storage', id: 'usb', where: 'resources[0].root' },
      { kind: 'folder', id: 'usb/a', where: 'resources[0].folder' },
      { kind: 'group', id: 'staff', where: 'resources[0].rights[0]' },
    ])
  })
})

describe('a module in its shell', () => {
  it('names all its tabs for the menu, as its pages call them', () => {
    const { menu } = manifest()
    expect(menu.map(({ id, path }) => ({ id, path }))).to.deep.equal(TABS.map(({ id, path }) => ({ id, path })))
    for (const { id, label } of menu) {
      expect([label.en, label['ru']], id).to.deep.equal([
        translator('en')(`tabs.${id}`),
        translator('ru')(`tabs.${id}`),
      ])
    }
  })

  it('lets go of a disk before it is unmounted: transfers end, its resources are hidden until it is back', async () => {
    const it = await makeShell()
    const listeners = new Map<string, (...told: never[]) => unknown>()
    const on = (event: string, listener: (...told: never[]) => unknown) => {
      listeners.set(event, listener)
      return () => listeners.delete(event)
    }
    const shell = Object.assign(Object.create(it.shell) as ApplianceShell, { on })
    const resources = [{ name: 'A', folder: '', rights: [{ user: 'anna', level: 'readWrite' }] }]
    const module = await createFtpModule(shell, { initial: { enabled: true, settings: LOOPBACK, resources } })
    await module.start()
    const client = new Client(10_000)
    const { name: user, password } = it.user
    await client.access({ host: '127.0.0.1', port: module.status().addresses[0]?.port ?? 0, user, password })
    expect((await client.list('/')).map(({ name }) => name)).to.deep.equal(['A'])
    const endless = new Readable({ read: () => undefined })
    endless.push('the beginning')
    const upload = client.uploadFrom(endless, '/A/endless.bin').then(
      () => 'whole',
      () => 'cut',
    )
    await once(endless, 'resume').catch(() => undefined)
    const unmounting = listeners.get('storage-unmounting') as unknown as (root: string) => Promise<void>
    await unmounting('data')
    expect(await upload).to.equal('cut')
    const second = new Client(10_000)
    await second.access({ host: '127.0.0.1', port: module.status().addresses[0]?.port ?? 0, user, password })
    expect(await second.list('/')).to.deep.equal([])
    client.close()
    second.close()
    expect([...listeners.keys()]).to.include.members(['session-revoked', 'shutdown', 'time-changed'])
    await module.wipe({ keepLogs: false })
    expect([...listeners.keys()], 'no listener is left').to.deep.equal([])
    expect((await readdir(it.shell.paths.config)).filter((file) => file.startsWith('settings'))).to.deep.equal([])
    await it.close()
  })
})
