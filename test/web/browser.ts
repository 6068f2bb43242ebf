/** Debian's Chromium as the tests use it: one for each test file, a visitor with cookies of its own for each test. */
import { mkdir } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import type { Context } from 'mocha'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { atTheEnd } from '../hooks.ts'
import { needs } from '../real-clients.ts'

/** What differs between visitors. */
export interface Look {
  /** What the browser asks for; `en` unless said. */
  readonly locale?: 'en' | 'ru'
  /** What the system prefers. */
  readonly theme?: 'light' | 'dark'
  /** CSS pixels; 1280 unless said. */
  readonly width?: number
  readonly javaScript?: boolean
}

const EXECUTABLE = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const SCREENSHOTS = fileURLToPath(new URL('../screenshots', import.meta.url))
const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

let launched: Promise<Browser> | undefined

/** Ends Chromium; only who is no test has to. */
export async function closeBrowser(): Promise<void> {
  const ending = launched
  launched = undefined
  await (await ending)?.close()
}

function launch(): Promise<Browser> {
  atTheEnd(closeBrowser)
  return chromium.launch({ executablePath: EXECUTABLE, args: QUIET })
}

/** In `before(function () …)`: leaves the suite out, loudly, where there is no Chromium; with CI=true that is a failure. */
export function needsChromium(context: Context): void {
  if (process.env['CHROMIUM'] === undefined) needs(context, 'chromium')
}

/** A visitor of the pages at an origin such as `http://127.0.0.1:8080`. Dispose of it with `await using`. */
export async function visit(origin: string, look: Look = {}): Promise<Visitor> {
  launched ??= launch()
  const { locale = 'en', theme = 'light', width = 1280, javaScript = true } = look
  const context = await (
    await launched
  ).newContext({
    baseURL: origin,
    locale: locale === 'ru' ? 'ru-RU' : 'en-GB',
    timezoneId: 'UTC',
    colorScheme: theme,
    viewport: { width, height: width < 600 ? 740 : 800 },
    javaScriptEnabled: javaScript,
    ignoreHTTPSErrors: true,
  })
  context.setDefaultTimeout(8000)
  return new Visitor(context, await context.newPage())
}

/** A page of the browser; what it complains of in the console fails the test at the end of its scope. */
export class Visitor implements AsyncDisposable {
  readonly page: Page
  readonly complaints: string[] = []
  readonly #context: BrowserContext

  constructor(context: BrowserContext, page: Page) {
    this.#context = context
    this.page = page
    page.on('pageerror', (error) => this.complaints.push(`${page.url()}: ${error.stack ?? error.message}`))
    page.on('console', (message) => {
      // A form that is refused is answered with 422, or asks with 409, which Chromium reports as if it were a fault.
      const refusal = /^Failed to load resource: .* status of (?:409|422)/.test(message.text())
      if (message.type() === 'error' && !refusal) this.complaints.push(`${page.url()}: ${message.text()}`)
    })
  }

  async open(path: string): Promise<Page> {
    await this.page.goto(path, { waitUntil: 'domcontentloaded' })
    return this.page
  }

  /** What axe-core finds wrong on the page as it is now, one line each; `rules` are all that it looks at by itself unless some are named. */
  async barriers(rules?: readonly string[]): Promise<readonly string[]> {
    await this.#styled()
    await this.page.evaluate(AXE)
    return this.page.evaluate(async (only) => {
      const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<{ violations: Violation[] }> } }
      const { violations } = await axe.run({
        resultTypes: ['violations'],
        ...(only && { runOnly: only }),
      })
      return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`))
      interface Violation {
        readonly id: string
        readonly nodes: readonly { readonly html: string }[]
      }
    }, rules)
  }

  /** How many CSS pixels of the page lie beyond the right edge of the window. */
  async overhang(): Promise<number> {
    await this.#styled()
    // The text runs in the browser, whose types these tests do not know.
    return this.page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
  }

  /** A busy machine may bring the styles of a page later than its text. */
  #styled(): Promise<void> {
    return this.page.waitForLoadState('load')
  }

  /** Puts a picture of the whole page into test/screenshots, for people. */
  async picture(name: string): Promise<void> {
    await mkdir(SCREENSHOTS, { recursive: true })
    const { width = 1280, height = 800 } = this.page.viewportSize() ?? {}
    // What keeps to the lower edge of the window belongs to the lower edge of the picture.
    const whole = Number(await this.page.evaluate('document.documentElement.scrollHeight'))
    await this.page.setViewportSize({ width, height: Math.max(height, whole) })
    await this.page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true })
    await this.page.setViewportSize({ width, height })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close()
    expect(this.complaints, 'complaints of the browser').to.deep.equal([])
  }
}
