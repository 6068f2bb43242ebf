/** The pages of domains: invisible until there is a second one, then a list, a form, and a question before one goes. */
import { expect } from 'chai'
import { RawClient } from '../raw-client.ts'
import { formFields } from './form-fields.ts'
import { mounted, type Mounted } from './mounted.ts'

const OFFICE = {
  name: 'Office',
  names: ['office.example'],
  access: { rules: [{ action: 'allow', mask: '127.0.0.1' }] },
  commands: { disabled: ['MKD'] },
  messages: { welcome: 'Hello.', replies: { '550': 'No.' } },
  together: { connections: 5, hours: [{ days: ['mon'], from: '08:00', to: '18:00', limits: { connections: 9 } }] },
}
const PRESET = {
  enabled: true,
  users: [{ name: 'anna', password: 'secret' }],
  resources: [
    { name: 'Scans', folder: 'scans' },
    { name: 'Papers', folder: 'papers' },
  ],
}
const withOffice = (more: object = {}) => mounted({ preset: { ...PRESET, domains: [{ ...OFFICE, ...more }] } })
const PAGE = '/settings/domains/office'

/** The form of a page as a browser would send it, with something else typed. */
async function send(it: Mounted, path: string, typed: Readonly<Record<string, string | readonly string[]>>) {
  const fields = formFields((await it.get(path)).text, path)
  return it.post(path, { ...fields, do: 'save', ...typed })
}

describe('the pages of domains', () => {
  it('are a quiet entry of the settings until there is a second one', async () => {
    await using it = await mounted({ preset: PRESET })
    const { text } = await it.get('/settings')
    expect(text).to.include('Add a domain').and.not.include('href="/settings/domains"')
    expect((await it.get('/settings/domains')).text).to.include('There is one default domain')
    it.identity = { name: 'olga', permission: 'view', sessionId: 'two' }
    expect((await it.get('/settings')).text).to.not.include('Add a domain')
  })

  it('add a domain that clients reach at once', async () => {
    await using it = await mounted({ preset: PRESET })
    const typed = { name: 'Büro', names: 'Büro.example\noffice.example', shown: 'some', resources: ['Papers'] }
    const answer = await send(it, '/settings/new-domain', {
      ...typed,
      'texts.greeting': 'The office.',
      'limits.sessions': '2',
    })
    expect([answer.status, answer.headers.get('location')]).to.deep.equal([303, '/settings/domains'])
    const [domain] = it.service.settings().domains
    expect(domain).to.deep.include({ id: 'b-ro', name: 'Büro', resources: ['Papers'], limits: { sessions: 2 } })
    expect(domain?.names).to.deep.equal(['xn--bro-hoa.example', 'office.example'])
    await using client = await RawClient.connect(it.port)
    await client.say('HOST office.example', /^220 The office\.$/)
    const { text } = await it.get('/settings/domains')
    expect(text).to.match(/Default \(the server itself\)[^]*Büro[^]*office\.example[^]*1 resource/)
  })

  it('keep what was typed and say what is wrong beside the field', async () => {
    await using it = await mounted({ preset: PRESET })
    const answer = await send(it, '/settings/new-domain', {
      name: 'Office',
      names: '192.0.2.1',
      'listeners.0.port': '50000x',
      'limits.idleSeconds': 'soon',
      'together.downloadBytesPerSecond': '5 MB',
    })
    expect(answer.status).to.equal(422)
    expect(answer.text).to.match(/id="f-names"[^>]*aria-invalid="true"[^]*?192\.0\.2\.1/)
    expect(answer.text).to.match(/name="listeners\.0\.port" value="50000x"[^>]*aria-invalid="true"/)
    expect(answer.text).to.match(/name="limits\.idleSeconds" value="soon"[^>]*aria-invalid="true"/)
    expect(answer.text).to.include('value="5 MB"').and.include('class="changed"')
    expect(it.service.settings().domains).to.deep.equal([])
  })

  it('say that the other domain has the name, and that a port is taken', async () => {
    await using it = await withOffice()
    const twice = await send(it, '/settings/new-domain', { name: 'OFFICE', names: 'office.example' })
    expect(twice.text).to.include('Must be unique among the domains.')
    expect(twice.text).to.include('Must be unique among the host names of all domains.')
    const taken = await send(it, PAGE, { 'listeners.0.address': '127.0.0.1', 'listeners.0.port': String(it.port) })
    expect(taken.status).to.equal(422)
    expect(taken.text).to.match(new RegExp(`port ${it.port} is already in use`, 'i'))
  })

  it('change what was touched and keep what has a page of its own', async () => {
    await using it = await withOffice()
    const before = it.service.settings().domains[0]
    const answer = await send(it, PAGE, { 'texts.welcome': '', 'together.connections': 'unlimited' })
    expect(answer.status).to.equal(303)
    const [after] = it.service.settings().domains
    expect(after).to.deep.equal({
      ...before,
      messages: { replies: { '550': 'No.' } },
      together: { ...before?.together, connections: 'unlimited' },
    })
  })

  it('show what the server says where a domain is silent', async () => {
    await using it = await withOffice()
    await it.service.change({ settings: { timeouts: { idle: 90 }, messages: { goodbye: 'See you.' } } }, 'root')
    const { text } = await it.get(PAGE)
    expect(text).to.match(/name="limits\.idleSeconds" value=""[^>]*placeholder="as the server: [^"]*1[^"]*30/)
    expect(text).to.include('Empty: as the server – “See you.”')
    expect(text).to.match(/name="together\.connections" value="5"/)
  })

  it('add and take away rows without saving', async () => {
    await using it = await withOffice({ listeners: [{ port: 0, address: '127.0.0.1' }] })
    const more = await send(it, PAGE, { do: 'listeners.add', name: 'Typed' })
    expect(more.text).to.include('name="listeners.3.port"').and.include('value="Typed"')
    const less = await send(it, PAGE, { do: 'listeners.remove.0' })
    expect(less.text).to.not.include('value="127.0.0.1"')
    const hours = await send(it, PAGE, { do: 'hours.add' })
    expect(hours.text).to.include('name="hours.0.from"')
    expect(it.service.settings().domains[0]?.listeners).to.have.lengthOf(1)
  })

  it('bind what all sessions of a domain share to days and hours', async () => {
    await using it = await withOffice()
    const { text } = await it.get(PAGE)
    expect(text).to.match(/name="sharedHours\.0\.limits\.connections" value="9"/)
    const less = await send(it, PAGE, { do: 'sharedHours.remove.0' })
    expect(less.text).to.not.include('name="sharedHours.0.from"')
    const fields = formFields((await send(it, PAGE, { do: 'sharedHours.add' })).text, PAGE)
    const row = { 'sharedHours.1.from': '20:00', 'sharedHours.1.to': '06:00' }
    const typed = { ...fields, ...row, do: 'save', 'sharedHours.1.limits.uploadBytesPerSecond': '2 MB' }
    const wrong = { 'sharedHours.1.days': 'fri', 'sharedHours.1.limits.connections': 'few' }
    const refused = await it.post(PAGE, { ...typed, ...wrong })
    expect(refused.status).to.equal(422)
    expect(refused.text).to.match(/name="sharedHours\.1\.limits\.connections" value="few"[^>]*aria-invalid="true"/)
    const dayless = await it.post(PAGE, typed)
    expect(dayless.text).to.match(/id="sharedHours\.1"[^]*?class="error">[^<]*at least one day/)
    expect((await it.post(PAGE, { ...typed, 'sharedHours.1.days': ['sat', 'fri'] })).status).to.equal(303)
    const evening = { days: ['fri', 'sat'], from: '20:00', to: '06:00', limits: { uploadBytesPerSecond: 2_000_000 } }
    const [domain] = it.service.settings().domains
    expect(domain?.together).to.deep.equal({ ...OFFICE.together, hours: [...OFFICE.together.hours, evening] })
    expect(domain?.hours).to.deep.equal([])
  })

  it('tell the second of two administrators, and lose nothing of either', async () => {
    await using it = await withOffice()
    const page = formFields((await it.get(PAGE)).text, PAGE)
    await it.post(PAGE, { ...page, do: 'save', 'texts.welcome': 'Theirs.', names: 'theirs.example' })
    const second = await it.post(PAGE, { ...page, do: 'save', 'texts.welcome': 'Ours.', 'limits.sessions': '7' })
    expect(second.status).to.equal(409)
    expect(second.text).to.include('Somebody else has changed').and.include('>Ours.</textarea>')
    expect(it.service.settings().domains[0]?.messages.welcome).to.equal('Theirs.')
    const other = await it.post(PAGE, { ...page, do: 'save', 'limits.sessions': '7' })
    expect(other.status).to.equal(303)
    const [domain] = it.service.settings().domains
    expect([domain?.limits.sessions, domain?.names]).to.deep.equal([7, ['theirs.example']])
  })

  it('are named in words where the settings of the server clash with a domain', async () => {
    const domains = [{ name: 'Office', listeners: [{ port: 50_005, address: '127.0.0.1' }] }]
    await using it = await mounted({ preset: { enabled: false, domains } })
    const fields = formFields((await it.get('/settings')).text, '/settings')
    const { status, text } = await it.post('/settings', { ...fields, passivePorts: '50000-50009' })
    expect(status).to.equal(422)
    expect(text).to.include('Domain Office: Further listeners: Must not be one of the passive ports.')
    expect(text).to.not.include('domains[0]')
  })

  it('say so where the domain has gone meanwhile, and make a new one of what was typed', async () => {
    await using it = await withOffice()
    const page = formFields((await it.get(PAGE)).text, PAGE)
    await it.service.change({ domains: [] }, 'olga')
    const gone = await it.post(PAGE, { ...page, do: 'save', 'limits.sessions': '7' })
    expect([gone.status, gone.text.includes('has been deleted meanwhile')]).to.deep.equal([409, true])
    expect(gone.text).to.include('action="/settings/new-domain"')
  })

  it('ask before one is deleted and say what goes with it', async () => {
    await using it = await withOffice({ listeners: [{ port: 0, address: '127.0.0.1' }] })
    it.service.access.bans.banMask({ mask: '192.0.2.1', minutes: 5, by: 'root', domain: 'office' })
    await using client = await RawClient.connect(it.port)
    await client.say('HOST office.example', 220)
    const { text } = await it.get(`${PAGE}/delete`)
    for (const said of [
      'office.example',
      '1 listener',
      '1 session',
      '1 ban',
      '1 IP rule',
      '1 command',
      '1 reply text',
    ]) {
      expect(text).to.include(said)
    }
    const { status, headers } = await it.post(`${PAGE}/delete`)
    expect([status, headers.get('location')]).to.deep.equal([303, '/settings'])
    expect(it.service.settings().domains).to.deep.equal([])
    await client.reply(421)
  })

  it('switch one off and on', async () => {
    await using it = await withOffice()
    await it.post(`${PAGE}/switch`, { to: 'off' })
    await using client = await RawClient.connect(it.port)
    await client.say('HOST office.example', 504)
    await it.post(`${PAGE}/switch`, { to: 'on' })
    await client.say('HOST office.example', 220)
  })

  it('pick a certificate on a page of its own, without script', async () => {
    await using it = await withOffice()
    const picker = await it.get('/settings/encryption/certificates?for=domain%20office')
    expect(picker.text).to.include('href="/settings/domains/office?certificate=self-signed"')
    expect((await it.get(`${PAGE}?certificate=self-signed`)).text).to.match(/name="certificate" value="self-signed"/)
    const evil = await it.get('/settings/encryption/certificates?for=//evil.example')
    expect(evil.text).to.include('href="/settings/encryption?certificate=self-signed"').and.not.include('evil.example')
  })

  it('open for who may only look, and change nothing', async () => {
    await using it = await withOffice()
    it.identity = { name: 'olga', permission: 'view', sessionId: 'two' }
    expect((await it.get(PAGE)).text).to.include('You may look at these settings but not change them.')
    expect((await it.get('/settings/new-domain')).status).to.equal(403)
    expect((await it.post(PAGE, { do: 'save' })).status).to.equal(403)
    expect((await it.post(`${PAGE}/delete`)).status).to.equal(403)
  })

  it('warn on the start page of a resource that a domain shows and nobody has', async () => {
    await using it = await withOffice({ resources: ['Gone'] })
    expect((await it.get('/')).text).to.include('A domain shows a resource that does not exist any more: “Gone”.')
  })

  it('count among what decides the rights of somebody', async () => {
    const rights = [{ user: 'anna', level: 'readWrite' }]
    const resources = PRESET.resources.map((resource) => ({ ...resource, rights }))
    const domains = [{ ...OFFICE, resources: ['Papers'] }]
    await using it = await mounted({ preset: { ...PRESET, resources, domains } })
    const said = async (domain: string) =>
      (await it.get(`/resources/effective?user=anna&path=/Scans&domain=${domain}`)).text
    expect(await said('office')).to.include('the domain Office does not show the resource')
    expect(await said('')).to.not.include('does not show the resource')
  })

  it('go on showing a resource that gets another name', async () => {
    await using it = await withOffice({ resources: ['Scans', 'Papers'] })
    const renamed = await it.post('/resources/Scans', {
      ...formFields((await it.get('/resources/Scans')).text, '/resources/Scans'),
      name: 'Pictures',
      do: 'save',
    })
    expect(renamed.status).to.equal(303)
    expect(it.service.settings().domains[0]?.resources).to.deep.equal(['Pictures', 'Papers'])
  })

  it('are named in the log and where addresses are handed out', async () => {
    await using it = await withOffice({ listeners: [{ port: 0, address: '127.0.0.1' }] })
    await using client = await RawClient.connect(it.port)
    await client.say('HOST office.example', 220)
    await client.say('MKD x', 502)
    await it.service.journal.flush()
    expect((await it.get('/log')).text).to.match(/<dt>Domain<\/dt>\s*<dd>[^]*?Office/)
    expect((await it.get('/')).text).to.include('Domain “Office”')
    expect((await it.get('/settings')).text.match(/<ul class="ways">[^]*?<\/ul>/)?.[0].match(/<li>/g)).to.have.length(1)
  })

  it('are in Russian as well', async () => {
    await using it = await withOffice()
    it.presentation = { ...it.presentation, locale: 'ru' }
    expect((await it.get(PAGE)).text)
      .to.include('Домен «Office»')
      .and.include('как у сервера: 100')
    expect((await it.get('/settings/domains')).text).to.include('Основной (сам сервер)')
  })
})
