/** Live and finished sessions as pages see them, from events and from the real engine. */
import { expect } from 'chai'
import { Activity, FINISHED } from '../../module/activity/registry.ts'
import type { Client } from '../../module/ftp/backend.ts'
import type { FtpEvent } from '../../module/ftp/events.ts'
import { DEFAULTS } from '../../module/ftp/options.ts'
import { createFtpServer } from '../../module/ftp/server.ts'
import { allowedBy, refusedBy } from '../../module/ftp/verdict.ts'
import { eventually } from '../cap.ts'
import { MemoryAccount, MemoryBackend } from '../memory-backend.ts'
import { MemoryFiles } from '../memory-files.ts'
import { RawClient } from '../raw-client.ts'

const client = (id: string, address = '192.0.2.1'): Client => ({
  id,
  address,
  port: 50_000,
  localAddress: '192.0.2.254',
  localPort: 21,
  since: 1000,
})

/** Activity on a clock of the test's own, and what it delivered to the engine. */
function setUp() {
  const delivered: (readonly [string, string])[] = []
  const clock = { now: 0 }
  const activity = new Activity({
    deliver: (id, text) => id !== 'full' && delivered.push([id, text]) > 0,
    now: () => clock.now,
    wall: () => 1_000_000 + clock.now,
  })
  const say = (...events: FtpEvent[]) => events.forEach((event) => activity.observer(event))
  const open = (session: Client) => say({ kind: 'session-opened', session, domain: 'default', secure: false })
  return { activity, delivered, clock, say, open }
}

describe('the list of sessions', () => {
  it('follows a session from the connection to its end', () => {
    const { activity, clock, say, open } = setUp()
    const session = client('1')
    open(session)
    expect(activity.rows()).to.deep.equal([
      {
        id: '1',
        address: '192.0.2.1',
        port: 50_000,
        domain: 'default',
        guest: false,
        program: '',
        secure: false,
        folder: '/',
        since: 1000,
        idle: 0,
        activeAt: 1000,
        verb: '',
        now: 'connected',
        failedLogins: 0,
        downloaded: 0,
        uploaded: 0,
      },
    ])
    say(
      { kind: 'secured', session, protocol: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256' },
      { kind: 'client-named', session, name: 'lftp' },
      { kind: 'domain-chosen', session, domain: 'shop' },
      { kind: 'login-failed', session, user: 'anna', verdict: refusedBy('login.password', 'user') },
      { kind: 'login', session, user: 'anna', guest: false, verdict: allowedBy('login.password', 'user') },
      { kind: 'directory', session, path: '/Scans' },
      { kind: 'command', session, verb: 'NOOP', text: 'NOOP' },
    )
    expect(activity.rows()[0]).to.include({ now: 'command', verb: 'NOOP', user: 'anna', secure: true, program: 'lftp' })
    say({ kind: 'reply', session, code: 200, lines: ['Fine.'] })
    clock.now += 61_000
    expect(activity.rows()[0]).to.include({
      now: 'idle',
      idle: 61,
      activeAt: 1_000_000,
      domain: 'shop',
      folder: '/Scans',
      failedLogins: 1,
    })
    say({ kind: 'logout', session, user: 'anna' })
    expect(activity.rows()[0]).not.to.have.property('user')
    say({ kind: 'session-closed', session, user: 'anna', reason: 'quit', seconds: 61 })
    expect(activity.rows()).to.deep.equal([])
    expect(activity.finished()[0]).to.deep.include({
      user: 'anna',
      ended: { at: 1_061_000, reason: 'quit', seconds: 61 },
    })
  })

  it('shows a transfer with progress and speed, and is not idle meanwhile', () => {
    const { activity, clock, say, open } = setUp()
    const session = client('1')
    open(session)
    const transfer = { id: 7, verb: 'RETR', path: '/a.iso', secure: false } as const
    say(
      { kind: 'login', session, user: 'anna', guest: false },
      { kind: 'command', session, verb: 'RETR', text: 'RETR a.iso' },
      {
        kind: 'transfer-started',
        session,
        transfer: { ...transfer, direction: 'download', size: 10_000, offset: 2000 },
      },
      { kind: 'reply', session, code: 150, lines: ['Here it comes.'] },
    )
    clock.now += 1000
    say(
      { kind: 'transfer-progress', session, id: 7, bytes: 4000 },
      { kind: 'transfer-progress', session, id: 6, bytes: 9 },
    )
    expect(activity.rows()[0]?.transfer).to.include({ bytes: 4000, progress: 0.6, bytesPerSecond: 4000, offset: 2000 })
    clock.now += 400
    expect(activity.rows()[0]).to.include({ now: 'download', idle: 0 })
    say(
      {
        kind: 'transfer-ended',
        session,
        transfer: { ...transfer, direction: 'download', bytes: 8000, seconds: 2, result: 'complete', code: 226 },
      },
      { kind: 'reply', session, code: 226, lines: ['Done.'] },
    )
    expect(activity.rows()[0]).to.include({ now: 'idle', downloaded: 8000, uploaded: 0 })
    expect(activity.rows()[0]).not.to.have.property('transfer')
  })

  it('shows everybody who looks at one picture the same row, and the next picture what has happened since', () => {
    const { activity, say, open } = setUp()
    const session = client('1')
    open(session)
    say({ kind: 'command', session, verb: 'NOOP', text: 'NOOP' })
    const picture = activity.picture()
    const [seen] = picture.sessions
    if (!seen) throw new Error('Nobody is there')
    const before = picture.row(seen)
    expect(before).to.include({ verb: 'NOOP' })
    say({ kind: 'command', session, verb: 'PWD', text: 'PWD' })
    expect(picture.row(seen)).to.equal(before)
    expect(activity.picture().row(seen)).to.include({ verb: 'PWD' })
  })

  it('leaves out connections that never became sessions', () => {
    const { activity, say } = setUp()
    say(
      {
        kind: 'connection-refused',
        session: client('1'),
        domain: 'default',
        verdict: refusedBy('access.rule', 'server'),
      },
      { kind: 'fault', error: new Error('elsewhere') },
      { kind: 'session-closed', session: client('2'), reason: 'lost', seconds: 0 },
    )
    expect(activity.rows()).to.deep.equal([])
    expect(activity.finished()).to.deep.equal([])
    expect(activity.version).to.equal(0)
  })

  it('keeps the last hundred finished sessions with their log, latest first', () => {
    const { activity, say, open } = setUp()
    for (let id = 1; id <= 150; id++) {
      const session = client(`${id}`)
      open(session)
      say({ kind: 'command', session, verb: 'QUIT', text: 'QUIT' })
      say({ kind: 'session-closed', session, reason: 'quit', seconds: 1 })
    }
    expect(activity.finished()).to.have.lengthOf(FINISHED)
    expect(activity.finished()[0]?.id).to.equal('150')
    expect(activity.details('51')?.transcript.map(({ text }) => text)).to.deep.equal(['QUIT', 'quit'])
    expect(activity.details('50')).to.equal(undefined)
  })

  it('says who else comes from an address', () => {
    const { activity, open } = setUp()
    open(client('1'))
    open(client('2'))
    open(client('3', '192.0.2.9'))
    expect(activity.othersOf('192.0.2.1', '1').map(({ id }) => id)).to.deep.equal(['2'])
  })
})

describe('spy and chat', () => {
  it('is one conversation for all administrators, kept from the connection on', () => {
    const { activity, delivered, say, open } = setUp()
    const session = client('1')
    open(session)
    say({ kind: 'message', session, text: 'is anybody there?' })
    activity.send('1', 'olga', 'yes')
    activity.send('1', 'ivan', 'me\r\ntoo')
    expect(activity.details('1')?.chat.map(({ from, by, text }) => [from, by, text])).to.deep.equal([
      ['client', undefined, 'is anybody there?'],
      ['administrator', 'olga', 'yes'],
      ['administrator', 'ivan', 'me too'],
    ])
    expect(delivered).to.deep.equal([
      ['1', 'yes'],
      ['1', 'me too'],
    ])
    expect(activity.details('1', { chat: 2 })?.chat).to.have.lengthOf(1)
  })

  it('says so when a message cannot be delivered', () => {
    const { activity, open } = setUp()
    open(client('full'))
    expect(activity.send('full', 'olga', 'hello')).to.equal(undefined)
    expect(activity.send('gone', 'olga', 'hello')).to.equal(undefined)
    expect(activity.send('full', 'olga', ' \r\n ')).to.equal(undefined)
    expect(activity.details('full')?.chat).to.deep.equal([])
  })

  it('broadcasts to every live session', () => {
    const { activity, delivered, open, say } = setUp()
    for (const id of ['1', '2', 'full', '3']) open(client(id))
    say({ kind: 'session-closed', session: client('3'), reason: 'quit', seconds: 1 })
    expect(activity.broadcast('olga', 'maintenance at noon')).to.equal(2)
    expect(delivered.map(([id]) => id)).to.deep.equal(['1', '2'])
  })

  it('with the real engine shows the whole log without the password, and carries messages both ways', async () => {
    const files = new MemoryFiles({ 'a.txt': 'hello' })
    const activity = new Activity({ deliver: (id, text) => server.message(id, text) })
    const server = createFtpServer({
      backend: new MemoryBackend([new MemoryAccount('anna', 'top secret', files)]),
      options: DEFAULTS,
      observers: [activity.observer],
    })
    await server.listen([{ address: '127.0.0.1', port: 0, implicitTls: false, domain: 'default' }])
    await using raw = await RawClient.connect(server.addresses()[0]?.port ?? 0)
    await raw.login('anna', 'top secret')
    await raw.say('SITE MSG the printer is out of paper')
    const id = activity.rows()[0]?.id ?? ''
    expect(activity.rows()[0]).to.include({ user: 'anna', folder: '/', address: '127.0.0.1' })
    expect(activity.send(id, 'olga', 'paper is on its way')?.by).to.equal('olga')
    expect(activity.details(id)?.waiting).to.equal(1)
    expect((await raw.say('NOOP')).text).to.include('paper is on its way')
    expect(activity.details(id)?.waiting).to.equal(0)
    await raw.say('CLNT terminal', 200)
    activity.send(id, 'olga', 'it is there')
    expect((await raw.reply(100)).text).to.include('it is there')
    expect(activity.details(id)?.waiting).to.equal(0)
    await raw.say('QUIT', 221)
    await eventually(() => activity.finished().length === 1, 'the session is finished')
    const details = activity.details(id)
    const log = details?.transcript.map(({ from, text }) => `${from} ${text}`).join('\n')
    expect(log).to.match(/^server 220 .*\nclient USER anna\nserver 331 .*\nclient PASS \*\*\*\*\nserver 230 /)
    expect(log).not.to.include('secret')
    expect(log).to.include('Message from the administrator: paper is on its way')
    expect(details?.chat.map(({ text }) => text)).to.deep.equal([
      'the printer is out of paper',
      'paper is on its way',
      'it is there',
    ])
    files.release()
    await server.close({ graceMs: 0 })
  })
})
