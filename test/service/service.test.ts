/** The service as pages and API use it: changes that reach live sessions, and refusals that leave everything as it was. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, FTPError } from 'basic-ftp'
import { expect } from 'chai'
import { createFtpService } from '../../module/service.ts'
import type { OwnedFtpService } from '../../module/service.ts'
import { ChangedMeanwhile } from '../../module/service/changes.ts'
import { preset } from '../../module/settings/preset.ts'
import { checked, SettingsError } from '../../module/settings/problems.ts'
import { openEmbeddedShell } from '../../module/shells/embedded/embedded-shell.ts'
import type { EmbeddedShell } from '../../module/shells/embedded/embedded-shell.ts'
import type { AuditEntry } from '../../module/shell.ts'
import { RawClient } from '../raw-client.ts'
import { rejection } from '../rejection.ts'

const START = checked(preset, {
  enabled: true,
  users: [{ name: 'anna', password: 'secret', groups: ['staff'] }],
  settings: { port: 0, address: '127.0.0.1', passivePorts: 'any', limits: { connections: 20 } },
  resources: [{ name: 'Files', folder: 'files', rights: [{ group: 'staff', level: 'readWrite' }] }],
})

describe('the service', () => {
  let data: string
  let shell: EmbeddedShell
  let service: OwnedFtpService
  let audited: AuditEntry[]
  const clients: Client[] = []

  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'service-'))
    audited = []
    shell = await openEmbeddedShell({ places: { data }, preset: START, audit: (entry) => audited.push(entry) })
    const { enabled, settings, accounts, resources } = START
    service = await createFtpService(shell, { enabled, settings, accounts, resources })
    await service.start()
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close()
    await service.dispose()
    shell.close()
    await rm(data, { recursive: true })
  })

  const port = () => service.status().addresses[0]?.port ?? 0
  const connect = async () => {
    const client = new Client(4000)
    clients.push(client)
    await client.connect('127.0.0.1', port())
    return client
  }
  const login = async (user = 'anna', password = 'secret') => {
    const client = await connect()
    await client.login(user, password)
    return client
  }

  it('serves the users of the shell the resources of the settings', async () => {
    const client = await login()
    expect((await client.list('/')).map(({ name }) => name)).to.deep.equal(['Files'])
    expect(service.status()).to.include({ state: 'on', sessions: 1 })
    expect(service.sessions()[0]).to.include({ user: 'anna', address: '127.0.0.1' })
  })

  it('takes rights away from live sessions at the next command', async () => {
    const client = await login()
    await client.cd('/Files')
    await service.change({ resources: [{ name: 'Files', folder: 'files', rights: [] }] }, 'admin')
    expect(await code(client.list('/Files'))).to.equal(550)
  })

  it('ends sessions of a user who may not use FTP or is deleted', async () => {
    await using one = await RawClient.connect(port())
    await one.login()
    await service.change({ accounts: { users: { anna: { ftp: false } } } }, 'admin')
    await one.reply(421)
    await service.change({ accounts: { users: { anna: null } } }, 'admin')
    await using other = await RawClient.connect(port())
    await other.login()
    await shell.users.remove('anna')
    await other.reply(421)
    expect(await code(login())).to.equal(530)
  })

  it('opens a new port before the old one goes, and live sessions stay', async () => {
    const client = await login()
    const old = port()
    const free = await freePort()
    await service.change({ settings: { port: free } }, 'admin')
    expect(port()).to.equal(free).and.not.equal(old)
    expect(await client.pwd()).to.equal('/')
    await login()
  })

  it('keeps the old port when the new one is in use, names it, and stores nothing', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port: used } = other.address() as AddressInfo
    const before = await readFile(join(data, 'settings.json'), 'utf8')
    const error = await rejection(service.change({ settings: { port: used, messages: { greeting: 'new' } } }, 'admin'))
    other.close()
    expect(error).to.be.instanceOf(SettingsError)
    expect(error)
      .to.have.property('message')
      .that.matches(new RegExp(`settings.port: port ${used} is already in use`))
    expect(await readFile(join(data, 'settings.json'), 'utf8')).to.equal(before)
    expect(service.settings().settings.messages.greeting).to.not.equal('new')
    await login()
  })

  it('moves to another address of the same port', async () => {
    const free = await freePort()
    await service.change({ settings: { port: free } }, 'admin')
    await service.change({ settings: { address: '::' } }, 'admin')
    expect(service.status().addresses).to.deep.include({
      address: '::',
      port: free,
      implicitTls: false,
      domain: 'default',
    })
    await login()
  })

  it('changes texts, limits and commands without touching listeners or sessions', async () => {
    const client = await login()
    const before = port()
    const change = { messages: { goodbye: 'So long.' }, passiveOnly: true, limits: { connections: 1 } }
    await service.change({ settings: change }, 'admin')
    expect(port()).to.equal(before)
    expect(await code(client.send('PORT 127,0,0,1,200,1'))).to.equal(502)
    expect(await code(connect())).to.equal(421)
    expect((await client.send('QUIT')).message).to.equal('221 So long.')
  })

  it('is switched off and on by a setting', async () => {
    const client = await login()
    await service.change({ enabled: false }, 'admin')
    expect(service.status()).to.include({ state: 'off', sessions: 0 })
    expect(client.closed || (await client.pwd().catch(() => 'gone')) === 'gone').to.equal(true)
    await service.change({ enabled: true }, 'admin')
    expect(service.status().state).to.equal('on')
    await login()
  })

  it('stays off over a restart while it is off for a time', async () => {
    await service.change({ pausedUntil: new Date(Date.now() + 600_000).toISOString() }, 'admin')
    await service.dispose()
    service = await createFtpService(shell)
    await service.start()
    expect(service.status().state).to.equal('off')
    expect(service.status().pausedUntil).to.be.above(Date.now())
    await service.change({ pausedUntil: null }, 'admin')
    await login()
  })

  it('logs commands or not as the settings say, from the next one on', async () => {
    const commands = async () => {
      await service.journal.flush()
      const { entries } = await service.journal.page({ day: service.journal.today() }, { page: 'last', size: 1000 })
      return entries.filter(({ event }) => event === 'command').map(({ text }) => text)
    }
    const client = await login()
    expect(await commands())
      .to.include('> USER anna')
      .and.to.include('> PASS ****')
    const before = (await commands()).length
    await service.change({ settings: { log: { commands: false, days: 3 } } }, 'admin')
    await client.pwd()
    expect(await commands()).to.have.lengthOf(before)
  })

  it('tells listeners what has changed, also when one of them fails', async () => {
    const told = new Set<string>()
    service.subscribe(() => {
      throw new Error('not my day')
    })
    const unsubscribe = service.subscribe((topic) => told.add(topic))
    await login()
    await service.change({ settings: { messages: { goodbye: 'x' } } }, 'admin')
    await service.journal.flush()
    expect([...told]).to.have.members(['sessions', 'settings', 'status', 'log'])
    told.clear()
    unsubscribe()
    await service.change({ settings: { messages: { goodbye: 'y' } } }, 'admin')
    expect(told.size).to.equal(0)
  })

  it('refuses a change made from an older state, and changes nothing', async () => {
    const revision = service.revision()
    await service.change({ settings: { timeouts: { idle: 100 } } }, 'boris')
    const late = service.change({ settings: { timeouts: { idle: 300 } } }, 'admin', { revision })
    expect(await rejection(late)).to.be.instanceOf(ChangedMeanwhile)
    expect(service.settings().settings.timeouts.idle).to.equal(100)
  })

  it('refuses what is impossible with its place, and changes nothing', async () => {
    const before = service.settings()
    for (const [patch, path] of [
      [{ settings: { port: 'x' } }, 'settings.port'],
      [{ settings: { passivePorts: '8000-8100' } }, 'settings.passivePorts'],
      [{ settings: { tls: { certificate: 'none' } } }, 'settings.tls.certificate'],
      [{ setting: {} }, 'setting'],
      ['x', ''],
      [null, ''],
    ] as const) {
      const error = await rejection(service.change(patch, 'admin'))
      expect(error, JSON.stringify(patch)).to.be.instanceOf(SettingsError)
      expect((error as SettingsError).problems[0]?.path).to.equal(path)
    }
    expect(service.settings()).to.equal(before)
  })

  it('writes down who changed what, from what to what', async () => {
    await service.change({ settings: { timeouts: { idle: 100 } } }, 'admin')
    const [entry] = audited.filter(({ event }) => event === 'settings.changed')
    expect(entry).to.include({ by: 'admin', text: 'settings.timeouts.idle: 600 → 100' })
  })

  it('makes changes that come at the same time one after the other', async () => {
    await Promise.all([100, 200, 300].map((idle) => service.change({ settings: { timeouts: { idle } } }, 'admin')))
    expect(service.settings().settings.timeouts.idle).to.equal(300)
  })

  it('disconnects a session', async () => {
    const client = await login()
    const [session] = service.sessions()
    const outcome = await service.supervisor.kick(session?.id ?? '', { message: 'Good night.' }, { name: 'admin' })
    expect(outcome).to.include({ sessions: 1, banned: false, blocked: false })
    expect(await rejection(service.supervisor.kick('no such', {}, { name: 'admin' }))).to.include({ problem: 'gone' })
    await rejection(client.pwd())
    expect(service.sessions()).to.deep.equal([])
  })

  it('runs on when a folder is missing, and says so', async () => {
    const { resources } = START
    await service.change({ resources: [...resources, { name: 'Gone', folder: 'gone' }] }, 'admin')
    expect(
      service
        .status()
        .warnings.map(({ text }) => text)
        .join('\n'),
    ).to.match(/Gone/)
    await login()
  })
})

/** A port that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '::')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** The code of the reply that a command is refused with. */
async function code(promise: Promise<unknown>): Promise<number> {
  const error = await rejection(promise)
  if (!(error instanceof FTPError)) throw error
  return error.code
}
