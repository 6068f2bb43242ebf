/** Every route there is, found in the routers themselves: none answers nobody, none changes anything for who may only look. */
import { expect } from 'chai'
import { OPERATIONS } from '../../module/web/api/operations.ts'
import { apiRouter } from '../../module/web/api/api.ts'
import type { WebParts } from '../../module/web/parts.ts'
import { PAGES } from '../../module/web/pages.ts'
import { callerWith, caller } from './api/calls.ts'
import { mounted } from './mounted.ts'
import type { Mounted } from './mounted.ts'

interface Route {
  readonly method: string
  /** With something in the place of each parameter. */
  readonly path: string
}

const BASE = '/modules/ftp'
const PRESET = { enabled: false, resources: [{ name: 'Scans', folder: 'scans' }] }

describe('the guards of the pages', () => {
  it('send everybody away from every route who is not logged in', async () => {
    await using it = await mounted({ preset: PRESET })
    it.identity = undefined
    for (const { method, path } of routes(it)) {
      const { status, headers } = await ask(it, method, path)
      const sent = status === 302 ? headers.get('Location') : status
      expect(sent, `${method} ${path}`).to.equal(method === 'GET' ? '/login' : 401)
    }
  })

  it('say in words that nothing was done to who sends a form after the end of a login', async () => {
    await using it = await mounted({ preset: PRESET, presentation: { locale: 'ru' } })
    const body = new URLSearchParams({ to: 'on', _csrf: await it.token() })
    it.identity = undefined
    const html = { Accept: 'text/html,application/xhtml+xml' }
    const answer = await fetch(`${it.origin}/turn`, { method: 'POST', body, headers: html, redirect: 'manual' })
    const text = await answer.text()
    expect(answer.status).to.equal(401)
    expect(text).to.include('Вход завершён').and.include('Отправленное не выполнено').and.include('href="/login"')
    expect(it.service.status().state).to.equal('off')
    // Programs get no page.
    const json = await fetch(`${it.origin}/session`, { headers: { Accept: 'application/json' }, redirect: 'manual' })
    expect([json.status, await json.text()]).to.deep.equal([401, ''])
  })

  it('refuse every route that changes something to who may only look', async () => {
    await using it = await mounted({ preset: PRESET, permission: 'view' })
    const token = await it.token()
    const before = it.service.revision()
    const changing = routes(it).filter(({ method }) => method !== 'GET')
    expect(changing.length).to.be.greaterThan(5)
    for (const { method, path } of changing) {
      const { status, text } = await ask(it, method, path, { _csrf: token })
      expect([status, text.includes('You are not allowed to do this.')], `${method} ${path}`).to.deep.equal([403, true])
    }
    expect(it.service.revision()).to.equal(before)
  })

  it('lead nowhere outside the base path, on no page', async () => {
    await using it = await mounted({ base: BASE, preset: PRESET })
    let pages = 0
    for (const { path } of routes(it).filter(({ method }) => method === 'GET')) {
      const leaving = new AbortController()
      const answer = await fetch(it.origin + BASE + path, { redirect: 'manual', signal: leaving.signal })
      const location = answer.headers.get('Location') ?? BASE
      expect(location.startsWith(BASE) || !location.startsWith('/'), `${path} leads to ${location}`).to.equal(true)
      const html = answer.headers.get('Content-Type')?.startsWith('text/html') === true
      const text = html ? await answer.text() : ''
      leaving.abort()
      if (html) pages += 1
      const links = [...text.matchAll(/\s(?:href|src|action|formaction|hx-[a-z:-]+|data-[a-z-]+)="(\/[^"]*)"/g)]
      const outside = links.map(([, link = '']) => link).filter((link) => !link.startsWith(`${BASE}/`))
      expect(outside, path).to.deep.equal([])
    }
    expect(pages).to.be.greaterThan(5)
  })
})

describe('the guards of the API', () => {
  it('ask everybody for a token at every route, also at those that are not there', async () => {
    await using it = await mounted({ preset: PRESET })
    it.identity = undefined
    const call = callerWith(it, {})
    const found = apiRouter(parts(it)).stack.filter(({ methods }) => methods.length > 0)
    expect(found).to.have.length(OPERATIONS.length)
    for (const { method, path } of [...OPERATIONS, { method: 'get', path: '/nothing' }]) {
      const { status, headers } = await call(method.toUpperCase(), filled(path))
      expect(status, `${method} ${path}`).to.equal(401)
      expect(headers.get('WWW-Authenticate')).to.equal('Bearer realm="FTP module"')
    }
  })

  for (const permission of ['view', 'operate'] as const) {
    it(`refuse to a token that may ${permission} every operation that needs more (permission escalation)`, async () => {
      await using it = await mounted({ preset: PRESET })
      const call = await caller(it, permission)
      const before = it.service.revision()
      const more = OPERATIONS.filter((each) => each.permission === 'manage' || each.permission > permission)
      const needsMore = more.filter((each) => each.permission !== permission && each.permission !== 'view')
      expect(needsMore.length).to.be.greaterThan(5)
      for (const { id, method, path } of needsMore) {
        const { status, json } = await call(method.toUpperCase(), filled(path), method === 'get' ? {} : { body: {} })
        expect([status, json?.status], id).to.deep.equal([403, 403])
      }
      expect(it.service.revision()).to.equal(before)
    })
  }

  it('let nobody change anything who may only look: no operation that changes is open to view', () => {
    const open = OPERATIONS.filter(({ method, permission }) => method !== 'get' && permission === 'view')
    expect(open.map(({ id }) => id)).to.deep.equal([])
  })
})

function parts(it: Mounted): WebParts {
  // Routes are only looked at: nothing asks who is there.
  return { shell: it.shell, service: it.service } as unknown as WebParts
}

function routes(it: Mounted): readonly Route[] {
  return PAGES.flatMap((page) => page(parts(it)).stack).flatMap(({ methods, path }) =>
    methods.filter((method) => method !== 'HEAD').map((method) => ({ method, path: filled(String(path)) })),
  )
}

/** A path whose parameters are something that is there, or might be. */
function filled(path: string): string {
  return path.replaceAll(/:name\b|\{name\}/g, 'Scans').replaceAll(/:\w+(?:\([^)]*\))?|\{\w+\}/g, 'x')
}

async function ask(it: Mounted, method: string, path: string, fields: Readonly<Record<string, string>> = {}) {
  const leaving = new AbortController()
  const body = method === 'GET' ? {} : { body: new URLSearchParams(fields) }
  const request = {
    method,
    redirect: 'manual' as const,
    signal: leaving.signal,
    headers: { Accept: 'text/html' },
    ...body,
  }
  const answer = await fetch(it.origin + it.base + path, request)
  const html = answer.headers.get('Content-Type')?.startsWith('text/html') === true
  const text = html ? await answer.text() : ''
  leaving.abort()
  return { status: answer.status, headers: answer.headers, text }
}
