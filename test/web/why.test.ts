/** The page "Why?": asked by a form, or by the link of an entry of the log. */
import { expect } from 'chai'
import { RawClient } from '../raw-client.ts'
import { caller } from './api/calls.ts'
import { mounted, type Mounted } from './mounted.ts'

const PRESET = {
  groups: ['staff'],
  users: [
    { name: 'anna', password: 'secret', groups: ['staff'] },
    { name: 'boris', password: 'secret' },
  ],
  accounts: { users: { boris: { ftp: false } } },
  settings: {
    access: {
      rules: [
        { action: 'deny', mask: '192.0.2.7' },
        { action: 'allow', mask: '*.*.*.*' },
      ],
    },
  },
  resources: [{ name: 'Scans', folder: 'scans', rights: [{ group: 'staff', level: 'read' }] }],
}

/** The steps as the page says them: what, result, why, and where it is set. */
function steps(text: string): readonly (readonly string[])[] {
  const rows = text.matchAll(
    /<tr>\s*<td[^>]*>([^<]+)<\/td>\s*<td[^>]*><span[^>]*>([^<]+)<\/span><\/td>\s*<td[^>]*><span><bdi>([^<]*)<\/bdi>[\s\S]*?<td[^>]*>(?:<a href="([^"]*)")?/g,
  )
  return [...rows].map(([, what = '', result = '', why = '', where = '']) => [what, result, why, where])
}

describe('the page "Why?"', () => {
  let it_: Mounted
  before(async () => {
    it_ = await mounted({ preset: PRESET })
  })
  after(() => it_[Symbol.asyncDispose]())
  const ask = (query: Record<string, string>) => it_.get(`/why?${new URLSearchParams(query).toString()}`)

  it('belongs to the tab of the log', async () => {
    expect((await it_.get('/why')).text).to.match(/<a href="\/log" aria-current="page">/)
  })

  it('shows every decision up to the one that refuses, with the page where that is set', async () => {
    const { text } = await ask({ address: '127.0.0.1', user: 'anna', command: 'DELE', path: '/Scans/a.txt' })
    const rows = steps(text)
    expect(rows.map(([what]) => what)).to.deep.equal([
      'Server',
      'IP access rules',
      'Connection limits',
      'Encryption',
      'Login',
      'Sessions of the login',
      'Command',
      'Right at the path',
    ])
    expect(rows.at(-1)).to.deep.equal(['Right at the path', 'stops here', 'no right to delete', '/resources/Scans'])
    expect(rows[1]).to.deep.equal(['IP access rules', 'passes', 'rule 2, *.*.*.*', '/access'])
  })

  it('names the rule that keeps an address out', async () => {
    const rows = steps((await ask({ address: '192.0.2.7' })).text)
    expect(rows.at(-1)).to.deep.equal(['IP access rules', 'stops here', 'rule 1, 192.0.2.7', '/access'])
  })

  it('leads to the account that is switched off, and says who is unknown', async () => {
    const off = steps((await ask({ address: '127.0.0.1', user: 'boris' })).text).at(-1)
    expect(off).to.deep.equal([
      'Login',
      'stops here',
      'FTP is not allowed for this user',
      '/access/accounts/user/boris',
    ])
    const { text } = await ask({ address: '127.0.0.1', user: 'nobody' })
    expect(text).to.include('The appliance has no user nobody.')
  })

  it('says what is wrong beside the field and keeps what was typed', async () => {
    const { status, text } = await ask({ address: 'not an address', user: 'anna' })
    expect(status).to.equal(422)
    expect(text)
      .to.include('Write an IPv4 or IPv6 address')
      .and.include('value="not an address"')
      .and.include('value="anna"')
  })

  it('is linked from the entry of a refusal, and says whether the same rule still decides', async () => {
    await using client = await RawClient.connect(it_.port)
    await client.login()
    await client.say('DELE /Scans/a.txt', 550)
    await it_.service.journal.flush()
    const { text } = await it_.get('/log')
    const link = /href="(\/why\?[^"]*command=DELE[^"]*)"/.exec(text)?.[1]?.replaceAll('&amp;', '&') ?? ''
    const then = await it_.get(link)
    expect(then.text).to.include('Then: no right to delete').and.include('the same rule decides')
    expect(steps(then.text).at(-1)?.[2]).to.equal('no right to delete')
    await it_.service.change({ settings: { commands: { disabled: ['DELE'] } } }, 'root')
    const now = await it_.get(link)
    expect(now.text).to.include('comes out otherwise')
    await it_.service.change({ settings: { commands: { disabled: [] } } }, 'root')
  })

  it('answers the API with the same steps', async () => {
    const call = await caller(it_, 'view')
    const { status, json } = await call('GET', '/why?address=127.0.0.1&user=anna&command=RETR&path=/Scans/none.txt')
    expect(status).to.equal(200)
    expect(json).to.deep.include({ allowed: false, guest: false, user: { name: 'anna', groups: ['staff'] } })
    expect(json.steps.at(-1)).to.deep.include({ stage: 'deed' })
    expect((await call('GET', '/why?address=nowhere')).status).to.equal(422)
    expect((await call('GET', '/why?address=127.0.0.1&domain=none')).status).to.equal(422)
  })

  it('shows hostile text as text', async () => {
    const hostile = '<script>alert(1)</script>{{7*7}}'
    const { text } = await ask({ address: '127.0.0.1', user: hostile, command: 'STOR', path: hostile })
    expect(text).to.not.include('<script>alert')
    expect(text).to.not.include('49}')
  })
})
