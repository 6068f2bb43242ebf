/** The Activity tab over HTTP: the list and its stream, one session, what may be done with it and by whom. */
import { expect } from 'chai'
import type { Permission } from '../../module/shell.ts'
import { capped, eventually } from '../cap.ts'
import { RawClient } from '../raw-client.ts'
import { mounted, type Mounted } from './mounted.ts'

const PRESET = {
  users: [
    { name: 'anna', password: 'secret' },
    { name: 'bert', password: 'secret' },
  ],
}
const SCRIPT = '<script>globalThis.ran=1</script>'

const idOf = (it: Mounted, at = 0) => it.service.activity.rows()[at]?.id ?? ''

/** A session of anna, or of who is said, from an address of its own. */
async function session(it: Mounted, user = 'anna', localAddress = '127.0.0.1'): Promise<RawClient> {
  return (await RawClient.connect(it.port, { localAddress })).login(user, 'secret')
}

/** What a stream says, from its beginning until it has been read enough of. */
async function heard(it: Mounted, path: string, enough: (text: string) => boolean, id = ''): Promise<string> {
  const leaving = new AbortController()
  const headers = id ? { 'Last-Event-ID': id } : {}
  const answer = await fetch(it.origin + it.base + path, { signal: leaving.signal, headers })
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  if (!reader) throw new Error(`${path} answered nothing`)
  let text = ''
  for (let over = false; !over && !enough(text);) {
    const { value = '', done } = await capped(reader.read(), 'more of the stream', () => text)
    over = done
    text += value
  }
  leaving.abort()
  return text
}

/** The changes of the list in what a stream said. */
const changes = (text: string) =>
  [...text.matchAll(/^data: (.*)$/gm)].map(
    ([, data]) =>
      JSON.parse(data ?? '') as {
        readonly rows: string[]
        readonly cells: Record<string, [number, string][]>
        readonly order?: string[]
      },
  )

describe('the page "Activity"', () => {
  it('says what to do while nobody is there', async () => {
    await using it = await mounted({ preset: PRESET })
    const { status, text } = await it.get('/activity')
    expect(status).to.equal(200)
    expect(text).to.include('Nobody is connected').and.to.include('0 sessions')
    await it.service.change({ enabled: false }, 'admin')
    expect((await it.get('/activity')).text)
      .to.include('The FTP server is off: nobody can connect')
      .and.to.not.include('Nobody is connected')
  })

  it('says of blocking what it does on the server and in the domain of the session', async () => {
    const access = { rules: [{ action: 'allow', mask: '*.*.*.*' }] }
    const domains = [{ name: 'Shop', names: ['shop.example'], access }]
    await using it = await mounted({ preset: { ...PRESET, domains } })
    await using client = await RawClient.connect(it.port)
    await client.say('HOST shop.example', 220)
    await client.login('anna', 'secret')
    const { text } = await it.get(`/activity/${idOf(it)}/disconnect`)
    expect(text)
      .to.include('to the IP access rules of the server, and behind it two rules')
      .and.include('before all other IP access rules of the domain Shop.')
  })

  it('shows who is connected, from where, with what, and what they do', async () => {
    await using it = await mounted({ preset: PRESET })
    await using client = await session(it)
    await client.say('CLNT lftp/4.9.2', 200)
    await using stranger = await RawClient.connect(it.port, { localAddress: '127.0.0.9' })
    const { text } = await it.get('/activity')
    expect(text)
      .to.match(/<bdi>anna<\/bdi>/)
      .and.include('lftp/4.9.2')
      .and.include('127.0.0.9')
      .and.include('2 sessions')
    expect(text).to.include('Not logged in').and.include('Clear text')
    await stranger.say('NOOP', 200)
  })

  it('searches, filters, sorts and cuts into pages', async () => {
    await using it = await mounted({ preset: { ...PRESET, settings: { limits: { connections: 200 } } } })
    const clients = [await session(it, 'bert', '127.0.0.20'), await session(it, 'anna', '127.0.0.3')]
    for (let at = 0; at < 53; at++)
      clients.push(await RawClient.connect(it.port, { localAddress: `127.0.1.${at + 1}` }))
    const addresses = async (query: string) =>
      [...(await it.get(`/activity${query}`)).text.matchAll(/<span class="mono">([\d.]+)<\/span>/g)].map(
        ([, one]) => one,
      )
    expect(await addresses('?q=BERT')).to.deep.equal(['127.0.0.20'])
    expect(await addresses('?q=127.0.0.')).to.have.members(['127.0.0.20', '127.0.0.3'])
    expect((await addresses('?sort=address')).slice(0, 3)).to.deep.equal(['127.0.0.3', '127.0.0.20', '127.0.1.1'])
    expect((await addresses('?sort=user&down=1')).slice(0, 2)).to.deep.equal(['127.0.0.20', '127.0.0.3'])
    expect(await addresses('?show=unknown')).to.have.lengthOf(50)
    expect(await addresses('?show=unknown&page=2')).to.have.lengthOf(3)
    expect(await addresses('?show=unknown&page=99999')).to.have.lengthOf(3)
    expect(await addresses('?show=transfers')).to.deep.equal([])
    expect(await addresses('?show=__proto__&sort=constructor&page=-1')).to.have.lengthOf(50)
    expect((await it.get('/activity?q=nobody-like-that')).text).to.include('No session fits.')
    for (const client of clients) await client[Symbol.asyncDispose]()
  })

  it('follows: a row that is new, one that has changed, and one that has gone', async () => {
    await using it = await mounted({ preset: PRESET })
    await using client = await session(it)
    await using other = await session(it, 'bert', '127.0.0.9')
    const [id, gone] = [idOf(it), idOf(it, 1)]
    let step = 0
    const text = await heard(it, '/activity/live', (said) => {
      const all = changes(said)
      if (step === 0 && all.length === 1) {
        step = 1
        void client.say('CLNT a program', 200)
      } else if (step === 1 && said.includes('a program')) {
        step = 2
        void other.say('QUIT', 221)
      }
      return all.at(-1)?.order?.length === 1
    })
    const [first, second, third] = changes(text)
    expect(first?.order).to.deep.equal([id, gone])
    expect(first?.rows).to.have.lengthOf(2)
    // Only what has changed.
    expect(second?.rows).to.deep.equal([])
    expect(Object.keys(second?.cells ?? {})).to.deep.equal([id])
    expect(second?.cells[id]?.map(([at]) => at))
      .to.include(0)
      .and.not.include(1)
    expect(second?.order).to.equal(undefined)
    expect(third?.order).to.deep.equal([id])
  })

  it('keeps those who have gone, with their log', async () => {
    await using it = await mounted({ preset: PRESET })
    const client = await session(it)
    const id = idOf(it)
    await client.say('QUIT', 221)
    await eventually(() => it.service.activity.finished().length === 1, 'the session is over')
    const { text } = await it.get('/activity/finished')
    expect(text).to.include('<bdi>anna</bdi>').and.include('The client said goodbye').and.include(`/activity/${id}/spy`)
    const spy = (await it.get(`/activity/${id}/spy`)).text
    expect(spy).to.include('USER anna').and.include('PASS ****').and.not.include('secret')
    expect(spy).to.not.include('data-send')
    expect(await heard(it, `/activity/${id}/live?after=0.0`, () => false)).to.include('"over":true')
    await client[Symbol.asyncDispose]()
  })
})

describe('one session', () => {
  it('is shown with its log and conversation, and goes on where the page was', async () => {
    await using it = await mounted({ preset: PRESET })
    await using client = await session(it)
    await client.say('SITE MSG is anybody there?', 200)
    const path = `/activity/${idOf(it)}`
    const { text } = await it.get(`${path}/spy`)
    expect(text).to.include('PASS ****').and.include('is anybody there?').and.not.include('secret')
    const [, after = ''] = /live\?after=([\d.]+)/.exec(text) ?? []
    await client.say('PWD', 257)
    const said = await heard(it, `${path}/live?after=${after}`, (so) => so.includes('257'))
    expect(said).to.include('PWD').and.not.include('USER anna')
    // A browser that comes back says which line it had last.
    const again = await heard(it, `${path}/live?after=0.0`, (so) => so.includes('lines'), after)
    expect(again).to.include('PWD').and.not.include('USER anna')
  })

  it('is written to by several administrators, who see one conversation', async () => {
    await using it = await mounted({ preset: PRESET })
    await using client = await session(it)
    const path = `/activity/${idOf(it)}`
    for (const name of ['olga', 'ivan']) {
      it.identity = { name, permission: 'operate', sessionId: name }
      expect((await it.post(`${path}/message`, { text: `hello from ${name}` })).status).to.equal(303)
    }
    const { text } = await it.get(`${path}/spy`)
    expect(text).to.match(/olga[^]*hello from olga[^]*ivan[^]*hello from ivan/)
    expect(text).to.include('2 messages wait for the client')
    expect((await client.say('NOOP', 200)).text)
      .to.include('hello from olga')
      .and.include('hello from ivan')
    expect((await it.get(`${path}/spy`)).text).to.not.include('wait for the client')
  })

  it('refuses a message that is empty, too long or cannot be delivered, and keeps what was typed', async () => {
    await using it = await mounted({ preset: PRESET })
    await using client = await session(it)
    const path = `/activity/${idOf(it)}/message`
    expect((await it.post(path, { text: ' \r\n' })).status).to.equal(422)
    const long = await it.post(path, { text: 'x'.repeat(401) })
    expect(long.status).to.equal(422)
    expect(long.text).to.include('At most 400 characters').and.include('x'.repeat(401))
    for (let at = 0; at < 20; at++) await it.post(path, { text: 'hello' })
    expect((await it.post(path, { text: 'one more' })).text)
      .to.include('could not be delivered')
      .and.include('one more')
    await client.say('NOOP', 200)
  })

  it('answers 404 once it is forgotten, and for what never was one', async () => {
    await using it = await mounted({ preset: PRESET })
    for (const id of ['nobody', '__proto__', encodeURIComponent(SCRIPT)]) {
      for (const page of ['', '/spy', '/live', '/disconnect', '/abort']) {
        expect((await it.get(`/activity/${id}${page}`)).status, id + page).to.equal(404)
      }
      expect((await it.post(`/activity/${id}/disconnect`)).status).to.equal(404)
      expect((await it.post(`/activity/${id}/message`, { text: 'x' })).status).to.equal(404)
    }
  })
})

describe('disconnecting on the page', () => {
  it('asks, says how many others share the address, and does all that was ticked', async () => {
    await using it = await mounted({ preset: PRESET })
    await using client = await session(it, 'anna', '127.0.0.7')
    await using other = await session(it, 'bert', '127.0.0.7')
    const path = `/activity/${idOf(it)}/disconnect`
    const asked = (await it.get(path)).text
    expect(asked)
      .to.include('Disconnect anna?')
      .and.include('1 other session of this address')
      .and.not.include('your own')
    const answer = await it.post(path, { after: 'ban', minutes: '10', others: 'on', disable: 'on', message: 'Bye.' })
    expect(answer.status).to.equal(303)
    const done = (await it.get('/activity')).text
    expect(done).to.include('anna was disconnected.').and.include('127.0.0.7 is banned.')
    expect(done).to.include('The account anna is disabled.').and.include('1 other session was ended too.')
    expect((await client.reply(421)).text).to.include('Bye.')
    await other.ended()
    expect(it.service.access.bans.rows()[0]).to.include({ subject: '127.0.0.7', by: 'root', expiresIn: 600 })
  })

  it('keeps what was typed and puts the error beside the field', async () => {
    await using it = await mounted({ preset: PRESET })
    await using client = await session(it, 'anna', '127.0.0.7')
    const path = `/activity/${idOf(it)}/disconnect`
    for (const minutes of ['0', '-1', '1.5', '99999', 'soon', '']) {
      const { status, text } = await it.post(path, { after: 'ban', minutes, message: 'as typed' })
      expect(status, minutes).to.equal(422)
      expect(text)
        .to.include('A whole number from 1 to 43200.')
        .and.include('as typed')
        .and.match(/value="ban" checked/)
    }
    expect((await it.post(path, { message: 'x'.repeat(500) })).text).to.include('At most 400 characters')
    await client.say('NOOP', 200)
  })

  it('refuses to lock out the administrator who asks, until his address is typed', async () => {
    await using it = await mounted({ preset: PRESET })
    await using client = await session(it)
    const path = `/activity/${idOf(it)}/disconnect`
    expect((await it.get(path)).text).to.include('your own address')
    for (const confirm of ['', '127.0.0.2', 'yes']) {
      const { status, text } = await it.post(path, { after: 'block', confirm })
      expect(status).to.equal(422)
      expect(text).to.include('Type 127.0.0.1 to confirm')
    }
    await client.say('NOOP', 200)
    expect((await it.post(path, { after: 'block', confirm: '127.0.0.1' })).status).to.equal(303)
    expect(it.service.settings().settings.access.rules).to.have.lengthOf(3)
  })

  it('says so when the session has ended meanwhile', async () => {
    await using it = await mounted({ preset: PRESET })
    const client = await session(it, 'anna', '127.0.0.7')
    const path = `/activity/${idOf(it)}/disconnect`
    await client.say('QUIT', 221)
    await eventually(() => it.service.activity.finished().length === 1, 'the session is over')
    expect((await it.post(path, { after: 'ban', minutes: '5' })).status).to.equal(303)
    expect((await it.get('/activity')).text).to.include('This session has ended already.')
    expect(it.service.access.bans.rows()).to.deep.equal([])
    await client[Symbol.asyncDispose]()
  })

  it('tells all sessions at once, and how many', async () => {
    await using it = await mounted({ preset: PRESET })
    expect((await it.post('/activity/broadcast', { text: 'hello' })).text).to.include('nobody who could be reached')
    await using client = await session(it)
    await using other = await session(it, 'bert')
    expect((await it.get('/activity/broadcast')).text).to.include('2 clients will read it.')
    expect((await it.post('/activity/broadcast', { text: 'Maintenance at noon.' })).status).to.equal(303)
    expect((await it.get('/activity')).text).to.include('on its way to sessions: 2')
    for (const each of [client, other]) expect((await each.say('NOOP', 200)).text).to.include('Maintenance at noon.')
  })
})

describe('attack: doing with sessions what one may not', () => {
  const FORMS: Readonly<Record<string, readonly [Permission, Record<string, string>]>> = {
    disconnect: ['operate', {}],
    'disconnect ': ['operate', { after: 'ban', minutes: '5' }],
    'disconnect  ': ['manage', { after: 'block' }],
    'disconnect   ': ['manage', { disable: 'on' }],
    abort: ['operate', {}],
    message: ['operate', { text: 'hello' }],
  }
  const RANKS = ['view', 'operate', 'manage'] as const

  for (const permission of ['view', 'operate'] as const) {
    it(`is refused to who has the permission ${permission}, whatever the page shows`, async () => {
      await using it = await mounted({ preset: PRESET, permission })
      await using client = await session(it, 'anna', '127.0.0.7')
      const path = `/activity/${idOf(it)}`
      for (const [name, [needed, fields]] of Object.entries(FORMS)) {
        if (RANKS.indexOf(permission) >= RANKS.indexOf(needed)) continue
        expect((await it.post(`${path}/${name.trim()}`, fields)).status, name).to.equal(403)
      }
      if (permission === 'view') {
        for (const page of ['disconnect', 'abort']) expect((await it.get(`${path}/${page}`)).status).to.equal(403)
        expect((await it.post('/activity/broadcast', { text: 'x' })).status).to.equal(403)
        expect((await it.get('/activity')).text)
          .to.not.include('/disconnect')
          .and.not.include('/broadcast')
        expect((await it.get(`${path}/spy`)).text).to.not.include('data-send')
      } else
        expect((await it.get(`${path}/disconnect`)).text)
          .to.not.include('value="block"')
          .and.not.include('disable')
      await client.say('NOOP', 200)
      expect(it.service.activity.details(idOf(it))?.chat).to.deep.equal([])
    })
  }

  it('is refused without the token of a form of ours', async () => {
    await using it = await mounted({ preset: PRESET })
    await using client = await session(it, 'anna', '127.0.0.7')
    const sent = { method: 'POST', body: new URLSearchParams({ after: 'nothing' }) }
    expect((await fetch(`${it.origin}/activity/${idOf(it)}/disconnect`, sent)).status).to.equal(403)
    await client.say('NOOP', 200)
  })
})

describe('attack: clients that write markup, controls and replies', () => {
  const HOSTILE = [SCRIPT, '{{7*7}}', '\u001b[31mred', '\u202Etxt.exe', '" autofocus onfocus="globalThis.ran=1']

  it('show as text in the list, the log and the conversation', async () => {
    await using it = await mounted({ preset: PRESET })
    await using client = await session(it)
    for (const text of HOSTILE) {
      await client.say(`CLNT ${text}`)
      await client.say(`CWD ${text}`)
      await client.say(`SITE MSG ${text}`)
      const pages = ['/activity', `/activity/${idOf(it)}`, `/activity/${idOf(it)}/spy`]
      for (const path of pages) {
        const page = (await it.get(path)).text
        expect(page).to.not.match(/<script>globalThis|" autofocus onfocus|>49</)
        // oxlint-disable-next-line no-control-regex
        expect(page.match(/[\u0000-\u0008\u000b-\u001f\u007f\u202a-\u202e\u2066-\u2069]/), path).to.equal(null)
      }
    }
    const live = await heard(
      it,
      '/activity/live',
      (said) => said.includes('event: sessions\n') && said.endsWith('\n\n'),
    )
    expect(live).to.not.include('<script>globalThis')
    expect((await it.get(`/activity/${idOf(it)}/spy`)).text).to.include('&lt;script&gt;')
  })

  it('cannot be made to read a reply or Telnet by what an administrator writes', async () => {
    await using it = await mounted({ preset: PRESET })
    await using client = await session(it)
    await it.post(`/activity/${idOf(it)}/message`, { text: 'one\r\n221 Goodbye.\r\n\u00ff\u00f4\0two' })
    client.send('NOOP\r\n')
    const { code, lines } = await client.reply(200)
    expect([code, lines.length]).to.deep.equal([200, 2])
    expect(lines[0]).to.match(/^200-Message from the administrator: one 221 Goodbye\. /)
    await client.say('PWD', 257)
  })
})
