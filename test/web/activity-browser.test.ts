/** The Activity tab in a browser: rows, a session and a conversation that follow by themselves, and the dialogs. */
import { expect } from 'chai'
import { endStreams } from '../../module/web/live.ts'
import { eventually } from '../cap.ts'
import { RawClient } from '../raw-client.ts'
import { needsChromium, visit } from './browser.ts'
import { mounted, type Mounted } from './mounted.ts'

const PRESET = {
  users: [
    { name: 'anna', password: 'secret' },
    { name: 'bert', password: 'secret' },
  ],
  resources: [{ name: 'Scans', folder: 'scans', rights: [{ user: 'anna', level: 'readWrite' }] }],
  settings: { limits: { uploadBytesPerSecond: 50_000 } },
}

describe('the page "Activity" in a browser', function () {
  this.timeout(60_000)
  let web: Mounted

  before(async function () {
    needsChromium(this)
    web = await mounted({ preset: PRESET, base: '/modules/ftp' })
  })
  after(async () => {
    await web?.[Symbol.asyncDispose]()
  })
  afterEach(async () => {
    for (const { id } of web.service.activity.rows()) await web.service.supervisor.kick(id, {}, { name: 'test' })
    web.service.access.bans.rows().forEach(({ id }) => web.service.access.bans.lift(id))
  })

  const session = async (user = 'anna', localAddress = '127.0.0.7') =>
    (await RawClient.connect(web.port, { localAddress })).login(user, 'secret')
  const idOf = (at = 0) => web.service.activity.rows()[at]?.id ?? ''

  it('follows those who come, change and go, and leaves the focus where it is', async () => {
    await using visitor = await visit(web.origin)
    const page = await visitor.open('/modules/ftp/activity')
    await page.getByText('Nobody is connected').waitFor()
    await using client = await session()
    await using other = await session('bert', '127.0.0.8')
    await page.getByText('2 sessions').waitFor()
    const link = page.getByRole('link', { name: 'anna', exact: true })
    const spy = page.getByRole('link', { name: 'Spy & chat – anna' })
    await spy.focus()
    await client.say('CLNT <i>a program</i>', 200)
    await page.getByText('<i>a program</i>').waitFor()
    expect(await link.isVisible()).to.be.true
    await other.say('QUIT', 221)
    await page.getByText('1 session', { exact: true }).waitFor()
    expect(await page.evaluate('document.activeElement.textContent')).to.include('Spy & chat')
    expect(await page.locator('tbody tr').count()).to.equal(1)
    // Time passes without the server.
    await eventually(() => web.service.activity.rows()[0]!.idle >= 2, 'it is idle for a while')
    await page.getByText(/idle \d+ s/).waitFor()
  })

  it('shows a transfer with its progress, and aborts it after a question', async () => {
    await using client = await session()
    await client.say('TYPE I', 200)
    const { text } = await client.say('EPSV', 229)
    const data = await client.dial(Number(/\(\|\|\|(\d+)\|\)/.exec(text)?.[1]), { localAddress: '127.0.0.7' })
    await client.say('STOR /Scans/up.bin', 150)
    void data.end(Buffer.alloc(2_000_000)).catch(() => undefined)
    await using visitor = await visit(web.origin)
    const page = await visitor.open(`/modules/ftp/activity/${idOf()}`)
    await page.getByText('/Scans/up.bin').waitFor()
    await page.getByText(/^\d+(?:\.\d+)? kB\/s$/).waitFor()
    await page.getByRole('link', { name: 'Abort the transfer' }).click()
    await page.getByText('Many clients begin an aborted transfer again').waitFor()
    expect(await visitor.barriers()).to.deep.equal([])
    await page.getByRole('button', { name: 'Abort the transfer' }).click()
    await page.getByText('The transfer was aborted.').waitFor()
    await client.reply(426)
    await client.say('NOOP', 200)
    // The page may have been made in the moment before the end; it follows.
    await page.getByRole('link', { name: 'Abort the transfer' }).waitFor({ state: 'detached' })
  })

  it('talks with the client while somebody else looks on', async () => {
    await using client = await session()
    await using visitor = await visit(web.origin)
    const page = await visitor.open(`/modules/ftp/activity/${idOf()}/spy`)
    web.identity = { name: 'olga', permission: 'manage', sessionId: 'two' }
    await using second = await visit(web.origin)
    const other = await second.open(`/modules/ftp/activity/${idOf()}/spy`)
    web.identity = { name: 'root', permission: 'manage', sessionId: 'one' }
    await client.say('SITE MSG where are <b>my</b> scans?', 200)
    await page.getByText('where are <b>my</b> scans?', { exact: true }).waitFor()
    await page.getByLabel('Message').fill('They moved to /Scans.')
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByText("1 message waits for the client's next command.").waitFor()
    await other.getByText('They moved to /Scans.').waitFor()
    await other.locator('.chat-who', { hasText: 'root' }).waitFor()
    expect(await page.getByLabel('Message').inputValue()).to.equal('')
    expect((await client.say('NOOP', 200)).text).to.include('They moved to /Scans.')
    await page.locator('[data-lines]', { hasText: 'Message from the administrator: They moved' }).waitFor()
    await page.waitForFunction("document.querySelector('[data-waiting]').textContent === ''")
    expect(await page.locator('[data-lines]').textContent())
      .to.include('PASS ****')
      .and.not.include('secret')
    expect(await visitor.barriers()).to.deep.equal([])
    await client.say('QUIT', 221)
    await page.getByText('This session has ended.').waitFor()
    expect(await page.getByRole('button', { name: 'Send' }).isDisabled()).to.be.true
  })

  it('disconnects out of a dialog, with a ban and a word to the user', async () => {
    await using client = await session()
    await using other = await session()
    await using visitor = await visit(web.origin)
    const page = await visitor.open('/modules/ftp/activity')
    await page.getByRole('link', { name: 'Disconnect… – anna' }).first().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('heading', { name: 'Disconnect anna?' }).waitFor()
    expect(await visitor.barriers()).to.deep.equal([])
    await dialog.getByLabel('Ban the address for a time').check()
    await dialog.getByLabel('Minutes').fill('7')
    await dialog.getByLabel('Also end 1 other session of this address').check()
    await dialog.getByLabel('Message to the user').fill('Good night.')
    await dialog.getByRole('button', { name: 'Disconnect anna' }).click()
    await page.getByText('127.0.0.7 is banned.').waitFor()
    await page.getByText('Nobody is connected').waitFor()
    for (const each of [client, other]) expect((await each.reply(421)).text).to.include('Good night.')
    expect(web.service.access.bans.rows()[0]).to.include({ subject: '127.0.0.7', expiresIn: 420 })
  })

  it('goes on after a stream has ended, and leads to the login when it was that that ended', async () => {
    await using client = await session()
    await using visitor = await visit(web.origin)
    const page = await visitor.open('/modules/ftp/activity')
    await page.getByText('1 session', { exact: true }).waitFor()
    endStreams('one')
    await client.say('CLNT after the gap', 200)
    await page.getByText('after the gap').waitFor()
    expect(await page.getByText('The connection to the server was lost').isVisible()).to.be.false
    web.identity = undefined
    endStreams('one')
    await page.waitForURL('**/login')
    web.identity = { name: 'root', permission: 'manage', sessionId: 'one' }
    await eventually(() => visitor.complaints.length > 0, 'the browser told of the refused stream')
    expect(visitor.complaints.splice(0).map((one) => /status of (\d+)/.exec(one)?.[1])).to.deep.equal(['401'])
  })

  it('writes to everybody out of a dialog', async () => {
    await using client = await session()
    await using visitor = await visit(web.origin)
    const page = await visitor.open('/modules/ftp/activity')
    await page.getByRole('link', { name: 'Message to all' }).click()
    await page.getByLabel('Message', { exact: true }).fill('Maintenance at noon.')
    await page.getByRole('button', { name: 'Send to all' }).click()
    await page.getByText('on its way to sessions: 1').waitFor()
    expect((await client.say('NOOP', 200)).text).to.include('Maintenance at noon.')
  })

  it('fits on a screen of 360 px and works without JavaScript, in Russian', async () => {
    await using client = await session()
    web.presentation = { ...web.presentation, locale: 'ru' }
    await using visitor = await visit(web.origin, { width: 360, locale: 'ru', javaScript: false })
    const path = `/activity/${idOf()}`
    for (const each of [
      '/activity',
      path,
      `${path}/spy`,
      `${path}/disconnect`,
      `${path}/abort`,
      '/activity/finished',
    ]) {
      await visitor.open(`/modules/ftp${each}`)
      expect(await visitor.overhang(), each).to.equal(0)
    }
    const page = await visitor.open(`/modules/ftp${path}/spy`)
    await page.getByLabel('Сообщение').fill('Здравствуйте!')
    await page.getByRole('button', { name: 'Отправить' }).click()
    await page.getByText('1 сообщение ждёт следующей команды клиента.').waitFor()
    await page.getByText('Здравствуйте!').waitFor()
    await page.goto('/modules/ftp/activity')
    await page.getByRole('link', { name: 'Отключить… – anna' }).click()
    await page.getByRole('button', { name: 'Отключить: anna' }).click()
    await page.getByText('anna: сеанс отключён.').waitFor()
    await client.reply(421)
    web.presentation = { ...web.presentation, locale: 'en' }
  })
})
