/** A new place of the web pages is on trial for a minute: kept by who comes there, given up else, whatever happens meanwhile. */
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { expect } from 'chai'
import { eventually } from '../../cap.ts'
import { Place } from '../../start/started.ts'
import { ADMIN, Browser, served, type Served } from './served.ts'

const PATH = '/appliance/system/web'

/** Ports that nobody listens at. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))))
  return ports
}

/** The pages at a port of their own, and another one for them. */
async function atPort(): Promise<{ it: Served; next: string; form: Record<string, string> }> {
  const [port = 0, other = 0] = await freePorts(2)
  const it = await served({ administrator: ADMIN, web: { address: '127.0.0.1', port } }, {})
  return { it, next: `http://127.0.0.1:${other}/`, form: { address: '127.0.0.1', port: String(other), names: '' } }
}

/** Whether browsers get an answer there. */
const answers = (url: string) =>
  fetch(`${url}login`).then(
    () => true,
    () => false,
  )

/** The same browser at another address: its cookies know no ports. */
function elsewhere(browser: Browser, url: string): Browser {
  const there = new Browser(() => url)
  for (const [name, value] of browser.cookies) there.cookies.set(name, value)
  return there
}

describe('a new place of the web pages', () => {
  it('is served beside the old one, and kept when somebody logs in there', async () => {
    const { it, next, form } = await atPort()
    await using _ = it
    const before = it.web.url
    const browser = await it.loggedIn()
    const { text } = await browser.post(PATH, form)
    expect(text).to.include(`href="${next}appliance/system"`).and.include('within 60 seconds')
    expect(await Promise.all([before, next].map(answers))).to.deep.equal([true, true])
    expect(it.shell.file.current.web.port).to.equal(Number(new URL(before).port))
    it.timing.pass(59)
    const { text: waiting } = await browser.get('/resources')
    expect(waiting).to.include('data-trial="1"').and.include(next)
    await it.loggedIn(ADMIN, next)
    expect([it.web.url, await answers(before)]).to.deep.equal([next, false])
    expect(it.shell.file.current.web.port).to.equal(Number(new URL(next).port))
    it.timing.pass(60)
    expect(await answers(next)).to.equal(true)
    expect(it.audited.find(({ event }) => event === 'web.changed')?.text).to.include(next)
  })

  it('is given up after 60 s when nobody came', async () => {
    const { it, next, form } = await atPort()
    await using _ = it
    const before = it.web.url
    const browser = await it.loggedIn()
    await browser.post(PATH, form)
    // Who only looks, or is no administrator, keeps nothing.
    expect(await answers(next)).to.equal(true)
    expect((await it.browser(next).post('/login', { ...ADMIN, password: 'wrong' })).status).to.equal(422)
    it.timing.pass(60)
    await eventually(() => it.audited.some(({ event }) => event === 'web.rolled-back'), 'the pages are back')
    expect([it.web.url, await answers(before), await answers(next)]).to.deep.equal([before, true, false])
    expect(it.shell.file.current.web.port).to.equal(Number(new URL(before).port))
    expect((await browser.get('/')).text).to.not.include('data-trial')
    const [entry] = it.audited.filter(({ event }) => event === 'web.rolled-back')
    expect(entry?.text).to.include(before).and.include(`nobody confirmed ${next}`)
  })

  it('is kept by a button for who is logged in already, and by nobody from the old place (blind confirmation)', async () => {
    const { it, next, form } = await atPort()
    await using _ = it
    const browser = await it.loggedIn()
    await browser.post(PATH, form)
    expect((await browser.post(`${PATH}/confirm`, {})).status).to.equal(303)
    expect((await browser.get('/')).text)
      .to.include('data-trial')
      .and.not.include(`${PATH}/confirm`)
    const there = elsewhere(browser, next)
    expect((await there.get('/')).text).to.include(`action="${PATH}/confirm"`)
    expect((await there.post(`${PATH}/confirm`, {})).status).to.equal(303)
    expect(it.web.url).to.equal(next)
  })

  it('may be the same port: it takes the place of the old one, which comes back', async () => {
    const { it } = await atPort()
    await using _ = it
    const before = it.web.url
    const { port } = new URL(before)
    const browser = await it.loggedIn()
    const moved = await browser.post(PATH, { address: '0.0.0.0', port, names: '' })
    expect(moved.text).to.include(`http://localhost:${port}/`)
    expect(await answers(`http://127.0.0.2:${port}/`)).to.equal(true)
    const back = await elsewhere(browser, before).post(`${PATH}/undo`, {})
    expect(back.text).to.include(`href="${before}appliance/system"`)
    expect(await Promise.all([before, `http://127.0.0.2:${port}/`].map(answers))).to.deep.equal([true, false])
    expect(it.shell.file.current.web.address).to.equal('127.0.0.1')
  })

  it('is left by a second change, and a place that cannot be had changes nothing', async () => {
    const { it, next, form } = await atPort()
    await using _ = it
    const before = it.web.url
    const browser = await it.loggedIn()
    await browser.post(PATH, form)
    const taken = await browser.post(PATH, { ...form, address: '192.0.2.77', port: new URL(before).port })
    expect(taken.status).to.equal(422)
    expect(await Promise.all([before, next].map(answers))).to.deep.equal([true, false])
  })

  it('is forgotten by a process that is killed before anybody confirmed it', async function () {
    this.timeout(30_000)
    await using machine = await Place.make()
    const [port = 0, other = 0] = await freePorts(2)
    const url = `http://127.0.0.1:${port}/`
    const env = { FTP_MODULE_WEB_PORT: '' }
    const settings = { port: 0, address: '127.0.0.1', passivePorts: 'any' }
    const first = await machine.start({ administrator: ADMIN, web: { port }, settings }, [], env)
    await first.printed(/^Web pages: (.*)$/m)
    const browser = new Browser(() => url)
    expect((await browser.post('/login', ADMIN)).status).to.equal(303)
    await browser.post(PATH, { address: '127.0.0.1', port: String(other), names: '' })
    expect(await answers(`http://127.0.0.1:${other}/`)).to.equal(true)
    await first.end('SIGKILL')
    const second = await machine.start(undefined, [], env)
    expect((await second.printed(/^Web pages: (.*)$/m))[1]).to.equal(url)
    expect(await answers(`http://127.0.0.1:${other}/`)).to.equal(false)
  })
})
