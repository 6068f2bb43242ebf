/** The FTP server tab. */
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { moverKind } from '../../module/ftp/data/chosen-mover.ts'
import { handOuts } from '../../module/web/start/addresses.ts'
import { endOf } from '../../module/web/start/pause.ts'
import { endStreams } from '../../module/web/live.ts'
import { checked } from '../../module/settings/problems.ts'
import { serverSettings, settings as stored } from '../../module/settings/schema.ts'
import { capped, eventually } from '../cap.ts'
import { RawClient } from '../raw-client.ts'
import { needsChromium, visit } from './browser.ts'
import { mounted, type Mounted } from './mounted.ts'

const USER = { users: [{ name: 'anna', password: 'secret' }] }

describe('the page "FTP server"', () => {
  it('turns the service on and off, and says so once', async () => {
    await using it = await mounted({ preset: { enabled: false } })
    expect((await it.post('/turn', { to: 'on' })).status).to.equal(303)
    expect(it.service.status().state).to.equal('on')
    expect((await it.get('/')).text).to.include('The FTP server is on.')
    expect((await it.get('/')).text).to.not.include('class="notice good"')
    await it.post('/turn', { to: 'off' })
    expect(it.service.status().state).to.equal('off')
  })

  it('says who copies the files', async () => {
    await using it = await mounted({ preset: USER })
    const words = { kernel: 'copied by the kernel', stream: 'copied by Node.js' }
    expect((await it.get('/')).text).to.include(words[moverKind()])
  })

  it('asks before it turns off, naming how many it ends', async () => {
    await using it = await mounted({ preset: USER })
    expect((await it.get('/turn-off')).text).to.include('Nobody is connected')
    await using client = await RawClient.connect(it.port)
    await client.login()
    expect((await it.get('/turn-off')).text).to.include('1 session will be ended.')
  })

  it('turns off for a time, shows until when, and survives a change of other settings', async () => {
    await using it = await mounted()
    await it.post('/turn', { to: 'off', for: '30' })
    const { state, pausedUntil = 0 } = it.service.status()
    expect(state).to.equal('off')
    expect(pausedUntil - Date.now()).to.be.within(29 * 60_000, 30 * 60_000)
    await it.service.change({ settings: { timeouts: { idle: 100 } } }, 'admin')
    expect(it.service.status().state).to.equal('off')
    expect((await it.get('/')).text)
      .to.include('turns on by itself')
      .and.to.include('Turn on now')
    await it.post('/turn', { to: 'on' })
    expect(it.service.status()).to.include({ state: 'on' }).and.not.have.property('pausedUntil')
  })

  it('runs again by itself when the time to be off is over', async () => {
    await using it = await mounted()
    await it.service.change({ pausedUntil: new Date(Date.now() + 300).toISOString() }, 'admin')
    expect(it.service.status().state).to.equal('off')
    await eventually(() => it.service.status().state === 'on', 'it runs again')
  })

  it('refuses a time that is none of its own, and what is neither on nor off', async () => {
    await using it = await mounted()
    expect((await it.post('/turn', { to: 'off', for: '9999999999' })).status).to.equal(400)
    expect((await it.post('/turn', { to: 'neither' })).status).to.equal(400)
    expect((await it.post('/turn')).status).to.equal(400)
    expect(it.service.status().state).to.equal('on')
  })

  it('says why it could not start, in the language of the page', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    await using it = await mounted({ preset: { enabled: false, settings: { port } } })
    it.presentation = { ...it.presentation, locale: 'ru' }
    expect((await it.post('/turn', { to: 'on' })).status).to.equal(303)
    other.close()
    const { text } = await it.get('/')
    expect(text).to.include('Сбой').and.to.include(String(port)).and.to.include('Попробовать снова')
  })

  it('shows no button to who may only look, and refuses a forged one', async () => {
    await using it = await mounted({ permission: 'view', preset: { enabled: false } })
    expect((await it.get('/')).text).to.not.include('action="/turn"')
    expect((await it.get('/turn-off')).status).to.equal(403)
    expect((await it.post('/turn', { to: 'on' })).status).to.equal(403)
    expect(it.service.status().state).to.equal('off')
  })

  it('has no link outside the base path', async () => {
    await using it = await mounted({ base: '/modules/ftp' })
    for (const path of ['/', '/turn-off']) {
      const { status, text } = await it.get(path)
      expect(status).to.equal(200)
      expect(text.match(/(?:href|src|action|connect)="\/(?!modules\/ftp\/)[^"]*"/g)).to.equal(null)
    }
  })

  it('warns of what needs attention, with the page that helps, and says once what is true of many', async () => {
    const writable = ['A', 'B', 'C', 'D', 'E', '<script>'].map((name) => ({
      name,
      folder: 'x',
      guests: { profile: 'dropBox' },
    }))
    const settings = { passivePorts: '50000-50003' }
    await using it = await mounted({
      preset: { settings, resources: [...writable, { name: 'Gone', root: 'none', folder: 'g' }] },
    })
    const { text } = await it.get('/')
    expect(text).to.include('4 transfers at once').and.include('Logins without encryption')
    expect(text).to.include('“D”, “E”, and 1 more').and.include('“Gone” is hidden')
    expect(text).to.include('href="/resources"').and.include('href="/settings/encryption"')
    await it.service.change(
      { resources: [{ name: '<script>alert(1)', folder: 'x', guests: { profile: 'dropBox' } }] },
      'a',
    )
    expect((await it.get('/')).text)
      .to.include('&lt;script&gt;alert(1)')
      .and.not.include('<script>alert')
  })

  it('says that there are no resources while there are none', async () => {
    await using it = await mounted()
    const none = 'There are no resources yet: whoever logs in finds nothing.'
    expect((await it.get('/')).text).to.include(none)
    await it.service.change({ resources: [{ name: 'Scans', folder: 'scans' }] }, 'a')
    expect((await it.get('/')).text).to.not.include(none)
  })

  it('shows the last ten entries, newest first', async () => {
    await using it = await mounted()
    for (let at = 0; at < 25; at++) it.service.journal.record({ kind: 'error', event: 'x', text: `entry-${at}.` })
    await it.service.journal.flush()
    const shown = (await it.get('/')).text.match(/entry-\d+\./g)
    expect(shown).to.deep.equal(Array.from({ length: 10 }, (_, at) => `entry-${24 - at}.`))
  })
})

describe('the stream of the page "FTP server"', () => {
  it('sends the parts that changed as soon as they have', async () => {
    await using it = await mounted({ preset: USER })
    await using stream = await Stream.open(it)
    await stream.heard(/event: samples/)
    await stream.heard(/start-status.*On</s)
    await it.service.change({ enabled: false }, 'admin')
    await stream.heard(/start-status.*Off</s)
    await stream.heard(/start-log.*Server on: on → off/s)
  })

  it('ends the oldest of five streams of one login', async () => {
    await using it = await mounted()
    await using streams = new AsyncDisposableStack()
    const open = async () => {
      const stream = streams.use(await Stream.open(it))
      await stream.heard(/samples/)
      return stream
    }
    const four = [await open(), await open(), await open(), await open()]
    expect(four.map(({ over }) => over)).to.deep.equal([false, false, false, false])
    await open()
    await capped(four[0]?.ended ?? Promise.reject(new Error('no stream')), 'the end of the oldest stream')
    expect(four.slice(1).map(({ over }) => over)).to.deep.equal([false, false, false])
  })

  it('ends when its login is revoked, so that who was logged out hears nothing more', async () => {
    await using it = await mounted()
    await using stream = await Stream.open(it)
    await stream.heard(/samples/)
    endStreams('somebody else')
    endStreams('one')
    await capped(stream.ended, 'the end of the stream')
  })

  it('is refused to nobody in particular', async () => {
    await using it = await mounted()
    it.identity = undefined
    const { status, headers } = await it.get('/live', { 'HX-Request': 'true' })
    expect(status).to.equal(401)
    expect(headers.get('HX-Redirect')).to.equal('/login')
  })
})

describe('addresses to hand out', () => {
  it('are those of the LAN, the name and the internet, without a usual port', () => {
    const listeners = [
      { address: '::', port: 21, implicitTls: false },
      { address: '0.0.0.0', port: 9990, implicitTls: true },
    ]
    expect(rows(listeners, {}, '203.0.113.9')).to.deep.equal([
      'ftp://192.168.1.1 lan optional',
      'ftp://[fd00::1] lan optional',
      'ftps://192.168.1.1:9990 lan implicit',
      'ftp://router name optional',
      'ftps://router:9990 name implicit',
      'ftp://203.0.113.9 internet optional',
      'ftps://203.0.113.9:9990 internet implicit',
    ])
  })

  it('are the one address that is listened on, and none while nobody listens', () => {
    expect(
      rows([{ address: '192.168.1.1', port: 2121, implicitTls: false }], { tls: { policy: 'login' } }),
    ).to.deep.equal(['ftp://192.168.1.1:2121 lan required'])
    expect(rows([])).to.deep.equal([])
  })

  it('name the domain that a listener or a host name leads to, after those of the server', () => {
    const listeners = [
      { address: '192.168.1.1', port: 990, implicitTls: true, domain: 'office' },
      { address: '192.168.1.1', port: 21, implicitTls: false, domain: 'default' },
    ]
    const domains = [
      { name: 'Office', names: ['office.example', 'b.example'] },
      { name: 'Shop', names: ['shop.example'] },
      { name: 'Off', names: ['off.example'], enabled: false },
    ]
    expect(rows(listeners, {}, undefined, domains)).to.deep.equal([
      'ftp://192.168.1.1 lan optional',
      'ftps://192.168.1.1 lan implicit Office',
      'ftps://office.example name implicit Office',
      'ftp://office.example name optional Office',
      'ftp://shop.example name optional Shop',
    ])
  })

  it('name the host that is announced outside', () => {
    const shown = rows([{ address: '::', port: 21, implicitTls: false }], { externalAddress: 'ftp.example.com' })
    expect(shown.at(-1)).to.equal('ftp://ftp.example.com internet optional')
  })
})

describe('the time to be off', () => {
  it('ends tomorrow at six where the reader lives, also when clocks change in the night', () => {
    expect(tomorrow('UTC', '2026-11-21T08:00:00Z')).to.equal('2026-11-22T06:00:00.000Z')
    expect(tomorrow('Europe/Berlin', '2026-10-24T21:30:00Z')).to.equal('2026-10-25T05:00:00.000Z')
    expect(tomorrow('Europe/Berlin', '2026-10-24T22:30:00Z')).to.equal('2026-10-26T05:00:00.000Z')
    expect(tomorrow('Asia/Kathmandu', '2026-01-31T23:00:00Z')).to.equal('2026-02-02T00:15:00.000Z')
    expect(endOf('always', 'UTC')).to.equal(undefined)
  })
})

describe('the page "FTP server" in a browser', () => {
  before(function () {
    needsChromium(this)
  })

  it('follows state, sessions and log without being loaded again, and draws the chart', async () => {
    await using it = await mounted({ preset: USER })
    await using visitor = await visit(it.origin)
    const page = await visitor.open('/')
    await page.locator('.start-chart canvas').waitFor()
    await using client = await RawClient.connect(it.port)
    await client.login()
    await page.locator('.entry-text', { hasText: 'Logged in.' }).first().waitFor()
    await page.locator('.start-figures dd').first().filter({ hasText: /^1$/ }).waitFor()
    await page.getByRole('link', { name: 'Turn off…' }).click()
    await page.getByRole('dialog').getByText('1 session will be ended.').waitFor()
    await page.getByRole('dialog').getByText('1 hour').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Turn off' }).click()
    await page.getByRole('button', { name: 'Turn on now' }).waitFor()
    expect(it.service.status().state).to.equal('off')
  })

  it('says that it is old when nothing is heard any more, and not as soon as something is', async () => {
    await using it = await mounted({ preset: USER })
    await using visitor = await visit(it.origin)
    await visitor.page.clock.install()
    const page = await visitor.open('/')
    await page.locator('.start-chart canvas').waitFor()
    const old = page.getByText('The server does not answer: what stands here is old.')
    expect(await old.isVisible()).to.equal(false)
    await page.route('**/live', (route) => route.abort())
    endStreams('one')
    await page.clock.fastForward('00:30')
    await old.waitFor()
    await page.unroute('**/live')
    await page.clock.fastForward('00:30')
    await old.waitFor({ state: 'hidden' })
    // Chromium tells of each attempt that failed.
    visitor.complaints.splice(0)
  })

  it('has no barriers in either theme, and fits 360 px', async () => {
    await using it = await mounted({ preset: { ...USER, settings: { passivePorts: '50000-50001' } } })
    for (const theme of ['light', 'dark'] as const) {
      it.presentation = { ...it.presentation, theme, locale: theme === 'dark' ? 'ru' : 'en' }
      await using visitor = await visit(it.origin, { width: 360 })
      await visitor.open('/')
      await visitor.page.locator('.start-chart canvas').waitFor()
      expect(await visitor.barriers()).to.deep.equal([])
      expect(await visitor.overhang()).to.equal(0)
    }
  })
})

const rows = (addresses: readonly object[], more: object = {}, wan?: string, domains: readonly object[] = []) =>
  handOuts({
    domains: checked(stored, { domains }).domains,
    status: { addresses: addresses as never },
    settings: checked(serverSettings, more),
    network: { lan: () => ['127.0.0.0/8', '192.168.1.0/24', 'fd00::/8'], wanAddress: () => wan },
    own: ['192.168.1.1', 'fd00::1', '203.0.113.9'],
    name: 'Router',
  }).map(({ url, where, tls, domain }) => [url, where, tls, domain].filter(Boolean).join(' '))

/** When tomorrow begins for who lives in a zone. */
const tomorrow = (zone: string, now: string) => new Date(endOf('tomorrow', zone, Date.parse(now)) ?? 0).toISOString()

/** What the server sends to an open page. */
class Stream implements AsyncDisposable {
  text = ''
  over = false
  readonly ended: Promise<unknown>
  readonly #socket
  #more: () => void = () => undefined

  private constructor(origin: string, path: string) {
    const { hostname, port } = new URL(origin)
    this.#socket = connect(Number(port), hostname)
    this.#socket.write(`GET ${path} HTTP/1.0\r\nHost: ${hostname}:${port}\r\n\r\n`)
    this.#socket.setEncoding('utf8').on('data', (text: string) => {
      this.text += text
      this.#more()
    })
    this.#socket.on('error', () => undefined)
    this.ended = once(this.#socket, 'close').then(() => (this.over = true))
  }

  static async open(it: Mounted): Promise<Stream> {
    const stream = new Stream(it.origin, `${it.base}/live`)
    await stream.heard(/text\/event-stream/)
    return stream
  }

  /** Waits until the pattern is in what came; forgets everything up to there. */
  async heard(pattern: RegExp): Promise<void> {
    const look = async () => {
      for (;;) {
        const found = pattern.exec(this.text)
        if (found) return void (this.text = this.text.slice(found.index + found[0].length))
        await new Promise<void>((resolve) => (this.#more = resolve))
      }
    }
    await capped(look(), String(pattern), () => this.text.slice(0, 2000))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy()
    await this.ended
  }
}
