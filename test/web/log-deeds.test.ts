/** What administrators did, as the log tells it in the reader's language: done for real, and read in Russian. */
import { expect } from 'chai'
import type { Entry } from '../../module/journal/entry.ts'
import { accessRules } from '../../module/settings/access.ts'
import { checked } from '../../module/settings/problems.ts'
import { differences, differenceText } from '../../module/settings/differences.ts'
import { SERVER_RULES } from '../../module/settings/rule-lists.ts'
import { settings as schema } from '../../module/settings/schema.ts'
import { formatsFor } from '../../module/web/formats.ts'
import { translator } from '../../module/web/locale.ts'
import { entryText } from '../../module/web/log/entry-text.ts'
import { differenceRows } from '../../module/web/settings/difference-rows.ts'
import { RawClient } from '../raw-client.ts'
import { mounted, type Mounted } from './mounted.ts'

const t = translator('ru')
const RUSSIAN = { t, formats: formatsFor('ru', 'UTC', t) }
const HOURS = { days: ['mon'], from: '08:00', to: '18:00' }
const RULES = { rules: [{ action: 'allow', mask: '127.0.0.1' }] }
const OVERLAY = {
  ftp: false,
  fromOutside: false,
  disabledUntil: '2030-01-02T03:04:05Z',
  startFolder: '/Scans',
  limits: { sessions: 3, quotaBytes: 5_000_000 },
  hours: [{ ...HOURS, limits: { idleSeconds: 60 } }],
  access: RULES,
}
/** Everything that pages set otherwise than it was, where a change is a value and not a whole thing. */
const CHANGED = {
  enabled: true,
  settings: {
    port: 2121,
    tls: { policy: 'login' },
    limits: { hours: [{ ...HOURS, limits: { connections: 5 } }], downloadBytesPerSecond: 1_000_000 },
    messages: { welcome: 'Hello: 1 → 2', replies: { '502': 'No.' } },
    commands: { disabled: ['MKD'] },
    access: RULES,
    listeners: [{ port: 990, implicitTls: true }],
  },
  accounts: {
    users: { 'anna.b': OVERLAY },
    groups: { staff: { ...OVERLAY, together: { downloadBytesPerSecond: 1_000_000 } } },
  },
  domains: [
    {
      id: 'office',
      name: 'Office: "1"',
      enabled: false,
      names: ['office.example'],
      certificate: 'own',
      listeners: [{ port: 991 }],
      messages: { greeting: 'Hi.', replies: { '550': 'No.' } },
      commands: { disabled: ['MKD'], enabled: ['RMD'] },
      access: RULES,
      limits: { sessions: 2 },
      hours: [{ ...HOURS, limits: { sessions: 3 } }],
      together: { connections: 5, hours: [{ ...HOURS, limits: { connections: 9 } }] },
      resources: ['Scans'],
    },
  ],
  resources: [
    {
      name: 'Scans',
      folder: 'scans',
      description: 'x',
      enabled: false,
      rights: [{ group: 'staff', level: 'read' }],
      exceptions: [{ path: 'a', rights: [{ user: 'anna', level: 'none' }] }],
      guests: { profile: 'dropBox', from: 'everywhere' },
      options: { atomicUploads: false, maximumFileBytes: 5, stopAtDiskPercent: 90, hiddenNames: ['*.bak'] },
    },
  ],
}
const PLAIN = {
  accounts: { users: { 'anna.b': {} }, groups: { staff: {} } },
  domains: [{ id: 'office', name: CHANGED.domains[0]?.name, names: ['old.example'] }],
  resources: [{ name: 'Scans', folder: 'old' }],
}
const found = differences(checked(schema, PLAIN), checked(schema, CHANGED))

const ruled = (rules: readonly object[]) => checked(schema, { settings: { access: { rules } } })

/** What of its owner has changed. */
const part = (what: string) => what.replace(' Office: "1"', '').split(': ').at(-1) ?? ''

describe('a change of the settings in Russian', () => {
  it('has words for everything that pages set, as others changed it and as a restore shows it', () => {
    const rows = differenceRows(RUSSIAN, found)
    expect(rows.length).to.be.above(45)
    const foreign = rows.filter(({ what }) => !/[а-яё]{3}|^FTP$|^5\d\d$/i.test(part(what)))
    expect(foreign).to.deep.equal([])
    const said = rows.map(({ what, to }) => `${what} = ${to}`)
    expect(said).to.include('Домен Office: "1": Ограничения домена по часам = Пн 08:00–18:00 – Сеансов одновременно: 9')
    expect(said).to.include('Пользователь anna.b: FTP = Запрещено')
    expect(said).to.include('Правила IP-доступа: Группа staff = Разрешить 127.0.0.1')
  })

  it('reads in the log as it does on the pages', () => {
    const rows = differenceRows(RUSSIAN, found)
    const lines = found.map((one) => entryText(RUSSIAN, { event: 'settings.changed', text: differenceText(one) }))
    expect(lines).to.deep.equal(rows.map(({ what, from, to }) => `${what}: ${from} → ${to}`))
  })

  it('names the rule of a long list that was added, changed, moved or deleted', () => {
    const rules = Array.from({ length: 29 }, (_, at) => ({ action: 'deny', mask: `192.0.2.${at}`, note: 'Киоск' }))
    const told = (after: readonly object[]) =>
      differences(ruled(rules), ruled(after)).map((one) =>
        entryText(RUSSIAN, { event: 'settings.changed', text: differenceText(one) }),
      )
    const list = 'Правила IP-доступа: Сервер'
    const fair = { action: 'allow', mask: '198.51.100.7', note: 'Ярмарка', expires: '2030-01-31T18:00:00Z' }
    expect(told([fair, ...rules])).to.deep.equal([
      `${list}, правило 1: нет → Разрешить 198.51.100.7 (Ярмарка, до ${RUSSIAN.formats.dateTime(Date.parse(fair.expires))})`,
    ])
    expect(told(rules.with(4, { ...rules[4], note: 'Кафе' } as (typeof rules)[0]))).to.deep.equal([
      `${list}, правило 5: Запретить 192.0.2.4 (Киоск) → Запретить 192.0.2.4 (Кафе)`,
    ])
    expect(told([...rules.slice(1, 21), ...rules.slice(0, 1), ...rules.slice(21)])).to.deep.equal([
      `${list}, место правила 192.0.2.0: 1 → 21`,
    ])
    expect(told(rules.slice(0, -1))).to.deep.equal([`${list}, правило 29: Запретить 192.0.2.28 (Киоск) → нет`])
    expect(told(rules.toReversed())[0]).to.match(
      /^Правила IP-доступа: Сервер: Запретить 192\.0\.2\.0, .*, … → Запретить /,
    )
  })

  it('says of a resource that it was added or removed, also where the log has not all of it', () => {
    for (const description of ['x', 'x'.repeat(1000)]) {
      const made = checked(schema, { resources: [{ name: 'Films', folder: 'films', description }] })
      const lines = [...differences(checked(schema, {}), made), ...differences(made, checked(schema, {}))].map((one) =>
        entryText(RUSSIAN, { event: 'settings.changed', text: differenceText(one) }),
      )
      expect(lines).to.deep.equal(['Ресурс: Films: добавлено', 'Ресурс: Films: удалено'])
    }
  })

  it('shows a text that looks like a thing as it is', () => {
    for (const to of ['{"a":1}', 'есть']) {
      const text = differenceText({ path: 'settings.messages.greeting', from: undefined, to })
      expect(entryText(RUSSIAN, { event: 'settings.changed', text }))
        .to.match(/ → /)
        .and.include(to)
    }
  })

  it('never shows a secret that was changed', () => {
    const text = differenceText({ path: 'settings.log.token', from: 'a', to: 'b' })
    expect(entryText(RUSSIAN, { event: 'settings.changed', text })).to.match(/: изменено$/)
  })
})

describe('deeds of administrators in Russian', () => {
  const PRESET = { users: [{ name: 'anna', password: 'secret' }], resources: [{ name: 'Scans', folder: 'scans' }] }

  it('are all told, in the log and in the log page', async () => {
    await using it = await mounted({ preset: PRESET, presentation: { locale: 'ru' } })
    await doEverything(it)
    await it.service.journal.flush()
    const { entries } = await it.service.journal.page({ day: it.service.journal.today() }, { page: 1, size: 200 })
    const deeds = entries.filter(({ user, event }) => user === 'olga' && event !== 'login')
    expect(new Set(deeds.map(({ event }) => event))).to.deep.equal(new Set(DEEDS))
    const english = deeds.filter((entry) => isEnglish(entry))
    expect(english.map(({ text }) => text)).to.deep.equal([])
    expect((await it.get('/log')).text).to.include('Ресурс: Scans: Описание: нет → x')
  })
})

const DEEDS = [
  'settings.changed',
  'folder.made',
  'token.created',
  'token.revoked',
  'access.trial',
  'access.confirmed',
  'access.rolled-back',
  'access.banned',
  'access.lifted',
  'session.messaged',
  'session.disconnected',
]

async function doEverything(it: Mounted): Promise<void> {
  const { service } = it
  const scans = { ...service.settings().resources[0], description: 'x' }
  await service.change({ resources: [scans] }, 'olga')
  await service.explorer.createFolder('data', '', 'neu', 'olga')
  const made = await service.tokens.create({ note: 'a robot', permission: 'operate' }, 'olga')
  await service.tokens.revoke(made.id, 'olga')
  const place = SERVER_RULES
  const editor = { name: 'olga' }
  const rules = checked(accessRules, [
    { action: 'deny', mask: '192.0.2.1' },
    { action: 'allow', mask: '*.*.*.*' },
  ])
  await service.rules.save({ place, rules, editor, trial: true })
  await service.rules.confirm('olga')
  await service.rules.save({ place, rules: rules.slice(1), editor, trial: true })
  await service.rules.undo('olga')
  await service.blocks.ban({ mask: '192.0.2.1', minutes: 5 }, editor)
  for (const { id } of service.access.bans.rows()) service.blocks.lift(id, 'olga')
  await service.blocks.ban({ mask: '192.0.2.2', minutes: 5 }, editor)
  service.blocks.liftAll('olga')
  await using named = await RawClient.connect(it.port)
  await named.login()
  await using nameless = await RawClient.connect(it.port)
  const [one, two] = service.activity.rows()
  service.supervisor.message(one?.id ?? '', 'Hello.', 'olga')
  service.supervisor.broadcast('All of you.', 'olga')
  await service.supervisor.kick(one?.id ?? '', { message: 'Bye.', ban: 1 }, editor)
  service.blocks.liftAll('olga')
  await service.supervisor.kick(two?.id ?? '', {}, editor)
  await Promise.all([named.ended(), nameless.ended()])
}

const isEnglish = (entry: Entry) => {
  const said = entryText(RUSSIAN, entry)
  return said === entry.text || !/[а-яё]{3}/i.test(said)
}
