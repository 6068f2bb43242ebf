/** What administrators do on the pages of the appliance stands in the log, in the reader's language, and who tried in vain. */
import { expect } from 'chai'
import { ADMIN, served, type Browser } from './served.ts'

const PASSWORD = 'blue paper boat'
const RUSSIAN = { 'accept-language': 'ru' }

/** Paths with what is sent there, in this order. */
const DEEDS: readonly (readonly [path: string, fields: Readonly<Record<string, string>>])[] = [
  ['/appliance/groups/add', { name: 'staff' }],
  ['/appliance/users/add', { name: '<b>anna<|b>', password: PASSWORD, repeat: PASSWORD, enabled: 'on' }],
  ['/appliance/users/add', { name: 'boris', password: PASSWORD, repeat: PASSWORD, enabled: 'on' }],
  ['/appliance/users/enable', { name: 'boris', to: 'off' }],
  ['/appliance/users/edit', { name: 'boris', enabled: 'on', password: 'red paper boat', repeat: 'red paper boat' }],
  ['/appliance/users/delete', { name: 'boris' }],
  ['/appliance/groups/delete', { name: 'staff' }],
  ['/appliance/certificates/make', { id: 'nas', names: 'nas.lan', kind: 'ec', how: 'self-signed' }],
  ['/appliance/certificates/make', { id: 'shop', names: 'shop.lan', kind: 'ec', how: 'request' }],
  ['/appliance/certificates/delete', { id: 'nas' }],
  ['/appliance/system/administrators/add', { ...ADMIN, name: 'olga', repeat: ADMIN.password, permission: 'view' }],
  ['/appliance/system/administrators/permission', { name: 'olga', permission: 'operate' }],
  ['/appliance/system/administrators/delete', { name: 'olga' }],
  ['/appliance/system/web', { address: '127.0.0.1', port: '0', names: 'router.lan' }],
  ['/appliance/system/web', { address: '127.0.0.2', port: '0', names: 'router.lan' }],
  ['/appliance/system/web/undo', {}],
]

const SAID = [
  'Не удался вход под именем «admin» с адреса 127.0.0.1.',
  'Не удался вход под неизвестным именем с адреса 127.0.0.1.',
  'Вошёл с адреса 127.0.0.1.',
  'Добавлена группа «staff».',
  'Добавлен пользователь «&lt;b&gt;anna&lt;|b&gt;».',
  'Добавлен пользователь «boris».',
  'Пользователь «boris» отключён.',
  'Пользователь «boris» изменён, пароль новый.',
  'Пользователь «boris» удалён.',
  'Группа «staff» удалена.',
  'Создан сертификат nas для nas.lan.',
  'Создан запрос на сертификат shop для shop.lan.',
  'Удалён сертификат nas.',
  'Добавлен администратор «olga».',
  '«olga», теперь: управление работой.',
  'Администратор «olga» удалён.',
  'Изменены имена узла или сертификат страниц.',
]

describe('the log of the appliance', () => {
  it('tells what administrators did there, and of logins that failed, in the language of the reader', async () => {
    await using it = await served()
    const stranger = it.browser()
    await stranger.post('/login', { ...ADMIN, password: 'no idea' })
    // Perhaps a password in the wrong field.
    await stranger.post('/login', { name: ADMIN.password, password: 'x' })
    const browser = await it.loggedIn()
    for (const [path, fields] of DEEDS) expect((await browser.post(path, fields)).status, path).to.be.below(400)
    const text = await logged(browser)
    for (const sentence of SAID) expect(text).to.include(sentence)
    expect(text).to.match(/Страницы на испытании по адресу http:\/\/127\.0\.0\.2:\d+\//)
    expect(text).to.match(/Страницы снова по адресу http:\/\/127\.0\.0\.1:\d+\//)
    expect(/.*\b(?:was|were|may|from|pages)\b.*/.exec(text)?.[0]).to.equal(undefined)
    expect(text).to.not.include(PASSWORD).and.not.include(ADMIN.password)
  })
})

/** The texts of the entries of today; the log is written at most a second after a deed. */
async function logged(browser: Browser): Promise<string> {
  for (let turn = 0; ; turn++) {
    const { text } = await browser.get('/log?kind=status&kind=warning', RUSSIAN)
    const table = (/<table[^]*<\/table>/.exec(text)?.[0] ?? '').replaceAll(/<[^>]*>/g, ' ')
    if (table.includes('Страницы снова') || turn > 200) return table
  }
}
