/** Names that try to be more than names, wherever clients or administrators can put one: they show as text and run nowhere. */
import { Readable } from 'node:stream'
import { Client } from 'basic-ftp'
import { expect } from 'chai'
import { RawClient } from '../../raw-client.ts'
import { needsChromium, visit } from '../browser.ts'
import { type Crawled, crawl } from '../crawl.ts'
import { type Mounted, mounted } from '../mounted.ts'

/** What names of users, resources and files may hold. */
const NAMES = {
  markup: '<img src=x onerror=globalThis.ran=1>',
  attribute: '" autofocus onfocus="globalThis.ran=1',
  template: '{{7*7}}',
  formula: "=cmd|' C'!A0",
}
/** What only clients can send: in file names, as a program's name, as a user name that nobody has. */
const SENT = {
  script: '<script>globalThis.ran=1<\u2215script>',
  terminal: '\u001b[31mred\u001b]0;title\u0007',
  direction: '\u202Etxt.exe',
}
const FILE_NAMES = [...Object.values(NAMES), SENT.script, SENT.direction]

const PRESET = {
  enabled: true,
  settings: {
    access: {
      rules: [
        ...[...Object.values(NAMES), ...Object.values(SENT).map((text) => text.replaceAll(/\p{Cc}/gu, ''))].map(
          (note, at) => ({ action: 'deny', mask: `192.0.2.${at}`, note }),
        ),
        { action: 'allow', mask: '*.*.*.*' },
      ],
    },
  },
  users: [
    { name: 'anna', password: 'a password' },
    ...Object.values(NAMES)
      .slice(0, 3)
      .map((name) => ({ name, password: 'a password' })),
  ],
  resources: Object.values(NAMES).map((name, at) => ({
    name,
    description: name,
    folder: at === 0 ? 'a' : name,
    rights: [
      { user: 'anna', level: 'readWrite' },
      { user: NAMES.markup, level: 'read' },
    ],
  })),
  domains: Object.values(NAMES).map((name, at) => ({
    name,
    names: [`domain-${at}.example`],
    resources: [name],
    messages: { greeting: name, welcome: name },
  })),
}

/** Fills the log, and leaves a session behind that has told its name. */
async function filled(it: Mounted): Promise<RawClient> {
  const client = new Client(5000)
  await client.access({ host: '127.0.0.1', port: it.port, user: 'anna', password: 'a password' })
  for (const name of FILE_NAMES) await client.uploadFrom(Readable.from(['x']), `/${NAMES.markup}/${name}`)
  client.close()
  for (const [at, name] of [...Object.values(NAMES), ...Object.values(SENT)].entries()) {
    // Each from an address of its own: who fails again has to wait.
    await using stranger = await RawClient.connect(it.port, { localAddress: `127.0.0.${at + 10}` })
    await stranger.say(`CLNT ${name}`)
    await stranger.say(`USER ${name}`)
    await stranger.say('PASS x')
  }
  for (const [at, name] of [...Object.values(NAMES), ...Object.values(SENT)].entries())
    for (let time = 0; time < 6; time++) it.service.access.hammering.failed(`203.0.113.${at}`, name, 'default')
  const staying = await RawClient.connect(it.port)
  await staying.say(`CLNT ${NAMES.markup}`)
  await staying.login('anna', 'a password')
  await staying.say(`CWD ${NAMES.attribute}`)
  return staying
}

describe('attack: names that are markup, templates, formulas or controls', function () {
  this.timeout(90_000)
  let web: Mounted
  let staying: RawClient
  let pages: readonly Crawled[] = []

  before(async function () {
    needsChromium(this)
    web = await mounted({ preset: PRESET })
    staying = await filled(web)
    pages = (await crawl(web)).filter(({ text, path }) => text !== '' && !path.startsWith('/public/'))
  })
  after(async () => {
    await staying?.[Symbol.asyncDispose]()
    await web?.[Symbol.asyncDispose]()
  })

  it('show on the pages, so that these tests are about something', () => {
    const all = pages.map(({ text }) => text).join('\n')
    expect(all).to.include('&lt;img src=x onerror=globalThis.ran=1&gt;')
    expect(all).to.include('{{7*7}}')
    expect(all).to.include('=cmd|&#39; C&#39;!A0')
  })

  it('are never markup', () => {
    for (const { path, text } of pages) {
      expect(text.match(/<img src=x|<script>globalThis|" autofocus onfocus="globalThis/), path).to.equal(null)
    }
  })

  it('are never templates', () => {
    for (const { path, text } of pages) expect(text, path).to.not.match(/>\s*49\s*</)
  })

  it('bring no control character and no turned direction into a page', () => {
    for (const { path, text } of pages)
      // oxlint-disable-next-line no-control-regex
      expect(text.match(/[\u0000-\u0008\u000b-\u001f\u007f\u202a-\u202e\u2066-\u2069]/), path).to.equal(null)
  })

  it('run nothing in Chromium, on no page, with script', async () => {
    await using visitor = await visit(web.origin)
    for (const { path } of pages) {
      const page = await visitor.open(path)
      const ran: unknown = await page.evaluate(
        "[globalThis.ran, document.querySelectorAll('[onerror], [onfocus], img[src=x], script:not([src])').length]",
      )
      expect(ran, path).to.deep.equal([undefined, 0])
    }
  })

  it('are no formulas in what spreadsheets read', async () => {
    for (const { path } of await crawl(web)) {
      if (!/csv/.test(path)) continue
      const { text } = await web.get(path)
      for (const cell of text.split(/[\r\n,]+/)) expect(cell.replace(/^"/, ''), path).to.not.match(/^[=@+]\w/)
    }
  })
})

describe('attack: a search that keeps the processor busy', () => {
  const searches = [
    'a'.repeat(50_000),
    `${'(a+)+$'.repeat(500)}!`,
    '%'.repeat(10_000),
    '*'.repeat(10_000),
    '['.repeat(5000),
    '\\'.repeat(10_000),
    '_%'.repeat(5000),
    '"'.repeat(9999),
  ]

  for (const path of [
    '/log',
    '/resources',
    '/settings',
    '/activity',
    '/activity/finished',
    '/access',
    '/access/blocked',
  ]) {
    it(`is answered or refused quickly at ${path}`, async () => {
      await using it = await mounted({ preset: PRESET })
      await it.get(path)
      for (const text of searches) {
        const query = encodeURIComponent(text).slice(0, 12_000)
        const began = performance.now()
        const { status } = await it.get(`${path}?search=${query}&q=${query}`)
        expect(performance.now() - began, `${path} ${text.slice(0, 10)}`).to.be.below(500)
        expect(status).to.be.below(500)
      }
    })
  }
})
