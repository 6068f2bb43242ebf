/** Changes that somebody else asks for in the administrator's name. */
import { expect } from 'chai'
import { crawl, forms } from '../crawl.ts'
import { type Mounted, mounted } from '../mounted.ts'

const PRESET = {
  enabled: false,
  users: [{ name: 'anna', password: 'a password' }],
  resources: [{ name: 'Scans', folder: 'scans', rights: [{ user: 'anna', level: 'read' }] }],
}

/** Everything that a change could have changed. */
const state = async (it: Mounted) =>
  JSON.stringify([it.service.settings(), it.service.status().state, await it.shell.users.list()])

const turn = async (it: Mounted, body: string | URLSearchParams, headers: Record<string, string>) =>
  (await fetch(`${it.origin}/turn`, { method: 'POST', body, headers, redirect: 'manual' })).status

const form = async (it: Mounted) => new URLSearchParams({ to: 'on', _csrf: await it.token() })

describe('attack: cross-site request forgery', function () {
  this.timeout(60_000)

  const attempts: readonly [string, (it: Mounted) => Promise<number>][] = [
    ['a form on another site', async (it) => turn(it, await form(it), { 'Sec-Fetch-Site': 'cross-site' })],
    [
      'a form on another host of the same site',
      async (it) => turn(it, await form(it), { 'Sec-Fetch-Site': 'same-site' }),
    ],
    ['a request of another origin', async (it) => turn(it, await form(it), { Origin: 'https://evil.example' })],
    [
      'a request of the same host on another port',
      async (it) => turn(it, await form(it), { Origin: 'http://127.0.0.1:1' }),
    ],
    ['a request of an opaque origin', async (it) => turn(it, await form(it), { Origin: 'null' })],
    ['a form without a token', (it) => turn(it, new URLSearchParams({ to: 'on' }), {})],
    ['a form with an empty token', (it) => turn(it, new URLSearchParams({ to: 'on', _csrf: '' }), {})],
    ['two tokens', async (it) => turn(it, new URLSearchParams([...(await form(it)), ['_csrf', 'x']]), {})],
    ['JSON that is sent as plain text', (it) => turn(it, '{"to":"on"}', { 'Content-Type': 'text/plain' })],
    ['JSON without a token', (it) => turn(it, '{"to":"on"}', { 'Content-Type': 'application/json' })],
  ]
  for (const [name, attempt] of attempts) {
    it(`changes nothing by ${name}`, async () => {
      await using it = await mounted({ preset: PRESET })
      expect(await attempt(it)).to.be.oneOf([403, 415])
      expect(it.service.status().state).to.equal('off')
    })
  }

  it('changes nothing with the token of another login', async () => {
    await using it = await mounted({ preset: PRESET })
    const stolen = await form(it)
    it.identity = { name: 'root', permission: 'manage', sessionId: 'two' }
    expect(await turn(it, stolen, {})).to.equal(403)
  })

  it('finds no form anywhere that does without the token', async () => {
    await using it = await mounted({ preset: PRESET })
    const before = await state(it)
    const found = (await crawl(it)).flatMap((page) => forms(page, it))
    expect(found.length).to.be.above(3)
    for (const { action, fields } of found) {
      expect(fields, action).to.have.property('_csrf')
      const body = new URLSearchParams({ ...fields, _csrf: 'guessed' })
      const { status } = await fetch(it.origin + it.base + action, { method: 'POST', body, redirect: 'manual' })
      expect(status, action).to.equal(403)
    }
    expect(await state(it)).to.equal(before)
  })
})

describe('attack: a link that changes something', function () {
  this.timeout(60_000)

  it('finds no page that changes anything by GET', async () => {
    await using it = await mounted({ preset: PRESET })
    const before = await state(it)
    const pages = await crawl(it)
    const actions = pages.flatMap((page) =>
      forms(page, it).map(({ action, fields }) => `${action}?${new URLSearchParams(fields).toString()}`),
    )
    await crawl(it, actions)
    expect(await state(it)).to.equal(before)
  })

  it('finds no page that fails', async () => {
    await using it = await mounted({ preset: PRESET })
    for (const { path, status } of await crawl(it)) expect(status, path).to.be.below(400)
  })
})

describe('attack: a change by somebody who may only look', function () {
  this.timeout(60_000)

  it('is refused for every form that an administrator has', async () => {
    await using it = await mounted({ preset: PRESET })
    const found = (await crawl(it)).flatMap((page) => forms(page, it))
    const before = await state(it)
    it.identity = { name: 'guest', permission: 'view', sessionId: 'two' }
    for (const { action, fields } of found) {
      const { status } = await it.post(action, fields)
      expect(status, action).to.be.oneOf([403, 404])
    }
    expect(await state(it)).to.equal(before)
  })

  it('is not even offered: no page has a form for them', async () => {
    await using it = await mounted({ preset: PRESET, permission: 'view' })
    for (const page of await crawl(it))
      expect(
        forms(page, it).filter(({ sendable }) => sendable),
        page.path,
      ).to.deep.equal([])
  })

  it('is refused without a login, with no page behind it', async () => {
    await using it = await mounted({ preset: PRESET })
    const paths = (await crawl(it)).map(({ path }) => path).filter((path) => !path.startsWith('/public/'))
    it.identity = undefined
    for (const path of paths) {
      const { status, text } = await it.get(path)
      expect(status, path).to.be.oneOf([302, 303, 401])
      expect(text, path).to.not.include('_csrf')
    }
  })
})
