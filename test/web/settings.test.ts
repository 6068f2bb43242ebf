/** The tab "Settings": saving, refusing, two administrators at once, pickers. */
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { expect } from 'chai'
import type { FormField } from '../../module/web/form/field.ts'
import { fieldsOf, SETTINGS_PAGES, type SettingsPage } from '../../module/web/settings/layout.ts'
import { formFields, unescaped } from './form-fields.ts'
import { type Answer, type Mounted, mounted } from './mounted.ts'

const SYSLOG = { log: { syslog: { host: '127.0.0.1', port: 5140 } } }

describe('the pages of the settings tab', () => {
  it('change nothing when they are sent back as they came', async () => {
    await using it = await mounted({ preset: { settings: { ...SYSLOG, messages: { greeting: '<b>\n{{7*7}}' } } } })
    const before = it.service.settings()
    for (const { path } of SETTINGS_PAGES) {
      const form = await fieldsAt(it, path)
      // Without what the page was made from every field counts as touched.
      for (const was of [form['_was'] ?? [], []]) {
        const answer = await it.post(path, { ...form, _was: was })
        expect(answer.status, path + unescaped(answer.text).slice(0, 3000)).to.equal(303)
        expect(it.service.settings(), path).to.deep.equal(before)
      }
    }
    expect((await it.get('/settings')).text).to.match(/Nothing was changed|Saved/)
  })

  it('save what was typed and say so', async () => {
    await using it = await mounted()
    const form = await fieldsAt(it, '/settings/limits')
    const typed = {
      'limits.connections': '250',
      'limits.downloadBytesPerSecond': '1,5',
      'limits.downloadBytesPerSecond:unit': 'MB',
      'timeouts.idle': '',
      'limits.replaceOldestIdle': 'on',
    }
    expect((await it.post('/settings/limits', { ...form, ...typed })).status).to.equal(303)
    const { limits, timeouts } = it.service.settings().settings
    expect(limits).to.include({ connections: 250, downloadBytesPerSecond: 1_500_000, replaceOldestIdle: true })
    expect(timeouts.idle).to.equal('unlimited')
    expect((await it.get('/settings/limits')).text).to.include('Saved.')
    expect(it.audited.filter(({ by }) => by === 'root')).to.not.be.empty
  })

  it('refuse nonsense in every field, beside the field, keep it and save nothing', async () => {
    await using it = await mounted({ preset: { settings: SYSLOG } })
    const before = it.service.settings()
    for (const page of SETTINGS_PAGES) {
      const form = await fieldsAt(it, page.path)
      for (const [field, bad] of nonsenseOf(page)) {
        if (!form[Object.keys(bad)[0] ?? ''] && field.kind !== 'choices') continue
        const answer = await it.post(page.path, { ...form, ...bad })
        expect(answer.status, `${field.path} ${JSON.stringify(bad)}`).to.equal(422)
        expect(reasonBeside(answer, field), field.path).to.be.a('string').that.is.not.empty
        // A select has only what can be chosen.
        const kept = field.kind === 'select' ? [] : Object.values(bad)
        for (const value of kept) expect(unescaped(answer.text), field.path).to.include(value)
        expect(it.service.settings(), field.path).to.equal(before)
      }
    }
  })

  it('ignore fields that are none of theirs (forged fields)', async () => {
    await using it = await mounted()
    const before = it.service.settings()
    const form = await fieldsAt(it, '/settings/limits')
    const forged = {
      ['__proto__']: 'x',
      '__proto__.polluted': 'x',
      'constructor.prototype.polluted': 'x',
      'limits.__proto__.polluted': 'x',
      enabled: 'on',
      port: '21',
      'access.rules': 'x',
      'limits.unknown': '1',
    }
    expect(
      (await it.post('/settings/limits', { ...form, ...forged, _was: '{"__proto__":{"text":"x"}}' })).status,
    ).to.equal(303)
    expect(it.service.settings()).to.deep.equal(before)
    expect({}).to.not.have.property('polluted')
  })

  it('name a port that is in use beside the field and save nothing', async () => {
    const busy = createServer().listen(0, '127.0.0.1')
    await once(busy, 'listening')
    const { port } = busy.address() as AddressInfo
    await using it = await mounted()
    const before = it.service.settings()
    const form = await fieldsAt(it, '/settings')
    const answer = await it.post('/settings', { ...form, port: String(port), passiveOnly: 'on' })
    it.presentation = { ...it.presentation, locale: 'ru' }
    const russian = await it.post('/settings', { ...form, port: String(port) })
    busy.close()
    expect(russian.text).to.include(`Порт ${port} уже занят`)
    expect(answer.status).to.equal(422)
    expect(/id="f-port-error">([^<]*)/.exec(answer.text)?.[1]).to.include(String(port))
    expect(it.service.settings()).to.equal(before)
    expect(it.service.status().state).to.equal('on')
  })

  it('are for looking only, for who may not change them', async () => {
    await using it = await mounted({ permission: 'operate' })
    for (const { path } of SETTINGS_PAGES) {
      const { text } = await it.get(path)
      expect(text).to.include('<fieldset disabled>').and.not.include('class="primary"')
      expect((await it.post(path, { port: '0' })).status).to.equal(403)
    }
  })

  it('show hostile text as text', async () => {
    await using it = await mounted({
      preset: { settings: { messages: { goodbye: '"><script>{{7*7}}</script>\u202e' } } },
    })
    const { text } = await it.get('/settings/messages')
    expect(text).to.include('{{7*7}}').and.not.include('<script>{{')
  })

  it('lead nowhere outside the base path', async () => {
    await using it = await mounted({ base: '/modules/ftp' })
    for (const path of [
      ...SETTINGS_PAGES.map((page) => page.path),
      '/settings/backup',
      '/settings/encryption/certificates',
    ]) {
      const { status, text } = await it.get(path)
      expect(status, path).to.equal(200)
      expect(text.match(/(?:href|src|action|hx-get)="\/(?!modules\/ftp\/)[^"]*"/g), path).to.equal(null)
    }
  })
})

describe('two administrators with the same page of settings', () => {
  it('do not overwrite each other: the second is told what changed, keeps what was typed, and is asked', async () => {
    await using it = await mounted()
    const form = await fieldsAt(it, '/settings/limits')
    await it.service.change({ settings: { limits: { connections: 77 } } }, 'olga')
    const answer = await it.post('/settings/limits', { ...form, 'limits.connections': '55', 'timeouts.login': '33' })
    expect(answer.status).to.equal(409)
    expect(answer.text)
      .to.include('olga')
      .and.match(/<del>100<\/del>.*<ins>77<\/ins>/)
    expect(it.service.settings().settings.limits.connections).to.equal(77)
    const again = formFields(answer.text, '/settings/limits')
    expect([again['limits.connections'], again['timeouts.login']]).to.deep.equal([['55'], ['33']])
    expect((await it.post('/settings/limits', again)).status).to.equal(303)
    expect(it.service.settings().settings).to.have.nested.property('limits.connections', 55)
    expect(it.service.settings().settings).to.have.nested.property('timeouts.login', 33)
  })

  it('keep what the other changed where they changed nothing themselves', async () => {
    await using it = await mounted()
    const form = await fieldsAt(it, '/settings/limits')
    await it.service.change({ settings: { limits: { connections: 77 } } }, 'olga')
    const answer = await it.post('/settings/limits', { ...form, 'timeouts.login': '33' })
    expect(answer.status).to.equal(409)
    const again = formFields(answer.text, '/settings/limits')
    expect(again['limits.connections']).to.deep.equal(['77'])
    await it.post('/settings/limits', again)
    expect(it.service.settings().settings).to.have.nested.property('limits.connections', 77)
    expect(it.service.settings().settings).to.have.nested.property('timeouts.login', 33)
  })

  it('are not asked about changes on other pages, however many', async () => {
    await using it = await mounted()
    const form = await fieldsAt(it, '/settings/limits')
    for (let times = 1; times <= 60; times++)
      await it.service.change({ settings: { logins: { attempts: times } } }, 'olga')
    expect((await it.post('/settings/limits', { ...form, 'timeouts.login': '33' })).status).to.equal(303)
    expect(it.service.settings().settings).to.have.nested.property('logins.attempts', 60)
  })
})

describe('tables of settings', () => {
  it('give and take rows before anything is saved', async () => {
    await using it = await mounted()
    const row = { 'listeners.0.address': '127.0.0.1', 'listeners.0.port': '4711' }
    const more = await it.post('/settings', { ...(await fieldsAt(it, '/settings')), ...row, _add: 'listeners' })
    expect(more.status).to.equal(200)
    const form = formFields(more.text, '/settings')
    expect(form).to.include.keys('listeners.0.port', 'listeners.3.port')
    const less = await it.post('/settings', { ...form, _remove: 'listeners.0' })
    expect(formFields(less.text, '/settings')['listeners.0.port']).to.deep.equal([''])
    expect(it.service.settings().settings.listeners).to.deep.equal([])
  })

  it('put an error beside the cell it is about', async () => {
    await using it = await mounted()
    const form = await fieldsAt(it, '/settings')
    const rows = { 'listeners.0.port': '70000', 'externalAddressExceptions.0.network': '10.0.0.0/99' }
    const answer = await it.post('/settings', { ...form, ...rows })
    expect(answer.status).to.equal(422)
    expect(answer.text).to.include('id="e-listeners.0.port"').and.include('id="e-externalAddressExceptions.0.network"')
  })
})

describe('the page "Connection"', () => {
  it('says how clients connect', async () => {
    await using it = await mounted()
    expect((await it.get('/settings')).text)
      .to.include(`ftp://127.0.0.1:${it.port}`)
      .and.include('TLS on request')
  })

  it('says how many transfers a range of ports allows, also while it is typed', async () => {
    await using it = await mounted({ preset: { settings: { passivePorts: '50000-50049' } } })
    expect((await it.get('/settings')).text).to.include('Allows 50 transfers at once.')
    const said = async (text: string) =>
      (await it.get(`/settings/connection/places?passivePorts=${encodeURIComponent(text)}`, { 'HX-Request': 'true' }))
        .text
    expect(await said('50000-50000'))
      .to.include('Allows 1 transfer at once.')
      .and.include('fewer than the 100')
    expect(await said('50000-50199'))
      .to.include('Allows 200 transfers')
      .and.not.include('fewer')
    expect(await said('any')).to.include('Any free port')
    expect(await said('<script>'))
      .to.include('no range')
      .and.not.include('<script>')
  })
})

describe('the page "Encryption"', () => {
  it('offers the certificates of the appliance with what they say, and never their keys', async () => {
    await using it = await mounted()
    const { text } = await it.get('/settings/encryption/certificates')
    expect(text).to.include('data-pick="self-signed"').and.include('EC prime256v1').and.not.include('PRIVATE KEY')
    const chosen = await it.get('/settings/encryption?certificate=self-signed')
    expect(formFields(chosen.text, '/settings/encryption')['tls.certificate']).to.deep.equal(['self-signed'])
    expect(it.service.settings().settings.tls.certificate).to.equal(undefined)
  })

  it('saves a chosen certificate and refuses one that is not there', async () => {
    await using it = await mounted()
    const form = await fieldsAt(it, '/settings/encryption')
    expect((await it.post('/settings/encryption', { ...form, 'tls.certificate': 'self-signed' })).status).to.equal(303)
    expect(it.service.settings().settings.tls.certificate).to.equal('self-signed')
    const next = await fieldsAt(it, '/settings/encryption')
    const answer = await it.post('/settings/encryption', { ...next, 'tls.certificate': '../etc/passwd' })
    expect(answer.status).to.equal(422)
    expect(answer.text).to.include('id="f-tls-certificate-error"')
  })
})

async function fieldsAt(it: Mounted, path: string): Promise<Record<string, string[]>> {
  return formFields((await it.get(path)).text, it.base + path)
}

/** What is wrong for each field of a page that can be wrong, as posted fields. */
function nonsenseOf(page: SettingsPage): readonly (readonly [FormField, Record<string, string>])[] {
  return page.groups
    .flatMap(({ id }) => fieldsOf(page, id))
    .flatMap((field) => nonsense(field).map((bad) => [field, bad] as const))
}

/** Texts that no one would take for a value of theirs. */
const TEXTS: Readonly<Record<string, string>> = {
  'messages.goodbye': 'a\u0007b',
  'messages.greeting': 'x\n'.repeat(21),
  'messages.welcome': 'x'.repeat(401),
  'guests.startFolder': '../up',
  'listing.timeZone': 'Mars/Base',
}

function nonsense({ path, kind, columns = [], maximum }: FormField): readonly Record<string, string>[] {
  if (kind === 'checkbox') return []
  if (kind === 'number') {
    const beyond = maximum === undefined ? [] : [String(maximum + 1)]
    return ['many', '-5', '1e3', ...beyond].map((text) => ({ [path]: text }))
  }
  if (kind === 'rows')
    return columns.filter((one) => one.kind !== 'checkbox').map((one) => ({ [`${path}.0.${one.path}`]: 'a b!' }))
  if (kind === 'pairs') return [{ [`${path}.0.key`]: 'a b!', [`${path}.0.value`]: 'text' }]
  return [{ [path]: TEXTS[path] ?? (kind === 'lines' ? '10.0.0.0/99' : 'a b!') }]
}

/** The reason that stands beside a field, or beside a cell of its table. */
function reasonBeside({ text }: Answer, { path, kind }: FormField): string | undefined {
  if (kind === 'choices') return /aria-labelledby="l-commands.disabled".*?class="error">([^<]+)/s.exec(text)?.[1]
  const id = kind === 'rows' || kind === 'pairs' ? `e-${path}\\.0\\.\\w+` : `f-${path.replaceAll('.', '-')}-error`
  return new RegExp(`id="${id}">([^<]+)<`).exec(text)?.[1]
}
