/** The tab "Access": rule lists, their form, the test box, and what asks before it shuts out. */
import { expect } from 'chai'
import { fakeTiming } from '../access/fake-timing.ts'
import { rules } from '../access/rules.ts'
import { mounted, type Mounted } from './mounted.ts'

const LIST = '/access/rules/server/-'
const OTHERS = ['allow *.*.*.*', 'allow *:*']

const withRules = (...lines: string[]) => ({ settings: { access: { rules: rules(...lines) } } })

/** The state of the list that a form of the page would send. */
async function revision(it: Mounted, page = '/access'): Promise<string> {
  const path = page === '/access' ? `${LIST}/rule` : `${page}/rule`
  const [, found = ''] = /name="revision" value="([^"]+)"/.exec((await it.get(path)).text) ?? []
  return found
}

async function send(it: Mounted, action: string, fields: Readonly<Record<string, string>>, list = LIST) {
  const answer = await it.post(`${list}/${action}`, {
    revision: await revision(it, list === LIST ? '/access' : list),
    ...fields,
  })
  return { ...answer, words: plain(answer.text) }
}

const plain = (html: string) => html.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ')
const words = async (it: Mounted, path: string) => plain((await it.get(path)).text)
const masks = (it: Mounted) =>
  it.service.settings().settings.access.rules.map(({ action, mask }) => `${action} ${mask}`)

describe('the page of access rules', () => {
  it('says what an empty list means, and what the first rule changes', async () => {
    await using it = await mounted()
    expect(await words(it, '/access'))
      .to.include('clients may connect from every address')
      .and.include('With the first rule')
  })

  it('shows what each rule holds, which is never reached and by which, and the end that no rule says', async () => {
    const preset = withRules(
      'deny 192.0.2.0-24',
      'deny 192.0.2.7',
      ...OTHERS,
      'allow 10.0.0.0/8 until 2020-01-01T00:00:00Z',
    )
    await using it = await mounted({ preset })
    const text = await words(it, '/access')
    expect(text).to.include('25 addresses: 192.0.2.0 – 192.0.2.24')
    expect(text).to.include('Never reached: rule 1 takes all its addresses')
    expect(text)
      .to.include('expired')
      .and.include('Remove 1 expired rule')
      .and.include('Every other address, without a rule')
    await send(it, 'expired', {})
    expect(masks(it)).to.have.length(4)
  })

  it('says that nobody gets in, and lets all others in with one button', async () => {
    await using it = await mounted({ preset: withRules('deny 192.0.2.0-24') })
    expect(await words(it, '/access')).to.include('Nobody gets in')
    await send(it, 'everybody', {})
    expect(masks(it)).to.deep.equal(['deny 192.0.2.0-24', ...OTHERS])
    expect(await words(it, '/access')).to.not.include('Nobody gets in')
  })

  it('adds, changes, moves and deletes rules', async () => {
    await using it = await mounted({ preset: withRules(...OTHERS) })
    const added = await send(it, 'rule', {
      action: 'deny',
      mask: '192.0.2.0-24',
      note: 'Kiosks',
      position: '1',
      expires: '2099-12-31T18:00',
    })
    expect(added.status).to.equal(303)
    expect(it.service.settings().settings.access.rules[0]).to.deep.equal({
      action: 'deny',
      mask: '192.0.2.0-24',
      note: 'Kiosks',
      expires: '2099-12-31T18:00:00.000Z',
    })
    await send(it, 'rule', { at: '0', action: 'deny', mask: '192.0.2.0/24', note: '', position: '2' })
    expect(masks(it)).to.deep.equal(['allow *.*.*.*', 'deny 192.0.2.0/24', 'allow *:*'])
    await send(it, 'move', { at: '1', to: 'up' })
    await send(it, 'move', { at: '2', to: '0' })
    expect(masks(it)).to.deep.equal(['allow *:*', 'deny 192.0.2.0/24', 'allow *.*.*.*'])
    expect(await words(it, `${LIST}/delete?at=1`))
      .to.include('Delete rule 2?')
      .and.include('192.0.2.0/24')
    await send(it, 'delete', { at: '1' })
    expect(masks(it)).to.deep.equal(['allow *:*', 'allow *.*.*.*'])
  })

  it('puts a new rule before those for everybody, behind which it would never be reached', async () => {
    const cases: readonly (readonly [readonly string[], position: string])[] = [
      [['deny 192.0.2.1', ...OTHERS], '2'],
      [['deny 192.0.2.1', 'allow 0.0.0.0/0', 'allow ::/0'], '2'],
      [OTHERS, '1'],
      [['allow *.*.*.*', 'deny 2001:db8::/32'], '3'],
      [[], '1'],
    ]
    for (const [list, position] of cases) {
      await using it = await mounted({ preset: withRules(...list) })
      const { text } = await it.get(`${LIST}/rule`)
      expect(text, list.join()).to.match(new RegExp(`name="position" value="${position}"`))
    }
  })

  it('moves a rule to a number, and says beside the field what is no number of the list', async () => {
    await using it = await mounted({ preset: withRules('deny 192.0.2.1', ...OTHERS) })
    expect((await it.get('/access')).text).to.include(`href="${LIST}/move?at=0"`)
    expect(await words(it, `${LIST}/move?at=0`))
      .to.include('Move rule 1')
      .and.include('1 to 3; 1 decides first')
    for (const number of ['0', '4', '', 'x', '1e0']) {
      const { status, text } = await send(it, 'move', { at: '0', number })
      expect([status, text.includes('id="f-number-error"')], number).to.deep.equal([422, true])
    }
    expect((await send(it, 'move', { at: '0', number: '3' })).status).to.equal(303)
    expect(masks(it)).to.deep.equal([...OTHERS, 'deny 192.0.2.1'])
  })

  it('asks before a rule that is moved by its button shuts out the own address', async () => {
    await using it = await mounted({ preset: withRules('allow *.*.*.*', 'deny 127.0.0.0/8', 'allow *:*') })
    const asked = await send(it, 'move', { at: '1', to: 'up' })
    expect(asked.status).to.equal(409)
    expect(asked.words).to.include('Your own address 127.0.0.1 could not come in any more (Server)')
    expect(masks(it)[0]).to.equal('allow *.*.*.*')
    expect((await send(it, 'move', { at: '1', to: 'up', confirm: '127.0.0.1' })).status).to.equal(303)
    expect([masks(it)[0], it.service.rules.trial?.by]).to.deep.equal(['deny 127.0.0.0/8', 'root'])
  })

  it('keeps what was typed and says beside the field what is wrong and what was meant', async () => {
    await using it = await mounted({ preset: withRules(...OTHERS) })
    const { status, text } = await send(it, 'rule', {
      mask: '192.0.2',
      note: 'n'.repeat(201),
      expires: 'soon',
      position: '9',
    })
    expect(status).to.equal(422)
    expect(text).to.match(
      /id="f-mask-error">An IPv4 mask has four parts, this one has 3\. Did you mean 192\.0\.2\.\*\?/,
    )
    expect(text)
      .to.include('id="f-note-error"')
      .and.include('id="f-expires-error"')
      .and.include('id="f-position-error"')
    expect(text).to.include('value="192.0.2"')
    it.presentation = { ...it.presentation, locale: 'ru' }
    expect((await send(it, 'rule', { mask: '192.0.2.24-0' })).text).to.include('идёт задом наперёд')
    expect(masks(it)).to.deep.equal(OTHERS)
  })

  it('does nothing to a list that somebody else has changed meanwhile, and says so', async () => {
    await using it = await mounted({ preset: withRules(...OTHERS) })
    const old = await revision(it)
    await send(it, 'rule', { action: 'deny', mask: '192.0.2.1', position: '1' })
    expect((await it.post(`${LIST}/delete`, { revision: old, at: '1' })).status).to.equal(303)
    expect(await words(it, '/access')).to.include('changed by somebody else meanwhile')
    const form = await it.post(`${LIST}/rule`, { revision: old, action: 'deny', mask: '192.0.2.2', position: '1' })
    expect([form.status, form.text.includes('value="192.0.2.2"')]).to.deep.equal([409, true])
    expect(masks(it)).to.deep.equal(['deny 192.0.2.1', ...OTHERS])
  })

  it('shows a sorted view that does not change the order', async () => {
    await using it = await mounted({ preset: withRules('allow 192.0.2.9', 'allow 10.0.0.0/8', ...OTHERS) })
    const { text } = await it.get('/access?view=sorted')
    const order = [...text.matchAll(/<tr data-at="(\d)"/g)].map(([, at]) => Number(at))
    expect(order).to.deep.equal([2, 1, 0, 3])
    expect(plain(text)).to.include('Sorted for reading only')
    expect(text).to.not.include(`action="${LIST}/move"`)
  })

  it('pages and searches thousands of rules', async () => {
    const many = Array.from({ length: 2500 }, (_, at) => `deny 10.${at >> 8}.${at & 255}.0/24`)
    await using it = await mounted({ preset: withRules(...many, ...OTHERS) })
    const last = await it.get('/access?page=26')
    expect([...last.text.matchAll(/<tr data-at=/g)]).to.have.length(2)
    const found = await words(it, '/access?q=10.7.3.0')
    expect(found).to.include('1 rule ').and.include('10.7.3.0/24')
    const start = performance.now()
    await it.get('/access?page=5')
    expect(performance.now() - start).to.be.lessThan(2000)
  })

  it('has lists for domains, groups and users, and says when each is asked', async () => {
    const domains = [{ id: 'shop', name: 'Shop', names: ['shop.example'] }]
    const users = [{ name: 'anna b?#%', password: 'password 1', groups: ['staff'] }]
    await using it = await mounted({ preset: { domains, users } })
    expect((await it.get('/access/rules?level=user&name=anna%20b%3F%23%25')).headers.get('Location')).to.equal(
      '/access/rules/user/anna%20b%3F%23%25',
    )
    for (const [path, title, when] of [
      ['/access/rules/domain/shop', 'Domain Shop', 'chooses it with HOST'],
      ['/access/rules/group/staff', 'Group staff', 'reads the same as with a wrong password'],
      ['/access/rules/user/anna%20b%3F%23%25', 'User anna b?#%', 'reads the same as with a wrong password'],
    ] as const) {
      expect(await words(it, path))
        .to.include(title)
        .and.include(when)
      const fields = { action: 'allow', mask: '127.0.0.0-24' }
      expect((await send(it, 'rule', fields, path)).status, path).to.equal(303)
    }
    const { accounts, domains: after } = it.service.settings()
    expect(accounts.users['anna b?#%']?.access.rules[0]?.mask).to.equal('127.0.0.0-24')
    expect(accounts.groups['staff']?.access.rules[0]?.mask).to.equal('127.0.0.0-24')
    expect(after[0]?.access.rules[0]?.mask).to.equal('127.0.0.0-24')
    expect(await words(it, '/access'))
      .to.include('Domain Shop (1)')
      .and.include('Group staff (1)')
    expect((await it.get('/access/rules/domain/none')).status).to.equal(404)
    // Of what can be no name there are no lists, and none can be made.
    for (const name of ['25%3A99', 'a%2Fb', '%0A', '..%5C..', 'x'.repeat(65)]) {
      expect((await it.get(`/access/rules/user/${name}`)).status, name).to.equal(404)
      expect((await it.post(`/access/rules/group/${name}/rule`, { mask: '192.0.2.1' })).status, name).to.equal(404)
    }
    expect(await words(it, '/access/rules/user/ana')).to.include('User ana is not known to the appliance')
    expect(await words(it, '/access/rules/group/staff')).to.not.include('is not known')
  })

  it('tells while somebody types what the mask holds, and that it is no network', async () => {
    await using it = await mounted()
    expect(await words(it, '/access/mask?mask=192.0.2.0-24')).to.include(
      '25 addresses: 192.0.2.0 – 192.0.2.24 This is not the network 192.0.2.0/24.',
    )
    expect(await words(it, '/access/mask?mask=2001:db8::/32')).to.include('2^96 addresses')
    expect(await words(it, '/access/mask?mask=192.0.2.77/24')).to.include('Means 192.0.2.0/24.')
  })

  it('shows who may only look the rules and nothing to change them with', async () => {
    await using it = await mounted({ permission: 'view', preset: withRules('deny 192.0.2.1', ...OTHERS) })
    const { text } = await it.get('/access')
    expect(text).to.include('192.0.2.1').and.not.include('method="post"').and.not.include(`${LIST}/rule`)
  })

  it('stops a hostile note: it is text, whatever it looks like', async () => {
    await using it = await mounted({ preset: withRules(...OTHERS) })
    const note = '<script>alert(1)</script> {{7*7}} \u202egnp'
    await send(it, 'rule', { action: 'deny', mask: '192.0.2.1', note, position: '1' })
    for (const path of ['/access', `${LIST}/rule?at=0`, `${LIST}/delete?at=0`, '/access?q=alert']) {
      expect((await it.get(path)).text, path)
        .to.include('{{7*7}}')
        .and.not.include('<script>alert')
    }
    expect((await send(it, 'rule', { mask: '192.0.2.2', note: 'two\nlines' })).status, 'a line end').to.equal(422)
  })
})

describe('rules that shut out', () => {
  it('the own address ask for it, and are undone after a minute: every page says so', async () => {
    const timing = fakeTiming()
    await using it = await mounted({ preset: withRules(...OTHERS), instruments: { timing } })
    const fields = { action: 'deny', mask: '127.0.0.0/8', position: '1' }
    const asked = await send(it, 'rule', fields)
    expect([asked.status, asked.words.includes('Your own address 127.0.0.1 could not come in')]).to.deep.equal([
      409,
      true,
    ])
    expect(asked.text).to.include('name="mask" value="127.0.0.0/8"')
    expect((await send(it, 'rule', { ...fields, confirm: 'yes' })).words).to.include('That is not “127.0.0.1”.')
    expect(masks(it)).to.deep.equal(OTHERS)
    expect((await send(it, 'rule', { ...fields, confirm: '127.0.0.1' })).status).to.equal(303)
    for (const path of ['/', '/log', '/resources', '/access/blocked']) {
      const { text } = await it.get(path)
      expect(text, path).to.include('data-trial="60"').and.include('action="/access/trial/confirm"')
    }
    const kept = await it.post('/access/trial/confirm', { here: '/log?q=x' })
    expect([kept.status, kept.headers.get('Location')]).to.deep.equal([303, '/log?q=x'])
    expect((await it.get('/log')).text).to.not.include('data-trial')
    timing.pass(61)
    expect(masks(it)[0]).to.equal('deny 127.0.0.0/8')
  })

  it('everybody ask as well, also when it happens by moving or deleting', async () => {
    await using it = await mounted({ preset: withRules('allow 192.0.2.1', 'deny *.*.*.*', 'deny *:*') })
    const { status, words: said } = await send(it, 'delete', { at: '0' })
    expect([status, said.includes('Nobody at all could come in any more')]).to.deep.equal([409, true])
    await using other = await mounted({ preset: withRules(...OTHERS, 'deny *.*.*.*') })
    expect((await send(other, 'move', { at: '2', to: '0' })).status).to.equal(409)
  })

  it('can be tried and undone, and a button that comes too late says so', async () => {
    await using it = await mounted({ preset: withRules(...OTHERS) })
    await send(it, 'rule', { action: 'deny', mask: '192.0.2.1', position: '1', trial: 'on' })
    expect((await it.get('/access')).text).to.include('data-trial')
    await it.post('/access/trial/undo', { here: '/access' })
    expect(masks(it)).to.deep.equal(OTHERS)
    await it.post('/access/trial/confirm', { here: '/access' })
    expect(await words(it, '/access')).to.include('Nothing is on trial any more')
  })

  it('keep the tick of a form with a mistake, and are told of on their own forms as well', async () => {
    await using it = await mounted({ preset: withRules(...OTHERS) })
    const mistaken = await send(it, 'rule', { action: 'deny', mask: 'nowhere at all', trial: 'on' })
    expect(mistaken.status).to.equal(422)
    expect(mistaken.text)
      .to.match(/<input[^>]*name="trial"[^>]*checked/)
      .and.not.include('data-trial')
    await send(it, 'rule', { action: 'deny', mask: '192.0.2.1', position: '1', trial: 'on' })
    for (const form of ['rule', 'rule?at=0', 'move?at=0', 'delete?at=0']) {
      const { text } = await it.get(`${LIST}/${form}`)
      expect(text, form)
        .to.include('data-trial')
        .and.not.match(/<input[^>]*name="trial"[^>]*checked/)
    }
  })

  it('never lead out of the module: attack by the page to come back to', async () => {
    await using it = await mounted({ base: '/modules/ftp' })
    for (const here of ['//evil.example', 'https://evil.example', '/\\evil.example', 'javascript:alert(1)']) {
      const { headers } = await it.post('/access/trial/undo', { here })
      expect(headers.get('Location'), here).to.equal('/modules/ftp/access')
    }
  })
})

describe('the test box', () => {
  it('says which rule decides at which level, by the code that decides', async () => {
    const preset = {
      ...withRules('deny 192.0.2.0-24', ...OTHERS),
      users: [{ name: 'carl', password: 'password 1', groups: ['staff'] }],
      accounts: { groups: { staff: { access: { rules: rules('allow 198.51.100.0/24') } } } },
    }
    await using it = await mounted({ preset })
    expect(await words(it, '/access/test?address=192.0.2.7'))
      .to.include('is refused')
      .and.include('Server : rule 1, 192.0.2.0-24')
    const carl = await words(it, '/access/test?address=203.0.113.9&user=carl')
    expect(carl).to.include('Server : rule 2, *.*.*.*').and.include('Group staff : no rule matches')
    expect(carl).to.include('after PASS what a wrong password reads')
    expect(await words(it, '/access/test?address=198.51.100.9&user=carl')).to.include('gets in')
    expect(await words(it, '/access/test?address=198.51.100.9&user=zoe')).to.include('There is no user zoe')
    expect(await words(it, '/access/test?address=300.1.1.1')).to.include('“300.1.1.1” is no address')
    it.service.access.bans.banMask({ mask: '203.0.113.0/24', minutes: 5, by: 'root' })
    expect(await words(it, '/access/test?address=203.0.113.9')).to.include('blocked by hand: 203.0.113.0/24')
  })
})
