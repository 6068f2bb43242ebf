/** Texts of the log in the reader's language: the English sentences it keeps are found again, whatever stands in them. */
import { expect } from 'chai'
import type { Client } from '../../module/ftp/backend.ts'
import type { CloseReason, FtpEvent } from '../../module/ftp/events.ts'
import { refusedBy } from '../../module/ftp/verdict.ts'
import { entryFor } from '../../module/journal/entry-for.ts'
import { formatsFor } from '../../module/web/formats.ts'
import { translator } from '../../module/web/locale.ts'
import { entryText } from '../../module/web/log/entry-text.ts'

const t = translator('ru')
const RUSSIAN = { t, formats: formatsFor('ru', 'UTC', t) }
const session: Client = {
  id: 's1',
  address: '192.0.2.7',
  port: 4711,
  localAddress: '192.0.2.1',
  localPort: 21,
  since: 0,
}
const verdict = refusedBy('right.delete', 'group', 'group staff')
const path = '/Scans/x refused: y (STOR): 5.pdf'
const REASONS: readonly CloseReason[] = [
  'quit',
  'lost',
  'login-timeout',
  'idle-timeout',
  'session-timeout',
  'stalled',
  'login-failures',
  'flood',
  'replaced',
  'account',
  'kicked',
  'tls',
  'shutdown',
  'fault',
]

const EVENTS: readonly FtpEvent[] = [
  { kind: 'session-opened', session, domain: 'd', secure: false },
  { kind: 'session-opened', session, domain: 'd', secure: true },
  { kind: 'connection-refused', session, domain: 'd', verdict },
  { kind: 'secured', session, protocol: 'TLSv1.3', cipher: 'X' },
  { kind: 'domain-chosen', session, domain: 'd' },
  { kind: 'login', session, user: 'anna', guest: false },
  { kind: 'login', session, user: 'anonymous', guest: true },
  { kind: 'login-failed', session, user: 'bob', verdict },
  { kind: 'logout', session, user: 'anna' },
  { kind: 'client-named', session, name: 'lftp' },
  { kind: 'refused', session, verb: 'DELE', path, verdict },
  { kind: 'expelled', session, verdict },
  { kind: 'message', session, text: 'Hello.' },
  { kind: 'fault', session, error: new Error('broken') },
  ...['DELE', 'MKD', 'RMD', 'MFMT', 'SITE CHMOD'].map((verb) => ({ kind: 'changed', session, verb, path }) as const),
  { kind: 'changed', session, verb: 'RNTO', path, to: '/b' },
  ...REASONS.map((reason) => ({ kind: 'session-closed', session, reason, seconds: 2 }) as const),
  ...(['download', 'upload'] as const).flatMap((direction) =>
    [0, 7].flatMap((offset) =>
      [true, false].map((secure) => {
        const transfer = { id: 1, direction, verb: 'RETR', path, offset, secure }
        return { kind: 'transfer-started', session, transfer } as const
      }),
    ),
  ),
  ...(['download', 'upload', 'listing'] as const).flatMap((direction) =>
    (['complete', 'aborted', 'failed'] as const).map((result) => {
      const transfer = { id: 1, direction, verb: 'RETR', path, bytes: 3, seconds: 0.5, result, code: 226 } as const
      return { kind: 'transfer-ended', session, transfer } as const
    }),
  ),
]

describe('texts of the log', () => {
  for (const event of EVENTS) {
    const entry = entryFor(event)
    if (!entry) continue
    it(`say in Russian: ${entry.text}`, () => {
      const text = entryText(RUSSIAN, entry)
      expect(text).to.match(/[а-яё]{3}/i)
      if ('path' in event) expect(text).to.include(path)
      if ('verdict' in event) expect(text).to.include('нет права удалять').and.include('group staff')
    })
  }

  it('write numbers as the reader does', () => {
    const texts = EVENTS.map((event) => entryFor(event)).map((entry) => entry && entryText(RUSSIAN, entry))
    expect(texts).to.include(`Отправлено: ${path} (RETR), байтов: 3, секунд: 0,500.`)
    expect(texts).to.include('Клиент попрощался (через 2,0 с).')
  })

  it('stay as they are where nobody has a sentence for them', () => {
    for (const text of [
      'what: 21 → 2121',
      'domains["x"].limits.y: 1 → 2',
      'resources["x"].rights: – → [{"level":1}]',
    ]) {
      expect(entryText(RUSSIAN, { event: 'settings.changed', text })).to.equal(text)
      expect(entryText(RUSSIAN, { event: '__proto__', text })).to.equal(text)
    }
    expect(entryText(RUSSIAN, { event: 'login', text: 'Something else.' })).to.equal('Something else.')
  })

  it('keep hostile gaps as they are', () => {
    const text = 'The client program is {name} <b>$& \u0000.'
    expect(entryText(RUSSIAN, { event: 'client-named', text })).to.include('{name} <b>$& ')
  })
})
