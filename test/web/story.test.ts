/** The whole way of an administrator in a browser, from the set-up code to turning off; real FTP clients try what was set. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { needs, type Outcome, run } from '../real-clients.ts'
import { Place, type Started } from '../start/started.ts'
import type { Locator, Page } from 'playwright-core'
import { Administrator } from './administrator.ts'
import { type Look, needsChromium, visit } from './browser.ts'

const ANNA = 'anna: seven geese'
const BORIS = 'boris: nine cranes'

const STORIES: readonly [string, Look, { readonly on: string; readonly off: string }][] = [
  ['in English', {}, { on: 'On', off: 'Off' }],
  ['in Russian', { locale: 'ru' }, { on: 'Включён', off: 'Выключен' }],
  ['without JavaScript', { javaScript: false }, { on: 'On', off: 'Off' }],
  ['on a screen of 360 px', { width: 360 }, { on: 'On', off: 'Off' }],
]

describe('from the first start to turning off', function () {
  this.timeout(90_000)

  before(function () {
    needsChromium(this)
    needs(this, 'curl')
    needs(this, 'lftp')
  })

  for (const [name, look, words] of STORIES) {
    it(name, async () => {
      await using place = await Place.make()
      const started = await place.start(undefined, [], { FTP_MODULE_WEB_PORT: '0' })
      const [origin] = await started.printed(/http:\/\/127\.0\.0\.1:\d+/)
      const [, code = ''] = await started.printed(/^Set-up code: (\S+)/m)
      await using visitor = await visit(origin, look)
      const { page } = visitor
      const administrator = new Administrator(visitor, look)

      await administrator.setUp(code)
      await administrator.connection()
      await administrator.addUser('anna', ANNA)
      await administrator.addUser('boris', BORIS)
      await administrator.addResource('Scans', 'scans', { anna: 'readWrite', boris: 'read' }, 'off')
      await administrator.addResource('Letters', 'letters', { anna: 'read' }, 'dropBox')
      await administrator.turnOn()
      expect(await page.locator('.start-state .badge').innerText()).to.include(words.on)

      const address = await page.locator('.start-addresses code').first().innerText()
      await tryRights(new Clients(place.folder, address))
      expect(await readdir(join(place.data, 'storage/letters'))).to.deep.equal(['letter.txt'])

      await readLog(page, look.javaScript !== false)
      await administrator.turnOff()
      expect(await page.locator('.start-state .badge').innerText()).to.include(words.off)
      await refused(place, started, address)
    })
  }
})

/** Exactly what was ticked, and nothing else. */
async function tryRights(clients: Clients): Promise<void> {
  const anna = `anna:${ANNA}`
  const boris = `boris:${BORIS}`
  await clients.write('report.txt', 'four pages')
  await clients.write('letter.txt', 'Dear office')
  const code = async (...parameters: readonly string[]) => (await clients.curl(...parameters)).code
  expect(await code('-u', anna, '-T', 'report.txt', 'Scans/'), 'anna uploads').to.equal(0)
  expect((await clients.curl('-u', anna, '--ssl-reqd', '-k', 'Scans/report.txt')).stdout, 'over TLS').to.equal(
    'four pages',
  )
  expect((await clients.curl('-u', boris, 'Scans/report.txt')).stdout, 'boris reads').to.equal('four pages')
  expect(await code('-u', boris, '-T', 'report.txt', 'Scans/mine.txt'), 'boris may not upload').to.equal(25)
  expect(await code('-u', boris, '-Q', 'DELE /Scans/report.txt', ''), 'boris may not delete').to.equal(21)
  expect((await clients.curl('-u', boris, '-l', '')).stdout.trim(), 'boris sees one resource').to.equal('Scans')
  expect(await code('-u', 'anna:wrong', ''), 'a wrong password').to.equal(67)
  expect(await code('-u', 'nobody:x', ''), 'an unknown name').to.equal(67)
  expect(await code('-T', 'letter.txt', 'Letters/'), 'a guest drops').to.equal(0)
  expect(await code('Letters/letter.txt'), 'a guest reads nothing').to.equal(78)
  expect((await clients.curl('-l', 'Letters/')).stdout.trim(), 'a guest sees nothing').to.equal('')
  expect(
    (
      await clients.lftp(
        'anna',
        ANNA,
        'cls -1 /; mkdir /Scans/2026; put letter.txt -o /Scans/2026/letter.txt; cls -1 /Scans/2026',
      )
    ).stdout,
  )
    .to.include('Letters/')
    .and.include('letter.txt')
  expect((await clients.lftp('boris', BORIS, 'mkdir /Scans/own')).code, 'boris may not make a folder').to.not.equal(0)
}

/** Kinds by class, colour and word; a search; the day before; what is exported. */
async function readLog(page: Page, script: boolean): Promise<void> {
  // The last page of all entries may hold a single one, and none of these kinds.
  await page.goto('/log')
  await page.goto('/log?kind=status&kind=warning&kind=error')
  const status = page.locator('tr.log-status').first()
  const warning = page.locator('tr.log-warning').first()
  await status.waitFor({ state: 'attached' })
  await warning.waitFor({ state: 'attached' })
  if (script) {
    const [red = 0, green = 0] = await colour(status)
    expect(green, 'status is green').to.be.above(red)
    const [warnRed = 0, warnGreen = 0, warnBlue = 0] = await colour(warning)
    expect(Math.min(warnRed, warnGreen), 'a warning is yellow').to.be.above(warnBlue)
  }
  await page.fill('[name=q]', 'letter.txt')
  await page.press('[name=q]', 'Enter')
  await page.waitForURL(/q=letter\.txt/)
  await page.locator('tr .log-text', { hasText: 'letter.txt' }).first().waitFor({ state: 'attached' })
  expect(await page.locator('tr .log-text', { hasText: 'report.txt' }).count()).to.equal(0)
  const href = (await page.locator('a[href*="format=csv"]').getAttribute('href')) ?? ''
  const csv = await (await page.request.get(href)).text()
  expect(csv).to.include('letter.txt').and.not.include('report.txt').and.not.include(ANNA)
  await page.locator('#log-day a').first().click()
  await page.waitForURL(/day=\d{4}-\d\d-\d\d/)
  await page.locator('.log-results .empty').waitFor()
}

/** Red, green and blue of the word that names the kind. */
async function colour(row: Locator): Promise<readonly number[]> {
  const text = await row.locator('.badge').evaluate((element) => {
    const window = globalThis as unknown as { getComputedStyle(of: unknown): { readonly color: string } }
    return window.getComputedStyle(element).color
  })
  return [...text.matchAll(/\d+/g)].map(Number)
}

async function refused(place: Place, started: Started, address: string): Promise<void> {
  expect((await new Clients(place.folder, address).curl('-u', `anna:${ANNA}`, '')).code, 'nobody listens').to.equal(7)
  expect(started.output + started.errors).to.not.include(ANNA)
  expect(await readFile(join(place.data, 'settings.json'), 'utf8')).to.not.include(ANNA)
}

/** curl and lftp at one address, in one folder. */
class Clients {
  readonly #folder: string
  readonly #address: string

  constructor(folder: string, address: string) {
    this.#folder = folder
    this.#address = address
  }

  async write(name: string, text: string): Promise<void> {
    await writeFile(join(this.#folder, name), text)
  }

  /** The last parameter is a path below the address. */
  curl(...parameters: readonly string[]): Promise<Outcome> {
    const url = `${this.#address}/${parameters.at(-1)}`
    return run('curl', ['-sS', '--noproxy', '*', '--max-time', '20', ...parameters.slice(0, -1), url], {
      cwd: this.#folder,
    })
  }

  lftp(user: string, password: string, commands: string): Promise<Outcome> {
    const settings = 'set ssl:verify-certificate no; set net:max-retries 1; set net:timeout 10; set cmd:fail-exit yes'
    const { host } = new URL(this.#address)
    return run('lftp', ['-c', `${settings}; open -u "${user}","${password}" ftp://${host}; ${commands}`], {
      cwd: this.#folder,
    })
  }
}
