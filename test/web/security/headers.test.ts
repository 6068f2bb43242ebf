/** What every answer forbids the browser: inline script, foreign frames, guessing of types, telling of addresses. */
import { expect } from 'chai'
import { type Crawled, crawl } from '../crawl.ts'
import { mounted } from '../mounted.ts'

const POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors "

/** Places that answer with something else than a page. */
const BESIDES = ['/nowhere', '/public/style.css', '/public/%2e%2e/package.json', '/log?day=nonsense']

const PRESET = { resources: [{ name: 'Scans', folder: 'scans' }], users: [{ name: 'anna', password: 'a password' }] }

describe('attack: script in a page', function () {
  this.timeout(60_000)
  let pages: readonly Crawled[] = []

  before(async () => {
    await using it = await mounted({ preset: PRESET })
    pages = await crawl(it, ['/', ...BESIDES])
  })

  it('runs nowhere, since each answer carries the policy without inline script and style', () => {
    expect(pages.length).to.be.above(BESIDES.length + 4)
    for (const { path, headers } of pages) {
      expect(headers.get('content-security-policy'), path).to.equal(`${POLICY}'none'`)
    }
  })

  it('is not needed: no page has a script, a style or a handler of its own', () => {
    for (const { path, text } of pages) {
      expect(
        text.match(/<script(?![^>]*\ssrc=)[^>]*>|<style\b|\sstyle=|\son\w+\s*=|javascript:|\shx-on/gi),
        path,
      ).to.equal(null)
    }
  })

  it('cannot come in as another type of file', () => {
    for (const { path, headers } of pages) expect(headers.get('x-content-type-options'), path).to.equal('nosniff')
  })

  it('learns no address from a link to another site', () => {
    for (const { path, headers } of pages) expect(headers.get('referrer-policy'), path).to.equal('same-origin')
  })

  it('finds no page in a cache', () => {
    for (const { path, headers, text } of pages) {
      if (text !== '') expect(headers.get('cache-control'), path).to.match(/no-store|no-cache/)
    }
  })
})

describe('attack: our page in a foreign frame', () => {
  for (const [embed, frames] of [
    ['page', "'none'"],
    ['frame', "'self'"],
    ['fragment', "'self'"],
  ] as const) {
    it(`is stopped where the shell shows us as a ${embed}`, async () => {
      await using it = await mounted({ presentation: { embed } })
      expect((await it.get('/')).headers.get('content-security-policy')).to.equal(POLICY + frames)
    })
  }
})

describe('attack: a cookie that script or another site can use', () => {
  it('is not set: our cookies are HttpOnly, SameSite=Strict and bound to the base path', async () => {
    await using it = await mounted({ base: '/modules/ftp', preset: { enabled: false } })
    const { headers } = await it.post('/turn', { to: 'on' })
    const cookies = headers.getSetCookie()
    expect(cookies).to.have.length.above(0)
    for (const cookie of cookies) {
      expect(cookie)
        .to.match(/;\s*httponly/i)
        .and.match(/;\s*samesite=strict/i)
        .and.match(/;\s*path=\/modules\/ftp\//i)
    }
  })
})

describe('attack: a path that leads out of the folder of public files', () => {
  for (const path of [
    '/public/../package.json',
    '/public/..%2fpackage.json',
    '/public/%2e%2e%2fpackage.json',
    '/public/...',
    '/public/',
    '/public/style.css%00.js',
  ]) {
    it(`finds nothing at ${path}`, async () => {
      await using it = await mounted()
      const { status, text } = await it.get(path)
      expect(status).to.equal(404)
      expect(text).to.not.include('dependencies')
    })
  }
})
