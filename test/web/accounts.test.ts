/** Access → Accounts: who has FTP and why, limits and hours with their sources, one switch for several users. */
import { expect } from 'chai'
import { differences } from '../../module/settings/differences.ts'
import { checked } from '../../module/settings/problems.ts'
import { settings } from '../../module/settings/schema.ts'
import { formatsFor } from '../../module/web/formats.ts'
import { LOCALES, translator } from '../../module/web/locale.ts'
import { differenceRows } from '../../module/web/settings/difference-rows.ts'
import { formFields, unescaped } from './form-fields.ts'
import { type Mounted, mounted } from './mounted.ts'

const EVENING = { days: ['fri'], from: '20:00', to: '06:00', limits: { downloadBytesPerSecond: 'unlimited' } }
const PRESET = {
  users: [
    { name: 'anna', password: 'a password', groups: ['staff'] },
    { name: 'boris', password: 'a password', groups: ['staff'] },
    { name: 'carl & co', password: 'a password' },
  ],
  settings: { limits: { sessionsPerLogin: 7 } },
  domains: [{ name: 'Shop', names: ['shop.example'], limits: { sessions: 3 } }],
  accounts: {
    users: {
      anna: { ftp: true, hours: [EVENING], access: { rules: [{ action: 'deny', mask: '203.0.113.1' }] } },
      gone: { ftp: false },
    },
    groups: { staff: { fromOutside: false, limits: { idleSeconds: 90 } } },
  },
}
const ANNA = '/access/accounts/user/anna'

const page = async (it: Mounted, path: string) => unescaped((await it.get(path)).text)
const fieldsAt = async (it: Mounted, path: string) =>
  formFields((await it.get(path)).text, path.replaceAll('&', '&amp;'))
const entry = (it: Mounted, name: string) => it.service.settings().accounts.users[name]

describe('the list of accounts', () => {
  it('says of each user what holds and where it comes from, and names entries without a user', async () => {
    await using it = await mounted({ preset: PRESET })
    const text = (await page(it, '/access/accounts')).replaceAll(/\s+/g, ' ')
    expect(text).to.match(/anna.*?badge good">Allowed.*?Not allowed.*?from group staff.*?1 row of hours.*?1 IP rule/)
    expect(text).to.match(/carl & co.*?Allowed.*?from server/)
    expect(text).to.match(/gone<.*?Not in the appliance/)
    expect(await page(it, '/access/accounts/groups')).to.match(/href="\/access\/accounts\/group\/staff"/)
  })

  it('searches and pages 10,000 users', async () => {
    await using it = await mounted()
    const users = Array.from({ length: 10_000 }, (_, at) => ({ name: `user ${at}`, groups: [`group ${at % 100}`] }))
    await it.shell.users.put(users.map((user) => ({ ...user, enabled: true })))
    expect((await page(it, '/access/accounts')).match(/name="name" value="/g)).to.have.length(50)
    expect(await page(it, '/access/accounts?page=200')).to.include('user 9999')
    const found = await page(it, '/access/accounts?q=USER+9876')
    expect(found.match(/name="name" value="/g)).to.have.length(1)
    expect(await page(it, '/access/accounts?q=nobody')).to.include('No account fits.')
  })

  it('forbids FTP for several users at once, after asking and naming them', async () => {
    await using it = await mounted({ preset: PRESET })
    const chosen = { name: ['boris', 'carl & co', 'not a user'], to: 'off' }
    const asked = await it.post('/access/accounts/ftp', chosen)
    expect(unescaped(asked.text)).to.include('Forbid FTP for 2 users?').and.include('carl & co')
    expect(entry(it, 'boris')).to.equal(undefined)
    expect(
      (await it.post('/access/accounts/ftp', { ...formFields(asked.text, '/access/accounts/ftp'), ...chosen })).status,
    ).to.equal(303)
    expect([entry(it, 'boris')?.ftp, entry(it, 'carl & co')?.ftp, entry(it, 'anna')?.ftp]).to.deep.equal([
      false,
      false,
      true,
    ])
    expect(it.service.settings().accounts.users).to.not.have.property('not a user')
    expect(await page(it, '/access/accounts')).to.include('Changed 2 users.')
    await it.post('/access/accounts/ftp', { name: ['anna', 'boris'], to: 'inherit' })
    expect([entry(it, 'anna')?.ftp, entry(it, 'boris')?.ftp]).to.deep.equal([undefined, undefined])
  })

  it('changes nothing for who may only look', async () => {
    await using it = await mounted({ preset: PRESET, permission: 'view' })
    expect(await page(it, '/access/accounts')).to.not.include('name="to"')
    for (const path of ['/access/accounts/ftp', ANNA, `${ANNA}/remove`, '/settings/limits/hours']) {
      expect((await it.post(path, { name: 'anna', to: 'on' })).status, path).to.equal(403)
    }
  })
})

describe('the page of an account', () => {
  it('changes nothing when it is sent back as it came', async () => {
    await using it = await mounted({ preset: PRESET })
    const before = it.service.settings()
    for (const path of [ANNA, '/access/accounts/user/carl%20%26%20co', '/access/accounts/group/staff']) {
      expect((await it.post(path, await fieldsAt(it, path))).status, path).to.equal(303)
      expect(it.service.settings(), path).to.deep.equal(before)
    }
  })

  it('shows what is inherited with its source, and saves what was typed', async () => {
    await using it = await mounted({ preset: PRESET })
    const text = await page(it, ANNA)
    expect(text).to.include('Inherited: Not allowed (group staff)')
    expect(text).to.include('Inherited: 7 (server).')
    expect(text).to.include('Inherited: 1 min 30 s (group staff).')
    expect(await page(it, '/access/accounts/user/carl%20%26%20co')).to.include('Inherited: 10 min (server).')
    expect(text).to.include('/access/rules/user/anna')
    const typed = {
      ftp: '',
      fromOutside: 'on',
      disabledUntil: '2030-01-01T12:00',
      startFolder: '/Scans',
      'limits.sessions': '2',
      'limits.uploadBytesPerSecond': '1.5 MB/s',
      'limits.quotaBytes': 'Unlimited',
    }
    expect((await it.post(ANNA, { ...(await fieldsAt(it, ANNA)), ...typed })).status).to.equal(303)
    const { hours, access, ...rest } = entry(it, 'anna') ?? {}
    expect(rest).to.deep.equal({
      fromOutside: true,
      disabledUntil: '2030-01-01T12:00:00.000Z',
      startFolder: '/Scans',
      limits: { sessions: 2, uploadBytesPerSecond: 1_500_000, quotaBytes: 'unlimited' },
    })
    // The rules stand on their own page.
    expect(access?.rules).to.have.length(1)
    expect(hours).to.deep.equal([EVENING])
  })

  it('keeps nonsense in its inputs with the reason beside it, and saves nothing', async () => {
    await using it = await mounted({ preset: PRESET })
    const before = it.service.settings()
    const fields = await fieldsAt(it, ANNA)
    for (const [name, bad, reason] of [
      ['limits.sessions', 'many', /whole number of at least 1/],
      ['limits.sessions', '0', /Must be at least 1\./],
      ['limits.quotaBytes', '10 elephants', /size such as 500 MB/],
      ['startFolder', '../etc', /path as clients see it/],
      ['hours.0.to', '25:00', /time of day/],
      ['hours.0.limits.sessions', '-1', /whole number of at least 1/],
    ] as const) {
      const answer = await it.post(ANNA, { ...fields, [name]: bad })
      expect(answer.status, name).to.equal(422)
      const text = unescaped(answer.text)
      expect(text, name).to.match(reason)
      expect(text, name).to.include(`name="${name}" value="${bad}"`)
      expect(it.service.settings(), name).to.equal(before)
    }
  })

  it('adds and removes rows of hours without saving, and refuses a row without days', async () => {
    await using it = await mounted({ preset: PRESET })
    const fields = await fieldsAt(it, ANNA)
    const before = it.service.settings()
    const more = await it.post(ANNA, { ...fields, do: 'hours.add', 'limits.sessions': '5' })
    expect(more.text).to.include('name="hours.1.from"').and.include('name="limits.sessions" value="5"')
    const less = await it.post(ANNA, { ...fields, do: 'hours.remove.0' })
    expect(less.text).to.include('The limits are the same at all hours.')
    expect(it.service.settings()).to.equal(before)
    const row = { 'hours.1.from': '08:00', 'hours.1.to': '09:00', 'hours.1.limits.sessions': '1' }
    const refused = await it.post(ANNA, { ...fields, ...row })
    expect(refused.status).to.equal(422)
    expect(refused.text).to.include('Must name at least one day.')
    const days = { 'hours.1.days': ['sun', 'mon'] }
    expect((await it.post(ANNA, { ...fields, ...row, ...days })).status).to.equal(303)
    const saved = { days: ['mon', 'sun'], from: '08:00', to: '09:00', limits: { sessions: 1 } }
    expect(entry(it, 'anna')?.hours).to.deep.equal([EVENING, saved])
  })

  it('tells the second of two administrators, who may save his own all the same', async () => {
    await using it = await mounted({ preset: PRESET })
    const fields = await fieldsAt(it, ANNA)
    await it.service.change({ accounts: { users: { anna: { limits: { sessions: 4 } } } } }, 'ivan')
    const overtaken = await it.post(ANNA, { ...fields, 'limits.sessions': '9' })
    expect(overtaken.status).to.equal(409)
    expect(overtaken.text).to.include('ivan').and.include('name="limits.sessions" value="9"')
    // What would be replaced is said before it is.
    expect(overtaken.text).to.match(/User anna: Sessions at once<[^]*?<ins>4<\/ins>/)
    expect(entry(it, 'anna')?.limits.sessions).to.equal(4)
    expect((await it.post(ANNA, formFields(overtaken.text, ANNA))).status).to.equal(303)
    expect(entry(it, 'anna')?.limits.sessions).to.equal(9)
  })

  it('is forgotten for an account that the appliance has no more, and is not there for any other name', async () => {
    await using it = await mounted({ preset: PRESET })
    expect(await page(it, '/access/accounts/user/gone')).to.include('The appliance has no such user any more.')
    expect((await it.post('/access/accounts/user/gone/remove')).status).to.equal(303)
    expect(it.service.settings().accounts.users).to.have.all.keys('anna')
    for (const path of ['user/gone', 'user/nobody', 'user/__proto__', 'admin/anna', 'group/anna']) {
      expect((await it.get(`/access/accounts/${path}`)).status, path).to.equal(404)
    }
  })
})

describe('attack: accounts with names out of the language', () => {
  const names = ['constructor', 'toString', 'hasOwnProperty']

  for (const name of names) {
    it(`are users and groups like others: ${name}`, async () => {
      const preset = { users: [{ name, password: 'a password', groups: [name] }] }
      await using it = await mounted({ preset })
      for (const kind of ['user', 'group'] as const) {
        const path = `/access/accounts/${kind}/${name}`
        expect((await it.get(path)).status, kind).to.equal(200)
        expect((await it.post(path, { ...(await fieldsAt(it, path)), ftp: 'off' })).status, kind).to.equal(303)
        const rule = { action: 'allow', mask: '192.0.2.1', revision: 'x' }
        const list = `/access/rules/${kind}/${name}`
        const [, revision = ''] = /name="revision" value="([^"]+)"/.exec((await it.get(`${list}/rule`)).text) ?? []
        expect((await it.post(`${list}/rule`, { ...rule, revision })).status, kind).to.equal(303)
        expect((await it.get(path)).text, kind).to.include('rule')
        const stored = it.service.settings().accounts[kind === 'user' ? 'users' : 'groups']
        expect(Object.keys(stored), kind).to.deep.equal([name])
        expect(Object.entries(stored)[0]?.[1].access.rules, kind).to.have.length(1)
      }
      expect(it.faults).to.deep.equal([])
    })
  }

  it('cannot be called __proto__, which settings could not hold', async () => {
    await using it = await mounted()
    for (const path of ['user/__proto__', 'group/__proto__']) {
      expect((await it.post(`/access/rules/${path}/rule`, { mask: '192.0.2.1' })).status, path).to.equal(404)
      expect((await it.get(`/access/accounts/${path}`)).status, path).to.equal(404)
    }
    const user = { name: '__proto__', groups: [], password: 'a password', enabled: true }
    expect(String(await it.shell.users.put([user]).catch((error: Error) => error))).to.include('__proto__')
  })
})

describe('the view of effective limits', () => {
  it('says which level and which hours decide, by domain and time', async () => {
    await using it = await mounted({ preset: PRESET })
    const rows = async (query: string) => {
      const text = await page(it, `/access/accounts/effective?user=anna&${query}`)
      const cells = [...text.matchAll(/<td[^>]*>(?:<bdi>)?(.*?)(?:<\/bdi>)?<\/td>/g)].map(([, cell]) => cell)
      return Object.fromEntries(
        cells.flatMap((cell, at) => (at % 3 === 0 ? [[cell, cells.slice(at + 1, at + 3)]] : [])),
      )
    }
    const night = await rows('at=2026-11-20T23:00')
    expect(night['FTP']).to.deep.equal(['Allowed', 'user anna'])
    expect(night['From outside']).to.deep.equal(['Not allowed', 'group staff'])
    expect(night['Download speed']).to.deep.equal(['unlimited', 'user anna, Fri 20:00–06:00'])
    expect(night['Sessions at once']).to.deep.equal(['7', 'server'])
    const shop = await rows('domain=shop&at=2026-11-20T12:00')
    expect(shop['Download speed']).to.deep.equal(['unlimited', 'server'])
    expect(shop['Sessions at once']).to.deep.equal(['3', 'domain Shop'])
  })

  it('refuses an unknown user and an impossible time', async () => {
    await using it = await mounted({ preset: PRESET })
    const unknown = await it.get('/access/accounts/effective?user=nobody')
    expect([unknown.status, unknown.text.includes('no such user')]).to.deep.equal([422, true])
    expect((await it.get('/access/accounts/effective?user=anna&at=noon')).status).to.equal(422)
  })
})

describe('the hours of the server', () => {
  it('stand in what changed, in both languages, as a restore shows it', () => {
    const [from, to] = [[], [EVENING]].map((hours) => checked(settings, { settings: { limits: { hours } } }))
    for (const locale of LOCALES) {
      const t = translator(locale)
      const rows = differenceRows({ t, formats: formatsFor(locale, 'UTC', t) }, differences(from, to))
      expect(rows).to.have.length(1)
      expect(rows[0]?.what).to.equal(t('settings.fields.limits.hours.label'))
      expect(rows[0]?.to).to.include('20:00')
    }
  })

  it('are edited beside its limits', async () => {
    await using it = await mounted({ preset: PRESET })
    expect(await page(it, '/settings/limits')).to.include('href="/settings/limits/hours"')
    const path = '/settings/limits/hours'
    const fields = await fieldsAt(it, path)
    const row = { 'hours.0.days': ['sat', 'sun'], 'hours.0.from': '00:00', 'hours.0.to': '00:00' }
    const typed = { ...fields, ...row, 'hours.0.limits.downloadBytesPerSecond': '20 MB' }
    expect((await it.post(path, typed)).status).to.equal(303)
    expect(it.service.settings().settings.limits.hours).to.deep.equal([
      { days: ['sat', 'sun'], from: '00:00', to: '00:00', limits: { downloadBytesPerSecond: 20_000_000 } },
    ])
    const refused = await it.post(path, { ...typed, 'hours.0.limits.connections': 'few' })
    expect(refused.status).to.equal(422)
    expect(refused.text).to.match(/name="hours\.0\.limits\.connections" value="few"[^>]*aria-invalid/)
  })
})
