/** Replay: what other settings would have done to the sessions in the log, decided without touching what runs. */
import { expect } from 'chai'
import type { Entry, NewEntry } from '../../module/journal/entry.ts'
import { SettingsError } from '../../module/settings/problems.ts'
import { RawClient } from '../raw-client.ts'
import { rejection } from '../rejection.ts'
import { mounted, type Mounted } from '../web/mounted.ts'

const DAY = 86_400_000
const PRESET = {
  groups: ['staff'],
  users: [
    { name: 'anna', password: 'secret', groups: ['staff'] },
    { name: 'boris', password: 'secret' },
  ],
  settings: {
    lanNetworks: ['192.168.0.0/16'],
    logins: { failureDelaySeconds: 0 },
    access: { hammering: { enabled: false } },
  },
}

describe('replay', () => {
  let it_: Mounted
  beforeEach(async () => {
    it_ = await mounted({ preset: PRESET })
  })
  afterEach(() => it_[Symbol.asyncDispose]())

  const replay = (settings: object, others: object = {}) => it_.service.insights.replay.ask({ settings, ...others })

  interface Past {
    readonly address: string
    readonly daysAgo?: number
    readonly tls?: boolean
    readonly user?: string
    readonly failures?: number
    readonly commands?: readonly string[]
    readonly refusedBy?: string
  }
  let count = 0

  /** A session as the log has them. */
  function past({ address, daysAgo = 1, tls = false, user, failures = 0, commands = [], refusedBy }: Past): string {
    const session = `past-${++count}`
    let time = Date.now() - daysAgo * DAY
    const write = (event: string, rest: Partial<NewEntry> = {}) =>
      it_.service.journal.record({
        kind: 'message',
        event,
        text: event,
        time: (time += 1000),
        session,
        address,
        domain: 'default',
        ...rest,
      })
    if (refusedBy) {
      write('connection-refused', { verdict: { rule: refusedBy, level: 'server' } })
      return session
    }
    write('session-opened', { text: `Connected from ${address}:1 to 10.0.0.1:21.` })
    if (tls) write('secured')
    for (let failure = 0; failure < failures; failure++) {
      write('login-failed', { user: user ?? 'root', verdict: { rule: 'login.password', level: 'user' } })
    }
    if (user && failures === 0) write('login', { user })
    for (const line of commands) write('command', { text: `> ${line}`, ...(user && { user }) })
    return session
  }

  it('says which sessions a deny rule would have kept out, with the first of each', async () => {
    const first = past({ address: '203.0.113.5', user: 'anna', daysAgo: 3 })
    past({ address: '203.0.113.5', user: 'anna' })
    past({ address: '203.0.113.6', user: 'boris' })
    const answer = await replay({
      access: {
        rules: [
          { action: 'deny', mask: '203.0.113.5' },
          { action: 'allow', mask: '*.*.*.*' },
        ],
      },
    })
    expect(answer).to.include({ sessions: 3, refused: 2, admitted: 0, untold: 0, complete: true })
    expect(answer.groups).to.have.length(1)
    expect(answer.groups[0]).to.deep.include({ address: '203.0.113.5', user: 'anna', count: 2 })
    expect(answer.groups[0]?.first.session).to.equal(first)
    expect(answer.groups[0]?.verdict).to.include({ rule: 'access.rule', level: 'server' })
  })

  it('counts those whom the new rules would have let in', async () => {
    past({ address: '203.0.113.7', refusedBy: 'access.rule' })
    past({ address: '203.0.113.8', refusedBy: 'limit.sessions' })
    expect(await replay({ access: { rules: [] } })).to.include({ refused: 0, admitted: 1 })
  })

  it('asks the rules of a group for those who are in it', async () => {
    past({ address: '203.0.113.5', user: 'anna' })
    past({ address: '203.0.113.5', user: 'boris' })
    const rules = [{ action: 'allow', mask: '192.0.2.1' }]
    const answer = await replay({}, { accounts: { groups: { staff: { access: { rules } } } } })
    expect(answer.groups.map(({ user, count: times }) => [user, times])).to.deep.equal([['anna', 1]])
  })

  it('tells clear sessions from protected ones where TLS becomes required', async () => {
    past({ address: '192.168.1.2', user: 'anna' })
    past({ address: '192.168.1.3', user: 'anna', tls: true })
    past({ address: '192.168.1.4', user: 'boris' })
    const answer = await replay({ tls: { policy: 'login', exemptNetworks: ['192.168.1.4'] } })
    expect(answer).to.include({ sessions: 3, refused: 1 })
    expect(answer.groups[0]).to.deep.include({
      address: '192.168.1.2',
      verdict: { allowed: false, rule: 'tls.required', level: 'server', detail: 'login' },
    })
  })

  it('refuses what would have been banned for failed logins, and later not any more', async () => {
    past({ address: '203.0.113.9', failures: 3, daysAgo: 2 })
    past({ address: '203.0.113.9', user: 'anna', daysAgo: 2 - 60 / 86_400 })
    past({ address: '203.0.113.9', user: 'anna', daysAgo: 1 })
    const hammering = { enabled: true, failures: 3, seconds: 300, minutes: 30 }
    const answer = await replay({ access: { hammering } })
    expect(answer).to.include({ refused: 1 })
    expect(answer.groups[0]?.verdict.rule).to.equal('access.hammering')
    expect(await replay({ access: { hammering: { ...hammering, failures: 4 } } })).to.include({ refused: 0 })
    expect(it_.service.access.bans.rows()).to.deep.equal([])
    expect(it_.service.access.hammering.size).to.equal(0)
  })

  it('finds who used a command that is switched off', async () => {
    const session = past({ address: '192.168.1.2', user: 'anna', commands: ['PORT 192,168,1,2,4,1', 'LIST'] })
    past({ address: '192.168.1.3', user: 'boris', commands: ['PASV', 'LIST', 'PORTAL'] })
    const answer = await replay({ passiveOnly: true })
    expect(answer).to.include({ refused: 1, commands: true })
    expect(answer.examples).to.deep.include({
      session,
      time: answer.examples[0]?.time,
      verdict: { allowed: false, rule: 'command.disabled', level: 'server', detail: 'PORT' },
    })
  })

  it('says what names would have meant cannot be told, and never asks a name server', async () => {
    past({ address: '203.0.113.5', user: 'anna' })
    const answer = await replay({
      access: {
        rules: [
          { action: 'allow', mask: '*.example.com' },
          { action: 'allow', mask: '*.*.*.*' },
        ],
      },
    })
    expect(answer).to.include({ refused: 0, untold: 1 })
  })

  it('looks back seven days and no further', async () => {
    past({ address: '203.0.113.5', user: 'anna', daysAgo: 8 })
    past({ address: '203.0.113.5', user: 'anna', daysAgo: 6 })
    expect(await replay({ access: { rules: [{ action: 'deny', mask: '203.0.113.5' }] } })).to.include({
      sessions: 1,
      refused: 1,
    })
  })

  it('refuses settings that are not possible, as saving does', async () => {
    expect(await rejection(replay({ access: { rules: [{ action: 'deny', mask: '1.2.3.400' }] } }))).to.be.instanceOf(
      SettingsError,
    )
    expect(await rejection(replay({ port: 'none' }))).to.be.instanceOf(SettingsError)
  })

  it('reads what real sessions leave in the log', async () => {
    await using clear = await RawClient.connect(it_.port)
    await clear.login()
    await using secure = await RawClient.connect(it_.port)
    await secure.startTls()
    await secure.login('boris')
    await secure.say('EPRT |1|127.0.0.1|4000|', 200)
    expect(await replay({ tls: { policy: 'login' } })).to.include({ sessions: 2, refused: 1 })
    const off = await replay({ commands: { disabled: ['EPRT'] } })
    expect(off.groups.map(({ user }) => user)).to.deep.equal(['boris'])
    expect(await replay({ tls: { policy: 'off' } })).to.include({ refused: 1 })
    const stored: readonly Entry[] = await it_.service.journal.story(off.examples[0]?.session ?? '')
    expect(stored.some(({ user }) => user === 'boris')).to.equal(true)
  })
})
