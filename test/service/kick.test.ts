/** Disconnecting with all that may come with it: what was asked for happens as a whole or not at all, and the log names who. */
import { expect } from 'chai'
import { KickRefused, type Kick, type Kicker } from '../../module/service/kick.ts'
import { AUTOMATIC_BANS, MANUAL_BANS } from '../../module/access/bans.ts'
import { eventually } from '../cap.ts'
import { RawClient } from '../raw-client.ts'
import { rejection } from '../rejection.ts'
import { mounted, type Mounted } from '../web/mounted.ts'

const PRESET = { users: [{ name: 'anna', password: 'secret' }] }
const OLGA: Kicker = { name: 'olga', address: '192.0.2.7' }

const idOf = (it: Mounted, at = 0) => it.service.activity.rows()[at]?.id ?? ''
const kick = (it: Mounted, order: Kick, by = OLGA) => it.service.supervisor.kick(idOf(it), order, by)
const problem = async (promise: Promise<unknown>) => {
  const error = await rejection(promise)
  return error instanceof KickRefused ? error.problem : error
}
const rules = (it: Mounted) => it.service.settings().settings.access.rules

/** An address that has a session logged in, and answers whether a further connection gets a greeting. */
async function welcome(it: Mounted, localAddress = '127.0.0.1'): Promise<boolean> {
  const client = await RawClient.open(it.port, { localAddress })
  const answer = await client.reply().catch(() => undefined)
  await client[Symbol.asyncDispose]()
  return answer?.code === 220
}

describe('disconnecting a session', () => {
  it('tells the client, and lets it come back', async () => {
    await using it = await mounted({ preset: PRESET })
    await using client = await RawClient.connect(it.port)
    await client.login()
    const outcome = await kick(it, { message: 'Maintenance.\r\n220 not a reply' })
    expect((await client.reply(421)).lines).to.deep.equal(['421 Maintenance. 220 not a reply'])
    await client.ended()
    expect(outcome).to.deep.equal({ address: '127.0.0.1', sessions: 1, banned: false, blocked: false })
    expect(await welcome(it)).to.be.true
    const [entry] = it.audited.filter(({ event }) => event === 'session.disconnected')
    expect(entry?.by).to.equal('olga')
    expect(entry?.text).to.match(/\(anna, 127\.0\.0\.1\)\. Told: Maintenance\./)
  })

  it('ends the other sessions of the address too, and those of no other address', async () => {
    await using it = await mounted({ preset: PRESET })
    const clients = []
    for (const localAddress of ['127.0.0.1', '127.0.0.1', '127.0.0.9']) {
      clients.push(await RawClient.connect(it.port, { localAddress }))
    }
    expect((await kick(it, { others: true })).sessions).to.equal(2)
    await clients[1]?.ended()
    expect(it.service.activity.rows().map(({ address }) => address)).to.deep.equal(['127.0.0.9'])
    for (const client of clients) await client[Symbol.asyncDispose]()
  })

  it('bans the address for a time, and says who did', async () => {
    await using it = await mounted({ preset: PRESET })
    await using client = await RawClient.connect(it.port)
    await kick(it, { ban: 5 })
    await client.ended()
    expect(await welcome(it)).to.be.false
    expect(await welcome(it, '127.0.0.2')).to.be.true
    expect(it.service.access.bans.rows()).to.have.lengthOf(1)
    expect(it.service.access.bans.rows()[0]).to.include({ subject: '127.0.0.1', by: 'olga', expiresIn: 300 })
    expect(it.audited.find(({ event }) => event === 'access.banned')).to.include({ by: 'olga' })
  })

  it('bans in one domain only, where that is wanted', async () => {
    await using it = await mounted({ preset: PRESET })
    await using client = await RawClient.connect(it.port)
    await kick(it, { ban: 5, scope: 'domain' })
    await client.ended()
    expect(it.service.access.bans.rows()[0]).to.include({ subject: '127.0.0.1', domain: 'default' })
  })

  it('blocks for good: an empty list gets the two rules that let everybody else in', async () => {
    await using it = await mounted({ preset: PRESET })
    await using client = await RawClient.connect(it.port)
    await client.login()
    expect((await kick(it, { block: true })).blocked).to.be.true
    expect(rules(it).map(({ action, mask }) => `${action} ${mask}`)).to.deep.equal([
      'deny 127.0.0.1',
      'allow *.*.*.*',
      'allow *:*',
    ])
    expect(rules(it)[0]?.note).to.include('olga').and.include('anna')
    expect(await welcome(it)).to.be.false
    expect(await welcome(it, '127.0.0.2')).to.be.true
    expect(it.audited.filter(({ event }) => event === 'settings.changed').map(({ by }) => by)).to.include('olga')
  })

  it('blocks in the domain of the session only, where that is wanted', async () => {
    const domains = [{ name: 'Shop', names: ['shop.example'] }]
    await using it = await mounted({ preset: PRESET })
    await it.service.change({ domains }, 'ivan')
    await using client = await RawClient.connect(it.port)
    await client.say('HOST shop.example', 220)
    await kick(it, { block: true, scope: 'domain' })
    await client.ended()
    expect(rules(it)).to.deep.equal([])
    const [shop] = it.service.settings().domains
    expect(shop?.access.rules.map(({ mask }) => mask)).to.deep.equal(['127.0.0.1', '*.*.*.*', '*:*'])
    await using again = await RawClient.connect(it.port)
    await again.say('HOST shop.example', 421)
    expect(await welcome(it)).to.be.true
  })

  it('ends what else comes from an address that is blocked for good, also where nobody asked for that', async () => {
    await using it = await mounted({ preset: PRESET })
    await using client = await RawClient.connect(it.port)
    await using other = await (await RawClient.connect(it.port)).login()
    expect((await kick(it, { block: true, message: 'Out.' })).sessions).to.equal(1)
    expect((await client.reply(421)).text).to.include('Out.')
    await other.reply(421)
    await other.ended()
  })

  it('blocks before all other rules, and adds nothing to a list that has some', async () => {
    const settings = { access: { rules: [{ action: 'allow', mask: '127.0.0.*' }] } }
    await using it = await mounted({ preset: { ...PRESET, settings } })
    await using client = await RawClient.connect(it.port)
    await kick(it, { block: true })
    await client.ended()
    expect(rules(it).map(({ mask }) => mask)).to.deep.equal(['127.0.0.1', '127.0.0.*'])
  })

  it('disables the account, also for other addresses', async () => {
    await using it = await mounted({ preset: PRESET })
    await using client = await RawClient.connect(it.port)
    await client.login()
    expect((await kick(it, { disableAccount: true })).disabled).to.equal('anna')
    await using other = await RawClient.connect(it.port, { localAddress: '127.0.0.2' })
    await other.say('USER anna', 331)
    await other.say('PASS secret', 530)
    expect(it.service.settings().accounts.users['anna']?.ftp).to.be.false
  })

  it('does block and account in one change that others do not lose', async () => {
    await using it = await mounted({ preset: PRESET })
    await using client = await RawClient.connect(it.port)
    await client.login()
    const others = [300, 301, 302].map((idle) => it.service.change({ settings: { timeouts: { idle } } }, 'ivan'))
    const added = it.service.change({ settings: { access: { rules: [{ action: 'allow', mask: '*.*.*.*' }] } } }, 'ivan')
    await Promise.all([kick(it, { block: true, disableAccount: true }), added, ...others])
    expect(rules(it).map(({ mask }) => mask)).to.deep.equal(['127.0.0.1', '*.*.*.*'])
    expect(it.service.settings().accounts.users['anna']?.ftp).to.be.false
    expect(it.service.settings().settings.timeouts.idle).to.equal(302)
  })
})

describe('disconnecting refuses', () => {
  it('to lock out the administrator who asks, unless he types his address', async () => {
    await using it = await mounted({ preset: PRESET })
    await using client = await RawClient.connect(it.port)
    const own = { name: 'olga', address: '::ffff:127.0.0.1' }
    for (const order of [{ ban: 5 }, { block: true }]) {
      expect(await problem(kick(it, order, own))).to.equal('own-address')
      expect(await problem(kick(it, order, { ...own, confirm: '127.0.0.2' }))).to.equal('own-address')
      expect(await problem(kick(it, order, { ...own, confirm: '' }))).to.equal('own-address')
    }
    expect(it.service.access.bans.rows()).to.deep.equal([])
    expect(rules(it)).to.deep.equal([])
    await client.say('NOOP', 200)
    expect((await kick(it, { ban: 5 }, { ...own, confirm: ' 127.0.0.1 ' })).banned).to.be.true
  })

  it('a session that is gone, whatever its id pretends to be', async () => {
    await using it = await mounted({ preset: PRESET })
    for (const id of ['', 'no such', '__proto__', '../..']) {
      expect(await problem(it.service.supervisor.kick(id, { ban: 5 }, OLGA))).to.equal('gone')
    }
    const client = await RawClient.connect(it.port)
    const id = idOf(it)
    await client[Symbol.asyncDispose]()
    await eventually(() => it.service.activity.rows().length === 0, 'the session is over')
    expect(await problem(it.service.supervisor.kick(id, { block: true }, OLGA))).to.equal('gone')
    expect(rules(it)).to.deep.equal([])
  })

  it('to disable the account of nobody, and to block in a domain that has no rules', async () => {
    await using it = await mounted({ preset: PRESET })
    await using client = await RawClient.connect(it.port)
    expect(await problem(kick(it, { disableAccount: true, ban: 5 }))).to.equal('no-account')
    expect(await problem(kick(it, { block: true, scope: 'domain' }))).to.equal('default-domain')
    expect(it.service.access.bans.rows()).to.deep.equal([])
    await client.say('NOOP', 200)
  })

  it('one ban too many, and then ends nothing', async () => {
    await using it = await mounted({ preset: PRESET })
    await using client = await RawClient.connect(it.port)
    for (let at = 0; at < MANUAL_BANS; at++) {
      it.service.access.bans.banMask({ mask: `10.0.${at >> 8}.${at & 255}`, minutes: 5, by: 'ivan' })
    }
    expect(MANUAL_BANS).to.be.below(AUTOMATIC_BANS)
    expect(await problem(kick(it, { ban: 5 }))).to.equal('too-many-bans')
    await client.say('NOOP', 200)
  })

  it('nothing halfway: a ban is taken back when the rest cannot be stored', async () => {
    await using it = await mounted({ preset: PRESET })
    await using client = await RawClient.connect(it.port)
    await client.login()
    it.service.access.bans.banMask({ mask: '127.0.0.1', minutes: 60, by: 'ivan', domain: 'default' })
    const full = Array.from({ length: 10_000 }, (_, at) => ({
      action: 'allow',
      mask: at === 0 ? '127.0.0.1' : `10.0.${at >> 8}.${at & 255}`,
    }))
    await it.service.change({ settings: { access: { rules: full } } }, 'ivan')
    const error = await rejection(kick(it, { ban: 5, block: true, disableAccount: true }))
    expect(error).to.have.property('name', 'SettingsError')
    expect(it.service.access.bans.rows().map(({ by }) => by)).to.deep.equal(['ivan'])
    expect(it.service.settings().accounts.users['anna']?.ftp).to.equal(undefined)
    await client.say('NOOP', 200)
  })
})

describe('messages of administrators', () => {
  it('come to the log with their writer, and a broadcast says how many it reached', async () => {
    await using it = await mounted({ preset: PRESET })
    await using one = await RawClient.connect(it.port)
    await using other = await RawClient.connect(it.port)
    expect(it.service.supervisor.message(idOf(it), 'hello\r\nthere', 'olga')).to.be.true
    expect(it.service.supervisor.broadcast('noon', 'ivan')).to.equal(2)
    expect(it.service.supervisor.message('no such', 'hello', 'olga')).to.be.false
    expect(it.service.supervisor.broadcast(' \r\n', 'ivan')).to.equal(0)
    const said = it.audited.filter(({ event }) => event === 'session.messaged')
    expect(said.map(({ by, text }) => [by, text.replace(/^Session \S+/, 'Session')])).to.deep.equal([
      ['olga', 'Session (nobody logged in, 127.0.0.1): hello there'],
      ['ivan', 'All 2 sessions: noon'],
    ])
    await one.login()
    await other.login()
  })
})
