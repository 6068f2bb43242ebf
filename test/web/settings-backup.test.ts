/** Backup & restore: everything comes back, nothing comes of what is broken, foreign or newer. */
import { expect } from 'chai'
import { rules } from '../access/rules.ts'
import { mounted, type Answer, type Mounted } from './mounted.ts'

const PRESET = {
  users: [{ name: 'anna', password: 'a very secret word' }],
  settings: { limits: { connections: 42 }, messages: { replies: { '502': 'Use passive mode.' } } },
  accounts: { users: { anna: { ftp: true, limits: { sessions: 3 } } }, groups: {} },
  resources: [{ name: 'Scans', folder: 'scans', rights: [{ user: 'anna', level: 'readWrite' }] }],
}

describe('a backup', () => {
  it('holds settings, accounts, domains and resources, says what it is, and has no secrets', async () => {
    await using it = await mounted({ preset: PRESET })
    const { status, headers, text } = await it.get('/settings/backup/download')
    expect(status).to.equal(200)
    expect(headers.get('content-disposition')).to.match(/^attachment; filename="ftp-backup-\d{4}-\d\d-\d\d\.json"$/)
    const backup = JSON.parse(text)
    expect(backup).to.have.all.keys(
      'format',
      'version',
      'product',
      'time',
      'settings',
      'accounts',
      'domains',
      'resources',
    )
    expect(backup.settings.limits.connections).to.equal(42)
    expect(text).to.not.match(/password|secret|scrypt|hash|PRIVATE/i)
  })

  it('is only for who may change everything', async () => {
    await using it = await mounted({ permission: 'operate' })
    expect((await it.get('/settings/backup/download')).status).to.equal(403)
    expect((await upload(it, '{}')).status).to.equal(403)
    expect((await it.post('/settings/backup/confirm', { name: 'x' })).status).to.equal(403)
  })

  it('of a module that knew no domains is complete without them', async () => {
    await using it = await mounted({ preset: PRESET })
    const { domains: _none, ...older } = JSON.parse((await it.get('/settings/backup/download')).text)
    expect((await upload(it, JSON.stringify(older))).status).to.equal(200)
  })

  it('brings back what was, after showing the differences', async () => {
    await using it = await mounted({ preset: PRESET })
    const before = it.service.settings()
    const { text } = await it.get('/settings/backup/download')
    const changed = {
      settings: { limits: { connections: 7 }, messages: { replies: { '502': null, '550': 'No.' } } },
      accounts: { users: { anna: null, bert: { ftp: false } } },
      resources: [],
    }
    await it.service.change(changed, 'olga')
    const shown = await upload(it, text)
    expect(shown.status).to.equal(200)
    expect(shown.text)
      .to.include('Connections at once')
      .and.match(/<del>7<\/del>.*<ins>42<\/ins>/)
      .and.include('Scans')
    expect(it.service.settings().settings.limits.connections, 'nothing changes before it is confirmed').to.equal(7)
    expect((await it.post('/settings/backup/confirm', { name: nameIn(shown) })).status).to.equal(303)
    expect(it.service.settings()).to.deep.equal(before)
    expect((await it.get('/settings/backup')).text).to.include('has been restored')
  })

  it('asks before it shuts out the own address, and is on trial then', async () => {
    const shut = rules('deny 127.0.0.0/8', 'allow *.*.*.*')
    await using it = await mounted({ preset: { settings: { access: { rules: shut } } } })
    const { text } = await it.get('/settings/backup/download')
    await it.service.change({ settings: { access: { rules: [] } } }, 'olga')
    const shown = await upload(it, text)
    expect(shown.text).to.include('IP access rules: Server').and.include('Deny 127.0.0.0/8, Allow *.*.*.*')
    const asked = await it.post('/settings/backup/confirm', { name: nameIn(shown) })
    expect(asked.status).to.equal(409)
    expect(asked.text).to.include('Your own address 127.0.0.1 could not come in any more')
    const wrong = await it.post('/settings/backup/confirm', { name: nameIn(asked), confirm: 'yes' })
    expect([wrong.status, it.service.settings().settings.access.rules]).to.deep.equal([409, []])
    const done = await it.post('/settings/backup/confirm', { name: nameIn(wrong), confirm: '127.0.0.1' })
    expect(done.status).to.equal(303)
    expect(it.service.settings().settings.access.rules).to.have.length(2)
    expect(it.service.rules.trial?.by).to.equal('root')
  })

  it('of what is set now has nothing to restore', async () => {
    await using it = await mounted({ preset: PRESET })
    const { text } = await it.get('/settings/backup/download')
    expect((await upload(it, `\ufeff${text}`)).text).to.include('nothing to restore')
  })

  it('asks again when somebody has changed the settings meanwhile', async () => {
    await using it = await mounted({ preset: PRESET })
    const { text } = await it.get('/settings/backup/download')
    await it.service.change({ settings: { limits: { connections: 7 } } }, 'olga')
    const shown = await upload(it, text)
    await it.service.change({ settings: { logins: { attempts: 9 } } }, 'olga')
    const again = await it.post('/settings/backup/confirm', { name: nameIn(shown) })
    expect(again.status).to.equal(409)
    expect(again.text).to.include('Failed logins of one connection')
    expect(it.service.settings().settings.limits.connections).to.equal(7)
    expect((await it.post('/settings/backup/confirm', { name: nameIn(again) })).status).to.equal(303)
    expect(it.service.settings().settings.logins.attempts).to.equal(3)
  })

  it('can be confirmed once, and only by the login that brought it', async () => {
    await using it = await mounted({ preset: PRESET })
    const { text } = await it.get('/settings/backup/download')
    await it.service.change({ settings: { limits: { connections: 7 } } }, 'olga')
    const name = nameIn(await upload(it, text))
    const owner = it.identity
    it.identity = { name: 'mallory', permission: 'manage', sessionId: 'two' }
    expect((await it.post('/settings/backup/confirm', { name })).status).to.equal(422)
    it.identity = owner
    expect((await it.post('/settings/backup/confirm', { name })).status).to.equal(303)
    expect((await it.post('/settings/backup/confirm', { name })).status).to.equal(422)
  })

  it('does nothing and says why when it is broken, foreign, newer or not complete', async () => {
    await using it = await mounted({ preset: PRESET })
    const { text } = await it.get('/settings/backup/download')
    const good = JSON.parse(text)
    const cases: [string, unknown, RegExp][] = [
      ['cut off', text.slice(0, text.length / 2), /JSON/],
      ['no JSON', 'PK\u0003\u0004', /JSON/],
      ['a list', [], /JSON object/],
      ['foreign', { hosts: [] }, /format.*no backup of this module/],
      ['another format', { ...good, format: 'router-backup' }, /format/],
      ['newer', { ...good, version: 999 }, /version.*newer/],
      ['an unknown part', { ...good, tokens: [] }, /tokens.*not a known part/],
      ['not complete', { ...good, resources: undefined }, /resources.*not complete/],
      ['an unknown setting', { ...good, settings: { ...good.settings, colour: 'red' } }, /settings\.colour/],
      ['an impossible value', { ...good, settings: { ...good.settings, port: -1 } }, /settings\.port/],
      ['a resource outside', { ...good, resources: [{ name: 'x', folder: '../../etc' }] }, /resources\[0\]\.folder/],
      ['too large', `"${'x'.repeat(2_000_001)}"`, /2 MB/],
    ]
    const before = it.service.settings()
    for (const [what, content, reason] of cases) {
      const answer = await upload(it, typeof content === 'string' ? content : JSON.stringify(content))
      expect(answer.status, what).to.equal(422)
      expect(answer.text, what).to.include('nothing was changed').and.match(reason)
      expect(it.service.settings(), what).to.equal(before)
    }
  })

  it('of megabytes too many is not even read', async () => {
    await using it = await mounted()
    expect((await upload(it, 'x'.repeat(3_000_000))).status).to.equal(413)
  })

  it('that names __proto__ changes nothing (prototype pollution)', async () => {
    await using it = await mounted({ preset: PRESET })
    const { text } = await it.get('/settings/backup/download')
    const before = it.service.settings()
    await upload(it, text.replace('"limits": {', '"__proto__": { "polluted": 1 }, "limits": {'))
    expect({}).to.not.have.property('polluted')
    expect(it.service.settings()).to.equal(before)
  })

  it('shows hostile text as text', async () => {
    await using it = await mounted({ preset: PRESET })
    const { text } = await it.get('/settings/backup/download')
    const hostile = '<script>alert(1)</script>{{7*7}}'
    const backup = { ...JSON.parse(text), product: { name: hostile, version: hostile } }
    backup.settings.messages.greeting = hostile
    const shown = await upload(it, JSON.stringify(backup))
    expect(shown.text).to.include('{{7*7}}').and.not.include('<script>alert')
  })

  it('without a form token is refused (cross-site upload)', async () => {
    await using it = await mounted({ preset: PRESET })
    expect((await upload(it, '{}', 'forged')).status).to.equal(403)
  })

  it('that is no form at all is refused with 400 (malformed multipart)', async () => {
    await using it = await mounted()
    const headers = { 'Content-Type': 'multipart/form-data; boundary=x' }
    const answer = await fetch(`${it.origin}/settings/backup/restore`, { method: 'POST', headers, body: 'no parts' })
    expect(answer.status).to.equal(400)
  })
})

/** Sends a file as the page's form does. */
async function upload(it: Mounted, content: string, token?: string): Promise<Pick<Answer, 'status' | 'text'>> {
  const body = new FormData()
  body.set('_csrf', token ?? (await it.token()))
  body.set('file', new File([content], 'backup.json', { type: 'application/json' }))
  const answer = await fetch(`${it.origin}${it.base}/settings/backup/restore`, {
    method: 'POST',
    body,
    redirect: 'manual',
  })
  return { status: answer.status, text: await answer.text() }
}

const nameIn = ({ text }: Pick<Answer, 'text'>) => /name="name" value="([^"]+)"/.exec(text)?.[1] ?? ''
