/** Blocked addresses: the list, blocking by hand, lifting; and anti-hammering, whose numbers stand beside it. */
import { expect } from 'chai'
import { systemClock } from '../../module/access/clock.ts'
import { mounted, type Mounted } from './mounted.ts'

const plain = (html: string) => html.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ')
const words = async (it: Mounted, path: string) => plain((await it.get(path)).text)
const subjects = (it: Mounted) => it.service.access.bans.rows().map(({ subject }) => subject)

/** Six wrong passwords, as the gate counts them. */
function guess(it: Mounted, address: string, user: string): void {
  for (let time = 0; time < 6; time++) it.service.access.hammering.failed(address, user, 'default')
}

describe('the page of blocked addresses', () => {
  it('says that nobody is blocked, and what blocks', async () => {
    await using it = await mounted()
    expect(await words(it, '/access/blocked')).to.include('No address is blocked now.')
    expect(await words(it, '/access/blocked')).to.include('6 failed logins within 300 s block their address for 30 min')
  })

  it('lists who guessed, with reason, last name, count and time left, and lifts the ban', async () => {
    await using it = await mounted()
    guess(it, '203.0.113.9', 'administrator')
    const text = await words(it, '/access/blocked')
    expect(text)
      .to.include('203.0.113.9 whole server 6 failed logins administrator')
      .and.match(/(29|30) min \d+ s/)
    await it.post('/access/blocked/lift', { id: 'failures 203.0.113.9' })
    expect(subjects(it)).to.deep.equal([])
    expect(await words(it, '/access/blocked')).to.include('203.0.113.9 may come in again.')
    expect(it.audited.filter(({ event }) => event === 'access.lifted')).to.have.length(1)
    await it.post('/access/blocked/lift', { id: 'failures 203.0.113.9' })
    expect(await words(it, '/access/blocked')).to.include('was over already')
  })

  it('blocks a network by hand for minutes, after showing how many addresses it is', async () => {
    await using it = await mounted()
    guess(it, '203.0.113.9', 'root')
    const form = await it.get('/access/blocked/ban?network=203.0.113.9')
    expect(form.text).to.include('value="203.0.113.0/24"')
    expect(plain(form.text)).to.include('256 addresses: 203.0.113.0 – 203.0.113.255')
    await it.post('/access/blocked/ban', { mask: '203.0.113.0/24', end: 'minutes', minutes: '90', note: 'botnet' })
    expect(await words(it, '/access/blocked'))
      .to.include('by hand, root botnet')
      .and.include('1 h 30 min')
    expect((await it.get('/access/blocked/ban?network=2001:db8:1:2::/64')).text).to.include('value="2001:db8:1::/48"')
  })

  it('blocks for good by a deny rule, which does not deny everybody on an empty list', async () => {
    await using it = await mounted()
    await it.post('/access/blocked/ban', { mask: '203.0.113.9', end: 'good', note: 'spammer' })
    const rules = it.service.settings().settings.access.rules.map(({ action, mask }) => `${action} ${mask}`)
    expect(rules).to.deep.equal(['deny 203.0.113.9', 'allow *.*.*.*', 'allow *:*'])
    expect(subjects(it)).to.deep.equal([])
  })

  it('blocks in one domain alone', async () => {
    await using it = await mounted({ preset: { domains: [{ id: 'shop', name: 'Shop', names: ['shop.example'] }] } })
    await it.post('/access/blocked/ban', { mask: '203.0.113.9', end: 'minutes', minutes: '5', domain: 'shop' })
    expect(await words(it, '/access/blocked')).to.include('203.0.113.9 Shop by hand')
    await it.post('/access/blocked/ban', { mask: '203.0.113.9', end: 'good', domain: 'shop' })
    expect(it.service.settings().domains[0]?.access.rules[0]?.mask).to.equal('203.0.113.9')
  })

  it('keeps what was typed where it is no mask, no time or a name, and says why', async () => {
    await using it = await mounted()
    for (const [fields, error] of [
      [{ mask: '203.0.113', minutes: '5' }, 'An IPv4 mask has four parts'],
      [{ mask: '203.0.113.9', minutes: '0' }, 'Must be a whole number from 1 to 43200'],
      [{ mask: '203.0.113.9', minutes: '1e3' }, 'Must be a whole number from 1 to 43200'],
      [{ mask: '*.example.com', minutes: '5' }, 'Only addresses can be banned for a time'],
    ] as const) {
      const { status, text } = await it.post('/access/blocked/ban', { end: 'minutes', ...fields })
      expect([status, plain(text).includes(error)], error).to.deep.equal([422, true])
      expect(text).to.include(`value="${fields.mask}"`)
    }
    expect(subjects(it)).to.deep.equal([])
  })

  it('asks before it blocks the own address, for minutes and for good', async () => {
    await using it = await mounted()
    for (const end of ['minutes', 'good']) {
      const fields = { mask: '127.0.0.0/8', end, minutes: '5' }
      const asked = await it.post('/access/blocked/ban', fields)
      expect([asked.status, plain(asked.text).includes('Your own address 127.0.0.1')], end).to.deep.equal([409, true])
      expect((await it.post('/access/blocked/ban', { ...fields, confirm: '127.0.0.1' })).status, end).to.equal(303)
    }
    expect(subjects(it)).to.deep.equal(['127.0.0.0/8'])
    expect(it.service.rules.trial?.by).to.equal('root')
  })

  it('lifts all at once, after asking how many', async () => {
    await using it = await mounted()
    for (const address of ['203.0.113.9', '203.0.113.10']) guess(it, address, 'root')
    it.service.access.bans.banMask({ mask: '198.51.100.0/24', minutes: 5, by: 'root' })
    expect(await words(it, '/access/blocked/lift-all')).to.include('Lift all 3 blocks?')
    await it.post('/access/blocked/lift-all')
    expect(subjects(it)).to.deep.equal([])
  })

  it('finds one among a hundred thousand, page by page on the server, also by an address that a network holds', async () => {
    await using it = await mounted()
    const until = systemClock.monotonic() + 3_600_000
    for (let at = 0; at < 100_000; at++) {
      const origin = `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`
      const ban = { origin, until: until + at, since: Date.now(), failures: 6, times: 1, user: `user${at}` }
      it.service.access.bans.banOrigin({ ...ban, domain: 'default' })
    }
    it.service.access.bans.banMask({ mask: '203.0.113.0/24', minutes: 5, by: 'root' })
    const { text } = await it.get('/access/blocked?page=1001')
    expect([...text.matchAll(/data-left=/g)]).to.have.length(1)
    expect(plain(text))
      .to.include('100,001 addresses or networks')
      .and.include('of 1,001')
      .and.include('203.0.113.0/24')
    expect(await words(it, '/access/blocked?q=user77777'))
      .to.include('10.1.47.209')
      .and.include('1 address or network')
    expect(await words(it, '/access/blocked?q=203.0.113.77')).to.include('203.0.113.0/24')
    it.service.access.bans.liftAutomatic()
  })

  it('stops a name that an attacker made up to look like a page: it is text', async () => {
    await using it = await mounted()
    guess(it, '203.0.113.9', '<img src=x onerror=alert(1)>\u001b[31m')
    const { text } = await it.get('/access/blocked')
    expect(text).to.include('&lt;img').and.not.include('<img')
  })

  it('stops a forged lift: a form without the token, and one of another site', async () => {
    await using it = await mounted()
    guess(it, '203.0.113.9', 'root')
    const body = new URLSearchParams({ id: 'failures 203.0.113.9' })
    const sent = async (headers: Record<string, string>, more: Record<string, string> = {}) =>
      (
        await fetch(`${it.origin}/access/blocked/lift`, {
          method: 'POST',
          body: new URLSearchParams({ ...Object.fromEntries(body), ...more }),
          headers,
          redirect: 'manual',
        })
      ).status
    expect(await sent({})).to.equal(403)
    expect(await sent({ Origin: 'https://evil.example' }, { _csrf: await it.token() })).to.equal(403)
    expect(subjects(it)).to.deep.equal(['203.0.113.9'])
  })

  it('lets an operator lift, and block nobody', async () => {
    await using it = await mounted({ permission: 'operate' })
    guess(it, '203.0.113.9', 'root')
    expect((await it.get('/access/blocked')).text).to.not.include('/access/blocked/ban"')
    expect(
      (await it.post('/access/blocked/ban', { mask: '203.0.113.1', end: 'minutes', minutes: '5' })).status,
    ).to.equal(403)
    await it.post('/access/blocked/lift', { id: 'failures 203.0.113.9' })
    expect(subjects(it)).to.deep.equal([])
  })
})

describe('the page of anti-hammering', () => {
  it('says what its numbers mean, takes them over at once and refuses what is impossible', async () => {
    await using it = await mounted()
    const { text } = await it.get('/access/hammering')
    expect(plain(text))
      .to.include('Leave room for typing errors')
      .and.include('Block addresses of the local network too')
    const [, revision = ''] = /name="_revision" value="([^"]+)"/.exec(text) ?? []
    const typed = {
      _revision: revision,
      _was: '{}',
      'access.hammering.enabled': 'on',
      'access.hammering.failures': '2',
      'access.hammering.seconds': '60',
      'access.hammering.minutes': '5',
    }
    expect((await it.post('/access/hammering', { ...typed, 'access.hammering.failures': '0' })).status).to.equal(422)
    expect((await it.post('/access/hammering', typed)).status).to.equal(303)
    expect(it.service.access.hammering.failed('203.0.113.9', 'root', 'default').bannedMinutes).to.equal(undefined)
    expect(it.service.access.hammering.failed('203.0.113.9', 'root', 'default').bannedMinutes).to.equal(5)
  })
})
