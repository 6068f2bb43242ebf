/** Bans and failures over a restart, with real files. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { AccessControl } from '../../module/access/access-control.ts'
import { STORED_BANS } from '../../module/access/ban-store.ts'
import { hammering } from '../../module/settings/access.ts'
import { fakeClock, type FakeClock } from './fake-clock.ts'
import { noRules } from './set-up.ts'

const ATTACKER = '203.0.113.66'

function fail(access: AccessControl, address: string, times: number): void {
  for (let count = 0; count < times; count++) access.hammering.failed(address, 'root', 'default')
}

async function open(access: AccessControl, address: string): Promise<boolean> {
  return (await access.gate.admit({ address }, 'default')).allowed
}

describe('bans over a restart', () => {
  let folder: string
  let file: string
  const errors: unknown[] = []

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bans-'))
    file = join(folder, 'state', 'bans.json')
    errors.length = 0
  })
  afterEach(async () => {
    await rm(folder, { recursive: true })
  })

  async function start(clock: FakeClock): Promise<AccessControl> {
    const settings = { policy: noRules, hammering: hammering.parse({}), lan: () => false }
    const access = new AccessControl({ settings, file, clock, failed: (error) => errors.push(error) })
    await access.start()
    return access
  }

  /** One run with a banned address, one that has failed five times, and a network banned by hand. */
  async function firstRun(clock: FakeClock): Promise<void> {
    const access = await start(clock)
    fail(access, ATTACKER, 6)
    fail(access, '203.0.113.67', 5)
    access.bans.banMask({ mask: '198.51.100.0/24', minutes: 60, by: 'admin', note: 'scans' })
    await access.stop()
  }

  it('go on with what was left of them, and counters with what they had', async () => {
    const clock = fakeClock()
    await firstRun(clock)
    clock.pass(120)
    const access = await start(clock)
    expect(access.bans.rows().map(({ subject, expiresIn }) => [subject, expiresIn])).to.deep.equal([
      ['198.51.100.0/24', 58 * 60],
      [ATTACKER, 28 * 60],
    ])
    expect(await open(access, ATTACKER)).to.be.false
    fail(access, '203.0.113.67', 1)
    expect(await open(access, '203.0.113.67')).to.be.false
    await access.stop()
    expect(errors).to.deep.equal([])
  })

  it('are those given last where an attack has led to more than are written', async () => {
    const clock = fakeClock()
    const access = await start(clock)
    const [until, since] = [clock.monotonic() + 60_000, clock.wall()]
    for (let at = 0; at <= STORED_BANS; at++) {
      const origin = `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`
      access.bans.banOrigin({ origin, until, since, failures: 6, times: 1, user: 'root', domain: 'default' })
    }
    await access.stop()
    const again = await start(clock)
    expect([await open(again, '10.0.0.0'), await open(again, '10.0.0.1')]).to.deep.equal([true, false])
    expect(again.bans.count).to.equal(STORED_BANS)
    await again.stop()
  })

  it('end while the service is stopped, and make the next one longer', async () => {
    const clock = fakeClock()
    await firstRun(clock)
    clock.pass(31 * 60)
    const access = await start(clock)
    expect(await open(access, ATTACKER)).to.be.true
    fail(access, ATTACKER, 6)
    expect(access.bans.automatic(ATTACKER)).to.include({ times: 2 })
    await access.stop()
  })

  it('do not end early when the clock is set while the machine restarts', async () => {
    await firstRun(fakeClock({ wall: 0 }))
    const access = await start(fakeClock({ monotonic: 5000, wall: Date.UTC(2030, 0, 1), boot: 'second boot' }))
    expect(access.bans.rows().map(({ expiresIn }) => expiresIn)).to.deep.equal([3600 - 5, 1800 - 5])
    await access.stop()
  })

  it('are written by themselves, together', async () => {
    const clock = fakeClock()
    const access = await start(clock)
    fail(access, ATTACKER, 6)
    expect(await readdir(folder)).to.deep.equal([])
    await access.stop()
    expect(await readFile(file, 'utf8')).to.include(ATTACKER)
    expect(await readdir(join(folder, 'state'))).to.deep.equal(['bans.json'])
  })

  it('come from the file before where the last one is broken', async () => {
    const clock = fakeClock()
    await firstRun(clock)
    const access = await start(clock)
    fail(access, '203.0.113.68', 6)
    await access.stop()
    await writeFile(file, '{"version":1,"bo')
    const again = await start(clock)
    expect(await open(again, ATTACKER)).to.be.false
    expect(await open(again, '203.0.113.68')).to.be.true
    expect(errors).to.have.lengthOf(1)
    expect((await readdir(join(folder, 'state'))).some((name) => name.includes('broken'))).to.be.true
    await again.stop()
  })

  it('cost no start where both files are broken', async () => {
    const clock = fakeClock()
    await firstRun(clock)
    await writeFile(file, 'null and void')
    await writeFile(join(folder, 'state', 'bans.previous.json'), '{"version":9}')
    const access = await start(clock)
    expect(await open(access, ATTACKER)).to.be.true
    expect(errors).to.have.lengthOf(2)
    await access.stop()
  })

  it('stay in force where nothing can be written', async () => {
    await writeFile(join(folder, 'state'), 'a file where a folder should be')
    const access = await start(fakeClock())
    fail(access, ATTACKER, 6)
    await access.stop()
    expect(errors).to.have.length.above(0)
    expect(await open(access, ATTACKER)).to.be.false
  })
})
