/** What the engine does and what the log says of it. */
import { expect } from 'chai'
import type { Client } from '../../module/ftp/backend.ts'
import type { CloseReason, FtpEvent, TransferEnd } from '../../module/ftp/events.ts'
import { allowedBy, refusedBy } from '../../module/ftp/verdict.ts'
import { entryFor } from '../../module/journal/entry-for.ts'
import { serve } from '../serve.ts'
import { DAY, temporaryLog } from './temporary-log.ts'

const session: Client = {
  id: 's1',
  address: '192.0.2.7',
  port: 4711,
  localAddress: '192.0.2.1',
  localPort: 21,
  since: 0,
}
const refused = refusedBy('limit.connections', 'server', '5')

function ended(changes: Partial<TransferEnd>): FtpEvent {
  const end = {
    id: 1,
    direction: 'upload',
    verb: 'STOR',
    path: '/a',
    bytes: 3,
    seconds: 0.5,
    result: 'complete',
  } as const
  return { kind: 'transfer-ended', session, transfer: { ...end, code: 226, ...changes } }
}

function started(direction: 'download' | 'listing', offset: number): FtpEvent {
  const transfer = { id: 1, direction, verb: 'RETR', path: '/a', offset, secure: true }
  return { kind: 'transfer-started', session, transfer }
}

const closed = (reason: CloseReason): FtpEvent => ({ kind: 'session-closed', session, reason, seconds: 2 })

const TABLE: readonly (readonly [FtpEvent, string, string])[] = [
  [
    { kind: 'session-opened', session, domain: 'd', secure: false },
    'message',
    'Connected from 192.0.2.7:4711 to 192.0.2.1:21.',
  ],
  [
    { kind: 'connection-refused', session, domain: 'd', verdict: refused },
    'warning',
    'Connection refused at 192.0.2.1:21: limit.connections (5).',
  ],
  [
    { kind: 'secured', session, protocol: 'TLSv1.3', cipher: 'X' },
    'message',
    'The control connection is secured: TLSv1.3, X.',
  ],
  [{ kind: 'domain-chosen', session, domain: 'd' }, 'message', 'Chose the domain d.'],
  [{ kind: 'command', session, verb: 'CWD', text: 'CWD /a' }, 'message', '> CWD /a'],
  [
    { kind: 'reply', session, code: 211, lines: ['Features:', ' UTF8', 'End.'] },
    'message',
    '< 211 Features: | UTF8 | End.',
  ],
  [{ kind: 'reply', session, code: 550, lines: ['No.'] }, 'warning', '< 550 No.'],
  [{ kind: 'login', session, user: 'anna', guest: false }, 'status', 'Logged in.'],
  [
    { kind: 'login', session, user: 'ftp', guest: true, verdict: allowedBy('guest', 'resource') },
    'status',
    'Logged in as a guest.',
  ],
  [
    { kind: 'login-failed', session, user: 'bob', verdict: refusedBy('login.password', 'user') },
    'warning',
    'Login as bob refused: login.password.',
  ],
  [{ kind: 'logout', session, user: 'anna' }, 'message', 'Logged out.'],
  [{ kind: 'client-named', session, name: 'WinSCP' }, 'message', 'The client program is WinSCP.'],
  [
    { kind: 'refused', session, verb: 'DELE', path: '/a', verdict: refusedBy('right.delete', 'resource') },
    'warning',
    'DELE /a refused: right.delete.',
  ],
  [
    { kind: 'refused', session, verb: 'PORT', verdict: refusedBy('command', 'server') },
    'warning',
    'PORT refused: command.',
  ],
  [started('download', 10), 'message', 'Began to send /a at byte 10 over TLS.'],
  [ended({}), 'status', 'Received /a (STOR): 3 bytes in 0.500 s.'],
  [
    ended({ direction: 'download', verb: 'RETR', result: 'aborted' }),
    'warning',
    'Sent /a (RETR): 3 bytes in 0.500 s. Aborted.',
  ],
  [ended({ result: 'failed' }), 'error', 'Received /a (STOR): 3 bytes in 0.500 s. Failed.'],
  [ended({ direction: 'listing', verb: 'MLSD' }), 'message', 'Listed /a (MLSD): 3 bytes in 0.500 s.'],
  [{ kind: 'changed', session, verb: 'DELE', path: '/a' }, 'status', 'Deleted /a.'],
  [{ kind: 'changed', session, verb: 'RNTO', path: '/a', to: '/b' }, 'status', 'Renamed /a to /b.'],
  [{ kind: 'changed', session, verb: 'NEW', path: '/a' }, 'status', 'Changed (NEW) /a.'],
  [{ kind: 'message', session, text: 'hello' }, 'message', 'Says: hello'],
  [closed('quit'), 'message', 'The client said goodbye after 2.0 s.'],
  [closed('flood'), 'warning', 'Closed: too many lines that are no commands after 2.0 s.'],
  [closed('fault'), 'error', 'Closed because of a fault after 2.0 s.'],
  [{ kind: 'fault', error: new TypeError('x is not y') }, 'error', 'Fault: TypeError: x is not y.'],
]

describe('the log of what the engine does', () => {
  for (const [event, kind, text] of TABLE) {
    it(`says "${text}" as a ${kind}`, () => {
      expect(entryFor(event)).to.include({ kind, text, event: event.kind })
    })
  }

  it('leaves out progress, directories and the begin of a listing', () => {
    const quiet: FtpEvent[] = [
      { kind: 'transfer-progress', session, id: 1, bytes: 1 },
      { kind: 'directory', session, path: '/' },
      started('listing', 0),
    ]
    expect(quiet.map((event) => entryFor(event))).to.deep.equal([undefined, undefined, undefined])
  })

  it('keeps the verdict, so that a page can say why', () => {
    const event: FtpEvent = { kind: 'refused', session, verb: 'DELE', path: '/a', verdict: refused }
    expect(entryFor(event)).to.deep.include({ verdict: refused, path: '/a', session: 's1', address: '192.0.2.7' })
  })

  it('shows no password even where the engine forgot to mask it', () => {
    expect(entryFor({ kind: 'command', session, verb: 'PASS', text: 'PASS hunter2' })?.text).to.equal('> PASS ****')
  })

  it('follows a real session with user, domain and result, and never its password', async () => {
    await using served = await serve({ files: {} })
    await using log = await temporaryLog()
    const client = await served.connect()
    await client.say('USER anna', 331)
    await client.say('PASS wrong-password', 530)
    await client.login()
    await client.store('STOR note.txt', 'hello')
    await client.say('DELE nothing.txt', 550)
    await client.say('QUIT', 221)
    await served.event('session-closed')
    for (const event of served.events) log.journal.observe(event)
    await log.journal.flush()
    const story = await log.journal.story(served.all('session-opened')[0]?.session.id ?? '')
    expect(story.map(({ event }) => event)).to.include.members([
      'session-opened',
      'login-failed',
      'login',
      'session-closed',
    ])
    expect(story.find(({ event }) => event === 'transfer-ended')).to.include({
      kind: 'status',
      user: 'anna',
      domain: 'default',
      path: '/note.txt',
      bytes: 5,
      result: 'complete',
    })
    expect(story.map(({ id }) => id)).to.deep.equal(story.map(({ id }) => id).sort((a, b) => a - b))
    expect(JSON.stringify(story)).to.not.match(/wrong-password|PASS secret/)
  })

  it('leaves commands and replies out where they are not wanted', async () => {
    await using log = await temporaryLog({ commands: false })
    log.journal.observe({ kind: 'command', session, verb: 'NOOP', text: 'NOOP' })
    log.journal.observe({ kind: 'reply', session, code: 200, lines: ['Fine.'] })
    log.journal.observe({ kind: 'message', session, text: 'hello' })
    await log.journal.flush()
    const { entries } = await log.journal.page({ day: log.journal.today() }, { page: 'last' })
    expect(entries.map(({ text }) => text)).to.deep.equal(['Says: hello'])
  })

  it('survives an event that is not what its type says', async () => {
    await using log = await temporaryLog()
    log.journal.observe({ kind: 'nonsense' } as unknown as FtpEvent)
    log.journal.observe({ kind: 'reply', session } as unknown as FtpEvent)
    await log.write({ text: 'after' })
    expect(await log.texts({ day: DAY })).to.deep.equal(['after'])
    expect(log.journal.state().dropped).to.equal(2)
  })
})
