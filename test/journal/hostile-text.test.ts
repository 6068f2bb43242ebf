/** Text of strangers in the log: it is shown, found and exported as text, and does nothing. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { NewEntry } from '../../module/journal/entry.ts'
import { rejection } from '../rejection.ts'
import { temporaryLog } from './temporary-log.ts'

describe('hostile text in the log', () => {
  it('log forging: CR and LF do not begin a second entry', async () => {
    await using log = await temporaryLog()
    await log.write({ text: '> CWD a\r\n2026-10-20 error - - - Forged.', user: 'eve\nroot', path: '/a\u2028b' })
    const [entry] = await log.all()
    expect(entry).to.include({ text: '> CWD a\\x0d\\x0a2026-10-20 error - - - Forged.', user: 'eve\\x0aroot' })
    expect((await log.exported('text')).split('\n')).to.have.length(2)
    expect((await log.exported('jsonl')).split('\n')).to.have.length(2)
  })

  it('terminal escapes, bells and reversed writing are shown, not obeyed', async () => {
    await using log = await temporaryLog()
    await log.write({ text: '\x1b[2J\x07\x9b31m \u202egpj.exe', path: '/\x1b]0;x\x07' })
    const [entry] = await log.all()
    // oxlint-disable-next-line no-control-regex
    expect(JSON.stringify(entry)).to.not.match(/[\x1b\x07\x9b\u202e]/)
    expect(entry?.text).to.equal('\\x1b[2J\\x07\\x9b31m \\u{202e}gpj.exe')
  })

  it('HTML and templates stay what was typed', async () => {
    await using log = await temporaryLog()
    const text = '<script>alert(1)</script> {{7*7}} &lt;'
    await log.write({ text, user: text })
    expect((await log.all({ search: '<SCRIPT>', user: text }))[0]?.text).to.equal(text)
  })

  it('SQL injection: quotes and statements are only text, in entries and in filters', async () => {
    await using log = await temporaryLog()
    const text = `x'); DROP TABLE entry; --`
    await log.write({ text, user: text, session: text })
    for (const filter of [{ search: text }, { user: text }, { session: text }]) {
      expect(await log.texts(filter)).to.deep.equal([text])
    }
    expect(await log.texts({ search: `' OR 1=1 --` })).to.deep.equal([])
  })

  it('wildcards of LIKE, GLOB and full-text search stand for themselves', async () => {
    await using log = await temporaryLog()
    const texts = [
      '100% sure',
      'a_b',
      'axb',
      'a*b',
      'NEAR("a" "b")',
      '-minus',
      '[x-z]',
      '"quoted"',
      'back\\slash',
      '.*',
    ]
    await log.write(...texts.map((text) => ({ text })))
    const found = await Promise.all(texts.map((search) => log.texts({ search })))
    expect(found).to.deep.equal(texts.map((text) => [text]))
    expect(await log.texts({ search: '%' })).to.deep.equal(['100% sure'])
    expect(await log.texts({ search: '_' })).to.deep.equal(['a_b'])
  })

  it('a search cannot match across the borders of fields and entries', async () => {
    await using log = await temporaryLog()
    await log.write({ user: 'anna', text: 'one' }, { user: 'bob', text: 'two' })
    for (const search of ['anna\t', '\t', '\n', 'one\n', '\0']) expect(await log.texts({ search })).to.deep.equal([])
  })

  it('path traversal: a day is only ever a day', async () => {
    await using log = await temporaryLog()
    for (const day of ['../../etc/passwd', '2026-10-20/../x', '', '2026-10-20\0', '%2e%2e']) {
      expect(await rejection(log.journal.page({ day }, { page: 1 }))).to.be.an('error')
    }
    expect(await rejection(log.journal.days('../..'))).to.be.an('error')
    expect(existsSync(join(log.folder, '..', 'x.sqlite'))).to.be.false
  })

  it('names made like properties of objects stay names', async () => {
    await using log = await temporaryLog()
    await log.write({ user: '__proto__', session: 'constructor' })
    expect(await log.all({ user: '__proto__', session: 'constructor' })).to.have.length(1)
  })

  it('an entry that lacks what it must have is counted as lost, and moves no other out of its place', async () => {
    await using log = await temporaryLog()
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as a shell written in JavaScript may
    log.journal.record({ kind: 'message', text: 'no event' } as NewEntry)
    await log.write({ text: 'whole', event: 'x', user: 'anna' })
    expect((await log.all())[0]).to.include({ text: 'whole', event: 'x', user: 'anna' })
    expect(log.journal.state()).to.deep.equal({ waiting: 0, dropped: 1 })
  })

  it('endless text is cut', async () => {
    await using log = await temporaryLog()
    await log.write({ text: 'x'.repeat(100_000), path: '\x1b'.repeat(4000) })
    const [entry] = await log.all()
    expect(entry?.text).to.have.length(4096)
    expect(entry?.text.endsWith('…')).to.be.true
    expect(entry?.path).to.have.length(4096)
  })

  it('octets that were no UTF-8 are shown as themselves', async () => {
    await using log = await temporaryLog()
    await log.write({ text: 'caf\udce9' })
    expect(await log.texts({ search: 'caf\\xe9' })).to.deep.equal(['caf\\xe9'])
  })
})
