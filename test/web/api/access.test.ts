/** Access control through the API: the same care as on the pages, a word to confirm with and a trial that can be confirmed. */
import { expect } from 'chai'
import { fakeTiming } from '../../access/fake-timing.ts'
import { rules } from '../../access/rules.ts'
import { capped } from '../../cap.ts'
import { mounted, type Mounted } from '../mounted.ts'
import { caller } from './calls.ts'

const OTHERS = rules('allow *.*.*.*', 'allow *:*')
const SHUT = rules('deny 127.0.0.0/8', 'allow *.*.*.*')
const masks = (it: Mounted) => it.service.settings().settings.access.rules.map(({ mask }) => mask)

describe('access control in the API', () => {
  for (const [name, method, path, body] of [
    ['a list', 'PUT', '/rules/server/-', { rules: SHUT }],
    ['a rule', 'POST', '/rules/server/-', { rule: SHUT[0], number: 1 }],
    ['a file', 'POST', '/rules/server/-/import', { csv: 'IP,Allow\n192.0.2.1,1\n', mode: 'replace', dryRun: false }],
    ['a patch of the settings', 'PATCH', '/settings', { access: { rules: SHUT } }],
  ] as const) {
    it(`asks for a word before ${name} shuts out the caller, and undoes it unless it is confirmed`, async () => {
      const timing = fakeTiming()
      await using it = await mounted({ preset: { settings: { access: { rules: OTHERS } } }, instruments: { timing } })
      const call = await caller(it)
      const refused = await call(method, path, { body })
      expect([refused.status, refused.json.detail]).to.deep.equal([
        409,
        'These rules would shut out your own address 127.0.0.1. To apply them all the same, confirm with "127.0.0.1".',
      ])
      expect(masks(it)).to.deep.equal(['*.*.*.*', '*:*'])
      const patch = method === 'PATCH'
      const said = patch ? { body } : { body: { ...body, confirm: '127.0.0.1' } }
      const applied = await call(method, patch ? `${path}?confirm=127.0.0.1` : path, said)
      expect(applied.status, applied.text).to.equal(200)
      const { json } = await call('GET', '/trial')
      expect(json).to.deep.include({ running: true, secondsLeft: 60, places: [{ level: 'server', name: '' }] })
      const back = new Promise<void>((resolve) => {
        const look = () => it.audited.some(({ event }) => event === 'access.rolled-back') && resolve()
        it.service.subscribe(() => setImmediate(look))
      })
      timing.pass(60)
      await capped(back, 'the rules to be put back')
      expect(masks(it)).to.deep.equal(['*.*.*.*', '*:*'])
    })
  }

  it('asks before a domain that is replaced as a whole brings rules that shut out the caller', async () => {
    const domains = [{ id: 'shop', name: 'Shop', names: ['shop.example'] }]
    await using it = await mounted({ preset: { domains } })
    const call = await caller(it)
    const body = { name: 'Shop', names: ['shop.example'], access: { rules: SHUT } }
    expect((await call('PUT', '/domains/shop', { body })).status).to.equal(409)
    expect(it.service.settings().domains[0]?.access.rules).to.deep.equal([])
    const { status, json } = await call('PUT', '/domains/shop?confirm=127.0.0.1', { body })
    expect([status, json.access.rules.length]).to.deep.equal([200, 2])
    const trial = await call('GET', '/trial')
    expect(trial.json).to.deep.include({ running: true, places: [{ level: 'domain', name: 'shop' }] })
    expect(
      (await call('POST', '/domains', { body: { ...body, name: 'New', names: ['new.example'] } })).status,
    ).to.equal(201)
  })

  it('asks before a backup of other days shuts out the caller', async () => {
    await using it = await mounted({ preset: { settings: { access: { rules: SHUT } } } })
    const call = await caller(it)
    const { json: body } = await call('GET', '/backup')
    await it.service.change({ settings: { access: { rules: OTHERS } } }, 'olga')
    expect((await call('POST', '/restore?dryRun=true', { body })).status).to.equal(200)
    expect((await call('POST', '/restore', { body })).status).to.equal(409)
    expect(masks(it)).to.deep.equal(['*.*.*.*', '*:*'])
    expect((await call('POST', '/restore?confirm=127.0.0.1', { body })).status).to.equal(200)
    expect(masks(it)).to.deep.equal(['127.0.0.0/8', '*.*.*.*'])
    expect((await call('GET', '/trial')).json.running).to.equal(true)
  })

  it('keeps a trial that is confirmed, undoes one that is not wanted, and says when there is none', async () => {
    await using it = await mounted()
    const call = await caller(it)
    expect((await call('POST', '/trial/confirm')).status).to.equal(404)
    await call('PUT', '/rules/server/-', { body: { rules: OTHERS, trial: true } })
    expect((await call('POST', '/trial/confirm')).status).to.equal(204)
    await call('DELETE', '/rules/server/-/2?trial=true')
    expect(masks(it)).to.deep.equal(['*.*.*.*'])
    expect((await call('POST', '/trial/undo')).status).to.equal(204)
    expect(masks(it)).to.deep.equal(['*.*.*.*', '*:*'])
  })

  it('changes no list that has changed since it was read', async () => {
    await using it = await mounted({ preset: { settings: { access: { rules: OTHERS } } } })
    const call = await caller(it)
    const etag = (await call('GET', '/rules/server/-')).headers.get('ETag') ?? ''
    await call('POST', '/rules/server/-', { body: { rule: rules('deny 192.0.2.1')[0], number: 1 } })
    const late = await call('PUT', '/rules/server/-', { body: { rules: [] }, headers: { 'If-Match': etag } })
    expect(late.status).to.equal(412)
    expect(masks(it)).to.deep.equal(['192.0.2.1', '*.*.*.*', '*:*'])
  })

  it('blocks nobody by an own address in a network, for minutes and for good, without the word', async () => {
    await using it = await mounted()
    const call = await caller(it)
    for (const more of [{ minutes: 5 }, {}]) {
      expect((await call('POST', '/bans', { body: { mask: '127.0.0.0/8', ...more } })).status).to.equal(409)
    }
    expect(it.service.access.bans.count).to.equal(0)
    expect((await call('POST', '/bans', { body: { mask: '203.0.113.0-24', minutes: 5 } })).status).to.equal(204)
    const { json } = await call('GET', '/bans?search=203.0.113.9')
    expect([json.total, json.bans[0].subject, json.bans[0].expiresIn]).to.deep.equal([1, '203.0.113.0-24', 300])
  })

  it('refuses to change anything for tokens that may only look, and to block for those that may operate', async () => {
    await using it = await mounted()
    const [view, operate] = [await caller(it, 'view'), await caller(it, 'operate')]
    expect((await view('POST', '/bans/lift-all')).status).to.equal(403)
    expect((await operate('POST', '/bans', { body: { mask: '203.0.113.9' } })).status).to.equal(403)
    expect((await operate('POST', '/trial/confirm')).status).to.equal(403)
    expect((await operate('POST', '/bans/lift-all')).json).to.deep.equal({ lifted: 0 })
  })
})
