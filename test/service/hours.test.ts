/** Limits that change with the hour reach live sessions and running transfers; the clock is the test's. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { createFtpService } from '../../module/service.ts'
import type { OwnedFtpService } from '../../module/service.ts'
import type { WallClock } from '../../module/service/hour-hand.ts'
import { preset } from '../../module/settings/preset.ts'
import { checked } from '../../module/settings/problems.ts'
import { openEmbeddedShell } from '../../module/shells/embedded/embedded-shell.ts'
import type { EmbeddedShell } from '../../module/shells/embedded/embedded-shell.ts'
import { RawClient } from '../raw-client.ts'

const BERLIN = 'Europe/Berlin'
const ALL = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
const EVENING = '2026-11-20T19:59:30+01:00'

/** A clock that stands still between the test's steps. */
class SetClock implements WallClock {
  #now = Date.parse(EVENING)
  #waiting = new Map<() => void, number>()

  now(): number {
    return this.#now
  }

  timeZone(): string {
    return BERLIN
  }

  after(milliseconds: number, action: () => void): () => void {
    this.#waiting.set(action, this.#now + milliseconds)
    return () => this.#waiting.delete(action)
  }

  get waiting(): number {
    return this.#waiting.size
  }

  set(time: string): void {
    this.#now = Date.parse(time)
    for (const [action, due] of this.#waiting) {
      if (due > this.#now) continue
      this.#waiting.delete(action)
      action()
    }
  }
}

describe('limits that change with the hour', () => {
  let data: string
  let shell: EmbeddedShell
  let service: OwnedFtpService
  let clock: SetClock

  const start = async (input: { readonly settings?: object; readonly accounts?: object }): Promise<void> => {
    data = await mkdtemp(join(tmpdir(), 'hours-'))
    clock = new SetClock()
    const given = checked(preset, {
      enabled: true,
      users: [{ name: 'anna', password: 'secret', groups: ['staff'] }],
      resources: [{ name: 'Files', folder: 'files', rights: [{ group: 'staff', level: 'readWrite' }] }],
      ...input,
      settings: { port: 0, address: '127.0.0.1', passivePorts: 'any', ...input.settings },
    })
    shell = await openEmbeddedShell({ places: { data }, preset: given, audit: () => undefined })
    const { enabled, settings, accounts, resources, domains } = given
    service = await createFtpService(shell, { enabled, settings, accounts, resources, domains }, { clock })
    await service.start()
  }
  const port = () => service.status().addresses[0]?.port ?? 0
  afterEach(async () => {
    await service.dispose()
    shell.close()
    await rm(data, { recursive: true })
  })

  it('reach a running transfer of a user at its next piece', async () => {
    const slow = { users: { anna: { limits: { uploadBytesPerSecond: 1000 }, hours: [fast] } } }
    await start({ accounts: slow })
    await using client = await RawClient.connect(port())
    await client.login()
    await client.say('TYPE I', 200)
    const data8 = await client.epsv()
    await client.say('STOR Files/a.bin', 150)
    const sent = data8.end(Buffer.alloc(8 << 20))
    // At 1000 bytes a second this would take more than two hours.
    clock.set('2026-11-20T20:00:00+01:00')
    await sent
    await client.reply(226)
    expect(service.settings().accounts.users['anna']?.limits.uploadBytesPerSecond).to.equal(1000)
  })

  it('reach a running transfer when they are the server’s', async () => {
    const limits = { uploadBytesPerSecond: 1000, hours: [{ ...fast, limits: { uploadBytesPerSecond: 'unlimited' } }] }
    await start({ settings: { limits } })
    await using client = await RawClient.connect(port())
    await client.login()
    await client.say('TYPE I', 200)
    const data8 = await client.epsv()
    await client.say('STOR Files/a.bin', 150)
    const sent = data8.end(Buffer.alloc(8 << 20))
    clock.set('2026-11-20T20:00:00+01:00')
    await sent
    await client.reply(226)
  })

  it('admit more or fewer connections, and close who is idle for longer than now allowed', async () => {
    const hours = [{ days: ALL, from: '20:00', to: '21:00', limits: { connections: 2 } }]
    const idle = [{ days: ALL, from: '20:30', to: '20:40', limits: { idleSeconds: 1 } }]
    await start({ settings: { limits: { connections: 1, hours } }, accounts: { groups: { staff: { hours: idle } } } })
    await using client = await RawClient.connect(port())
    await client.login()
    await using second = await RawClient.open(port())
    await second.reply(421)
    clock.set('2026-11-20T20:00:00+01:00')
    await using third = await RawClient.connect(port())
    await third.say('NOOP', 200)
    clock.set('2026-11-20T20:30:00+01:00')
    expect((await client.reply(421)).text).to.match(/idle/i)
  })

  it('leave no timer behind where nobody has hours', async () => {
    await start({})
    expect(clock.waiting).to.equal(0)
    await service.change({ accounts: { users: { anna: { hours: [fast] } } } }, 'admin')
    expect(clock.waiting).to.equal(1)
    await service.change({ accounts: { users: { anna: null } } }, 'admin')
    expect(clock.waiting).to.equal(0)
  })
})

const fast = { days: ['fri'], from: '20:00', to: '06:00', limits: { uploadBytesPerSecond: 'unlimited' } }
