/** Rule lists as administrators edit them: the guard against shutting out, and rules on trial. */
import { once, EventEmitter } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { createFtpService, type OwnedFtpService } from '../../module/service.ts'
import { ChangedMeanwhile } from '../../module/service/changes.ts'
import { LockOut } from '../../module/service/rules.ts'
import { preset } from '../../module/settings/preset.ts'
import { checked, SettingsError } from '../../module/settings/problems.ts'
import { SERVER_RULES, type RulePlace } from '../../module/settings/rule-lists.ts'
import { openEmbeddedShell, type EmbeddedShell } from '../../module/shells/embedded/embedded-shell.ts'
import type { AuditEntry } from '../../module/shell.ts'
import { fakeTiming, type FakeTiming } from '../access/fake-timing.ts'
import { rules } from '../access/rules.ts'
import { capped } from '../cap.ts'
import { rejection } from '../rejection.ts'

const START = checked(preset, {
  users: [{ name: 'anna', password: 'secret 1', groups: ['staff'] }],
  domains: [{ name: 'Shop', names: ['shop.example'] }],
  settings: { port: 0, address: '127.0.0.1', passivePorts: 'any' },
})
const OWN = '198.51.100.7'
const SHOP: RulePlace = { level: 'domain', name: 'shop' }
const STAFF: RulePlace = { level: 'group', name: 'staff' }

describe('the rule lists', () => {
  let data: string
  let shell: EmbeddedShell
  let service: OwnedFtpService
  let timing: FakeTiming
  let audited: AuditEntry[]
  const told = new EventEmitter()

  const open = async () => {
    const { enabled, settings, accounts, domains, resources } = START
    timing = fakeTiming()
    service = await createFtpService(shell, { enabled, settings, accounts, domains, resources }, { timing })
    await service.start()
    service.subscribe((topic) => told.emit(topic))
  }
  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'rules-'))
    audited = []
    shell = await openEmbeddedShell({ places: { data }, preset: START, audit: (entry) => audited.push(entry) })
    await open()
  })
  afterEach(async () => {
    told.removeAllListeners()
    await service.dispose()
    shell.close()
    await rm(data, { recursive: true })
  })

  const masks = (place = SERVER_RULES) =>
    service.rules.list(place)?.rules.map(({ action, mask }) => `${action} ${mask}`)
  const save = (lines: readonly string[], more: Partial<Parameters<OwnedFtpService['rules']['save']>[0]> = {}) =>
    service.rules.save({
      place: SERVER_RULES,
      rules: rules(...lines),
      editor: { name: 'root', address: OWN },
      ...more,
    })
  const logged = (event: string) => audited.filter((entry) => entry.event === event)
  /** Lets the minute pass and waits until the rules have been put back. */
  const afterTheMinute = async () => {
    const back = new Promise<void>((resolve) => {
      const look = () => void (logged('access.rolled-back').length > 0 && resolve())
      told.on('settings', () => setImmediate(look))
    })
    timing.pass(60)
    await capped(back, 'the rules to be put back')
  }

  it('are changed at once at every level', async () => {
    for (const place of [SERVER_RULES, SHOP, STAFF, { level: 'user', name: 'anna' } as const]) {
      await save([`allow ${OWN}`, 'allow 192.0.2.0-24'], { place })
      expect(masks(place)).to.deep.equal([`allow ${OWN}`, 'allow 192.0.2.0-24'])
    }
    expect(service.rules.trial).to.equal(undefined)
    expect(service.settings().domains[0]?.names, 'the rest of the domain').to.deep.equal(['shop.example'])
  })

  it('tell what is wrong with a mask, and change nothing', async () => {
    const error = await rejection(save(['allow 192.0.2.24-0']))
    expect(error).to.be.instanceOf(SettingsError)
    expect(masks()).to.deep.equal([])
  })

  it('keep what somebody else has changed meanwhile', async () => {
    const revision = service.rules.list(SERVER_RULES)?.revision
    await save([`allow ${OWN}`])
    expect(await rejection(save([], { revision }))).to.be.instanceOf(ChangedMeanwhile)
    expect(masks()).to.deep.equal([`allow ${OWN}`])
  })

  it('ask before they shut out the own address of who edits them', async () => {
    const error = await rejection(save(['allow 192.0.2.0-24']))
    expect(error).to.be.instanceOf(LockOut)
    const danger = { kind: 'self', place: SERVER_RULES }
    expect([(error as LockOut).dangers, (error as LockOut).word]).to.deep.equal([[danger], OWN])
    await rejection(save(['allow 192.0.2.0-24'], { confirm: '198.51.100.8' }))
    expect(masks()).to.deep.equal([])
    await save(['allow 192.0.2.0-24'], { confirm: ` ${OWN} ` })
    expect(masks()).to.deep.equal(['allow 192.0.2.0-24'])
    expect(service.rules.trial).to.deep.equal({ by: 'root', places: [SERVER_RULES], secondsLeft: 60 })
  })

  it('ask before they shut out everybody, also from where no own address is known', async () => {
    const editor = { name: 'token' }
    const error = await rejection(save(['deny *.*.*.*', 'allow 192.0.2.0-24'], { editor }))
    expect((error as LockOut).dangers).to.deep.equal([{ kind: 'everybody', place: SERVER_RULES }])
    expect((error as LockOut).word).to.equal('server')
    await save(['deny *.*.*.*', 'allow 192.0.2.0-24'], { editor, confirm: 'server' })
    expect(service.rules.trial?.by).to.equal('token')
  })

  it('do not ask for rules that do not concern who edits them', async () => {
    await save(['allow 192.0.2.0-24'], { place: STAFF })
    expect(service.rules.trial).to.equal(undefined)
    const anna = { name: 'anna', address: OWN }
    await save([], { place: STAFF })
    expect(await rejection(save(['allow 192.0.2.0-24'], { place: STAFF, editor: anna }))).to.be.instanceOf(LockOut)
  })

  it('are put back after a minute that nobody has used to confirm', async () => {
    await save([`allow ${OWN}`])
    await save(['allow 192.0.2.0-24'], { confirm: OWN })
    timing.pass(59)
    expect(service.rules.trial?.secondsLeft).to.equal(1)
    expect(masks()).to.deep.equal(['allow 192.0.2.0-24'])
    await afterTheMinute()
    expect(masks()).to.deep.equal([`allow ${OWN}`])
    expect(service.rules.trial).to.equal(undefined)
    expect(await service.rules.confirm('root'), 'too late').to.equal(false)
    expect(logged('access.trial')).to.have.length(1)
    expect(logged('access.rolled-back')[0]?.text).to.include('the server').and.include('Nobody confirmed')
  })

  it('stay once they are confirmed, whatever time passes', async () => {
    await save(['allow 192.0.2.0-24'], { confirm: OWN })
    expect(await service.rules.confirm('bob')).to.equal(true)
    timing.pass(600)
    expect(masks()).to.deep.equal(['allow 192.0.2.0-24'])
    expect(logged('access.confirmed')[0]?.by).to.equal('bob')
  })

  it('can be tried although nothing is dangerous, and be undone at once', async () => {
    await save([`allow ${OWN}`], { trial: true })
    await save(['allow *.*.*.*'], { place: SHOP, trial: true })
    expect(service.rules.trial?.places).to.deep.equal([SERVER_RULES, SHOP])
    expect(await service.rules.undo('root')).to.equal(true)
    expect([masks(), masks(SHOP)]).to.deep.equal([[], []])
    expect(logged('access.rolled-back')[0]?.by).to.equal('root')
  })

  it('go back to what was before the first of several changes on trial', async () => {
    await save(['allow 192.0.2.0-24'], { confirm: OWN })
    timing.pass(30)
    await save(['allow 192.0.2.0-24', 'allow 203.0.113.9'])
    expect(service.rules.trial?.secondsLeft, 'a harmless change wins no time').to.equal(30)
    await afterTheMinute()
    expect(masks()).to.deep.equal([])
  })

  it('are put back when the process dies before they were confirmed', async () => {
    await save(['allow 192.0.2.0-24'], { confirm: OWN })
    await service.dispose()
    await open()
    expect(masks()).to.deep.equal([])
    expect(service.rules.trial).to.equal(undefined)
    expect(logged('access.rolled-back')[0]?.text).to.include('The service had ended.')
    await service.dispose()
    await open()
    expect(logged('access.rolled-back'), 'once').to.have.length(1)
  })

  it('stay over a restart when they were confirmed', async () => {
    await save(['allow 192.0.2.0-24'], { confirm: OWN })
    await service.rules.confirm('root')
    await service.dispose()
    await open()
    expect(masks()).to.deep.equal(['allow 192.0.2.0-24'])
  })

  it('are as they are where the file of the trial cannot be read, and the service starts', async () => {
    await save(['allow 192.0.2.0-24'], { confirm: OWN })
    await service.dispose()
    const file = join(shell.paths.state, 'trial.json')
    await writeFile(file, (await readFile(file, 'utf8')).slice(0, 20))
    await open()
    expect(masks()).to.deep.equal(['allow 192.0.2.0-24'])
    expect(logged('fault.trial')).to.have.length(1)
  })

  it('are guarded in patches of the whole settings as well', async () => {
    const patch = { settings: { access: { rules: rules('allow 192.0.2.0-24') } } }
    const editor = { name: 'token', address: OWN }
    expect(await rejection(service.rules.change(patch, { editor }))).to.be.instanceOf(LockOut)
    await service.rules.change({ settings: { limits: { connections: 7 } } }, { editor })
    expect(service.settings().settings.limits.connections).to.equal(7)
    await service.rules.change(patch, { editor, confirm: OWN })
    expect(service.rules.trial?.places).to.deep.equal([SERVER_RULES])
    const changed = once(told, 'settings')
    timing.pass(60)
    await capped(changed, 'the rules to be put back')
  })

  it('ask once where a backup from another network shuts the editor out of several lists', async () => {
    const only = { access: { rules: rules('allow 192.0.2.0-24') } }
    const none = { access: { rules: rules('deny *.*.*.*') } }
    const domains = service.settings().domains.map((one) => ({ ...one, ...only }))
    const patch = { settings: only, domains, accounts: { groups: { staff: none } } }
    const editor = { name: 'root', address: OWN }
    const error = await rejection(service.rules.change(patch, { editor }))
    expect((error as LockOut).dangers).to.deep.equal([
      { kind: 'self', place: SERVER_RULES },
      { kind: 'self', place: SHOP },
      { kind: 'everybody', place: STAFF },
    ])
    expect((error as LockOut).word).to.equal(OWN)
    expect([masks(), masks(SHOP), masks(STAFF)]).to.deep.equal([[], [], []])
    await service.rules.change(patch, { editor, confirm: OWN })
    expect(service.rules.trial?.places).to.deep.equal([SERVER_RULES, SHOP, STAFF])
    await afterTheMinute()
    expect([masks(), masks(SHOP), masks(STAFF)]).to.deep.equal([[], [], []])
  })

  it('do not ask for the rules of a domain that there was not before', async () => {
    const made = { name: 'Vendor', names: ['vendor.example'], access: { rules: rules('allow 192.0.2.0-24') } }
    const { domains } = service.settings()
    await service.rules.change({ domains: [...domains, made] }, { editor: { name: 'root', address: OWN } })
    expect(service.rules.trial).to.equal(undefined)
  })
})
