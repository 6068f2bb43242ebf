/** Every page as people see it: both themes, wide and narrow, both languages. Pictures go to test/screenshots. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { PAGES } from '../../module/web/pages.ts'
import type { RawClient } from '../raw-client.ts'
import { Place } from '../start/started.ts'
import { needsChromium, visit, type Visitor } from './browser.ts'
import { type Crawled, crawl, kindOf } from './crawl.ts'
import { furnish } from './furnish.ts'
import { mounted } from './mounted.ts'
import { morning, OFFICE, PASSWORD } from './office.ts'

const TABS = ['/', '/activity', '/resources', '/access', '/settings', '/log'] as const
const THEMES = ['light', 'dark'] as const
const WIDE = { width: 1280, height: 800 }
const NARROW = { width: 360, height: 740 }
/** Between them, and the narrowest there is (WCAG 2.2, 1.4.10). */
const MIDDLE = [1024, 1000, 768].map((width) => ({ width, height: 800 }))
const NARROWEST = { width: 320, height: 740 }
/** Narrow, and so high that nothing keeps to the lower edge of the window before something else. */
const WHOLE = { width: 360, height: 15_000 }
/** Pixels. */
const TWO_LINES = 84
/** Whether every page is painted, for people; it takes a while. */
const ALL_PICTURES = process.env['PICTURES'] === 'all'

/** Whether a part of a table is out of sight; runs in the browser. */
const SIDEWAYS = "[...document.querySelectorAll('.table')].some((table) => table.scrollWidth > table.clientWidth + 1)"

/** GET routes that are no pages of their own, each with its reason. */
const NO_PAGES: Readonly<Record<string, string>> = {
  '/resources/named/:name': 'the page of a resource that is called like another page',
  '/resources/named/:name/delete': 'the page of a resource that is called like another page',
  '/access/rules': 'leads on to a list that exists',
}

describe('the look of the pages', function () {
  this.timeout(240_000)
  let place: Place
  let client: RawClient
  let origin = ''
  let crawled: readonly Crawled[] = []
  let pages: readonly Crawled[] = []

  before(async function () {
    needsChromium(this)
    place = await Place.make()
    const started = await place.start(OFFICE, [], { FTP_MODULE_WEB_PORT: '0' })
    ;[origin] = await started.printed(/http:\/\/127\.0\.0\.1:\d+/)
    client = await morning(await started.port())
    await using visitor = await entered({})
    await furnish(visitor.page, place.folder)
    const cookies = new Map((await visitor.page.context().cookies()).map(({ name, value }) => [name, value]))
    const beside = ['/login', '/appliance/first-steps', '/access/test?address=192.0.2.7&user=anna']
    crawled = await crawl({ origin, base: '', cookies }, ['/', ...beside])
    pages = ofEachKind(crawled.filter(({ text }) => text.startsWith('<!doctype html>')))
  })
  after(async () => {
    await client?.[Symbol.asyncDispose]()
    await place?.[Symbol.asyncDispose]()
  })

  const entered = async (look: Parameters<typeof visit>[1]) => {
    const visitor = await visit(origin, look)
    await logIn(visitor)
    return visitor
  }

  it('is looked at on every page there is: the crawl leaves none out', async () => {
    await using it_ = await mounted()
    const { service, shell } = it_
    const host = { basePath: () => '', identify: async () => undefined, loginUrl: () => '', logoutUrl: () => undefined }
    const parts = { service, shell, host: { ...host, present: () => it_.presentation } }
    const routes = PAGES.flatMap((page) => page(parts).stack).filter(({ methods }) => methods.includes('GET'))
    const paths = [...routes.map(({ path }) => String(path)), ...(await shellPaths())]
    expect(paths.length).to.be.above(75)
    const seen = new Set(crawled.map(({ path }) => path.replace(/\?.*/, '')))
    const left = paths.filter((path) => ![...seen].some((one) => pattern(path).test(one)))
    expect(left.filter((path) => !(path in NO_PAGES))).to.deep.equal([])
  })

  // A page is opened once and looked at in every way: opening costs more than looking.
  it('has no barriers that axe-core finds and fits on 360 px, on every page, in both themes', async () => {
    await using visitor = await entered({})
    const found: string[] = []
    for (const { path } of pages) {
      const page = await visitor.open(path)
      const light = await visitor.barriers()
      await page.emulateMedia({ colorScheme: 'dark' })
      // Colours that are on their way from one theme to the other are nobody's.
      await page.evaluate('document.getAnimations().forEach((one) => one.finish())')
      // A theme changes colours; everything else was looked at in the first one.
      const dark = await visitor.barriers(['color-contrast'])
      found.push(...[...light, ...dark].map((barrier) => `${path} ${barrier}`))
      await page.setViewportSize(WHOLE)
      if ((await visitor.overhang()) > 0) found.push(`${path} is too wide`)
      if ((await header(page)) > TWO_LINES) found.push(`${path} has a header of more than two lines`)
      // The size of what is pressed (WCAG 2.2, 2.5.8) is not among what axe-core looks at by itself.
      found.push(...(await visitor.barriers(['target-size'])).map((barrier) => `${path} ${barrier}`))
      await page.setViewportSize(WIDE)
      await page.emulateMedia({ colorScheme: 'light' })
    }
    expect(found.slice(0, 20)).to.deep.equal([])
  })

  it('has no barriers in what a form brings up before it does something dangerous', async () => {
    await using visitor = await entered({ locale: 'ru' })
    const { page } = visitor
    const found: string[] = []
    const look = async (what: string, text: string) => {
      await page.getByText(text).first().waitFor()
      found.push(...(await visitor.barriers()).map((barrier) => `${what} ${barrier}`))
      await page.setViewportSize(NARROW)
      if ((await visitor.overhang()) > 0) found.push(`${what} is too wide`)
      await visitor.picture(`ru-${what}`)
      await page.setViewportSize(WIDE)
    }
    const send = async (path: string, typed: Readonly<Record<string, string>>) => {
      await visitor.open(path)
      for (const [name, value] of Object.entries(typed)) await page.locator(`main [name="${name}"]`).first().fill(value)
      await page.locator('main form button.primary').last().click()
    }
    await send('/access/rules/server/-/import', { text: 'IP,Allow,Description,Expires\n192.0.2.9,0,A kiosk,' })
    await look('rules-preview', '192.0.2.9')
    await send('/appliance/users/import', { text: 'Name,Groups,Enabled\nnewcomer,staff,yes' })
    await look('users-preview', 'newcomer')
    const backup = (await (await page.request.get('/settings/backup/download')).json()) as Backup
    const file = { ...backup, settings: { ...backup.settings, port: 2121 }, resources: backup.resources.slice(1) }
    await visitor.open('/settings/backup')
    const buffer = Buffer.from(JSON.stringify(file))
    await page.locator('input[type=file]').setInputFiles({ name: 'b.json', mimeType: 'application/json', buffer })
    await page.locator('main form button').last().click()
    await look('restore', 'Ресурс: Scans')
    await send('/appliance/system/web', { address: '127.0.0.2' })
    await look('new-place', 'http://127.0.0.2')
    await visitor.open('/appliance/system')
    await look('place-on-trial', 'Новый адрес страниц на испытании')
    await page.getByRole('button', { name: 'Вернуть прежний адрес' }).click()
    await page.getByText('Страницы снова по прежнему адресу.').waitFor()
    expect(found).to.deep.equal([])
  })

  it('fits on 320 and 360 px in Russian, on every page, and no table is cut where there is room', async () => {
    await using visitor = await entered({ locale: 'ru', width: NARROW.width })
    const found: string[] = []
    for (const { path } of pages) {
      const page = await visitor.open(path)
      for (const size of [NARROW, NARROWEST]) {
        await page.setViewportSize(size)
        if ((await visitor.overhang()) > 0 || (await header(page)) > TWO_LINES)
          found.push(`${path} at ${size.width} px`)
      }
      for (const size of [WIDE, ...MIDDLE]) {
        await page.setViewportSize(size)
        if ((await visitor.overhang()) > 0) found.push(`${path} is too wide for ${size.width} px`)
        // The log has long lines, and room for them in the widest window only.
        const mayMove = path.startsWith('/log') && size !== WIDE
        if (!mayMove && (await page.evaluate(SIDEWAYS)))
          found.push(`${path} has a table that has to be moved sideways at ${size.width} px`)
      }
      if (!ALL_PICTURES) continue
      await page.setViewportSize(NARROW)
      await visitor.picture(`ru${path.replaceAll(/[^\w]+/g, '-').slice(0, 60)}`)
    }
    expect(found.slice(0, 20)).to.deep.equal([])
  })

  it('has no barriers on a page that is not there', async () => {
    await using visitor = await entered({})
    await visitor.open('/nowhere')
    expect(await visitor.barriers()).to.deep.equal([])
    expect(visitor.complaints.splice(0)).to.have.length(1)
  })

  it('is written to pictures', async () => {
    for (const theme of THEMES) {
      for (const [name, width] of [
        ['wide', 1280],
        ['narrow', 360],
      ] as const) {
        await using visitor = await entered({ theme, width })
        for (const path of TABS) {
          await visitor.open(path)
          await visitor.picture(`${path === '/' ? 'start' : path.slice(1)}-${theme}-${name}`)
        }
      }
    }
  })
})

interface Backup {
  readonly settings: object
  readonly resources: readonly object[]
}

/** How high the header is. */
async function header(page: Page): Promise<number> {
  return Number(await page.evaluate("document.querySelector('header.top')?.getBoundingClientRect().height ?? 0"))
}

/** Paths of the appliance's own pages that are written out in their sources. */
async function shellPaths(): Promise<readonly string[]> {
  const folder = join(import.meta.dirname, '../../module/shells/embedded/web/pages')
  const texts = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')))
  return texts.flatMap((text) => [...text.matchAll(/router\.get\('(\/appliance[^']*)'/g)].map(([, path]) => path ?? ''))
}

const pattern = (route: string) => new RegExp(`^${route.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+')}$`)

async function logIn(visitor: Visitor): Promise<void> {
  const page = await visitor.open('/login')
  await page.fill('[name=name]', 'admin')
  await page.fill('[name=password]', PASSWORD)
  await page.click('main button.primary')
  await page.waitForURL('**/')
}

/** One page of each kind: days, sessions and people differ in their names only. */
function ofEachKind(pages: readonly Crawled[]): readonly Crawled[] {
  return [...new Map(pages.map((page) => [kindOf(page.path.replace(/\?.*/, '')), page])).values()]
}
