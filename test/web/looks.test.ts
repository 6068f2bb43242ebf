/** Every page as people see it: both themes, wide and narrow, both languages. Pictures go to test/screenshots. */
import { expect } from 'chai'
import type { RawClient } from '../raw-client.ts'
import { Place } from '../start/started.ts'
import { needsChromium, visit, type Visitor } from './browser.ts'
import { type Crawled, crawl, kindOf } from './crawl.ts'
import { morning, OFFICE, PASSWORD } from './office.ts'

const TABS = ['/', '/activity', '/resources', '/access', '/settings', '/log'] as const
const THEMES = ['light', 'dark'] as const
const WIDE = { width: 1280, height: 800 }
const NARROW = { width: 360, height: 740 }

describe('the look of the pages', function () {
  this.timeout(240_000)
  let place: Place
  let client: RawClient
  let origin = ''
  let pages: readonly Crawled[] = []

  before(async function () {
    needsChromium(this)
    place = await Place.make()
    const started = await place.start(OFFICE, [], { FTP_MODULE_WEB_PORT: '0' })
    ;[origin] = await started.printed(/http:\/\/127\.0\.0\.1:\d+/)
    client = await morning(await started.port())
    await using visitor = await entered({})
    const cookies = new Map((await visitor.page.context().cookies()).map(({ name, value }) => [name, value]))
    const found = await crawl({ origin, base: '', cookies }, ['/', '/login'])
    pages = ofEachKind(found.filter(({ text }) => text.startsWith('<!doctype html>')))
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
      await page.setViewportSize(NARROW)
      if ((await visitor.overhang()) > 0) found.push(`${path} is too wide`)
      await page.setViewportSize(WIDE)
      await page.emulateMedia({ colorScheme: 'light' })
    }
    expect(found.slice(0, 20)).to.deep.equal([])
  })

  it('fits on 360 px in Russian, on every page', async () => {
    await using visitor = await entered({ locale: 'ru', width: NARROW.width })
    const found: string[] = []
    for (const { path } of pages) {
      await visitor.open(path)
      if ((await visitor.overhang()) > 0) found.push(path)
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
