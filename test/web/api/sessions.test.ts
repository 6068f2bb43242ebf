/** Sessions in the API: what was said, what may be done, and what needs more than the operation itself. */
import { expect } from 'chai'
import { eventually } from '../../cap.ts'
import { RawClient } from '../../raw-client.ts'
import { mounted, type Mounted } from '../mounted.ts'
import { caller } from './calls.ts'

const PRESET = { users: [{ name: 'anna', password: 'secret' }] }

const session = async (it: Mounted, localAddress = '127.0.0.7') =>
  (await RawClient.connect(it.port, { localAddress })).login('anna', 'secret')
const pathOf = (it: Mounted) => `/sessions/${it.service.activity.rows()[0]?.id ?? ''}`

describe('sessions in the API', () => {
  it('tell what was said since a line that is known already, without passwords', async () => {
    await using it = await mounted({ preset: PRESET })
    await using client = await session(it)
    const call = await caller(it, 'view')
    const { lines, last } = (await call('GET', `${pathOf(it)}/transcript`)).json
    const texts = lines.map(({ text }: { text: string }) => text)
    expect(texts).to.include('USER anna').and.include('PASS ****')
    expect(JSON.stringify(lines)).to.not.include('secret')
    await client.say('SITE MSG hello', 200)
    const more = (await call('GET', `${pathOf(it)}/transcript?after=${last}`)).json.lines
    expect(more.map(({ from, text }: { from: string; text: string }) => `${from} ${text}`)).to.deep.equal([
      'client SITE MSG hello',
      'server 200 Message delivered.',
    ])
    expect((await call('GET', `${pathOf(it)}/transcript?after=-1`)).status).to.equal(422)
    expect((await call('GET', '/sessions/nobody/transcript')).status).to.equal(404)
    expect((await call('GET', '/sessions/nobody/chat')).status).to.equal(404)
  })

  it('carry a conversation, and say what still waits', async () => {
    await using it = await mounted({ preset: PRESET })
    await using client = await session(it)
    const call = await caller(it, 'operate')
    await client.say('SITE MSG hello', 200)
    expect((await call('POST', `${pathOf(it)}/message`, { body: { text: 'good day' } })).status).to.equal(204)
    expect((await call('POST', '/broadcast', { body: { text: 'to all' } })).json).to.deep.equal({ reached: 1 })
    const chat = (await call('GET', `${pathOf(it)}/chat`)).json
    expect(chat.waiting).to.equal(2)
    expect(chat.lines.map(({ text }: { text: string }) => text)).to.deep.equal(['hello', 'good day', 'to all'])
    expect(chat.lines[1].by).to.match(/^token \w+ \(test operate\)$/)
    expect((await client.say('NOOP', 200)).lines).to.have.lengthOf(3)
    expect((await call('GET', `${pathOf(it)}/chat?after=2`)).json).to.include({ waiting: 0, last: 3 })
    for (const text of ['', ' ', 'a\nb', 'x'.repeat(401)]) {
      expect((await call('POST', '/broadcast', { body: { text } })).status).to.equal(422)
    }
  })

  it('are disconnected with everything that may come with it', async () => {
    await using it = await mounted({ preset: PRESET })
    await using client = await session(it)
    await using other = await session(it)
    const call = await caller(it)
    const body = { message: 'Bye.', others: true, ban: 5, block: true, disableAccount: true }
    const { status, json } = await call('POST', `${pathOf(it)}/disconnect`, { body })
    expect([status, json]).to.deep.equal([
      200,
      { address: '127.0.0.7', sessions: 2, banned: true, blocked: true, disabled: 'anna' },
    ])
    for (const each of [client, other]) expect((await each.reply(421)).text).to.include('Bye.')
    expect(it.service.settings().settings.access.rules[0]?.mask).to.equal('127.0.0.7')
    await eventually(() => it.service.activity.finished().length === 2, 'both are over')
    const { sessions } = (await call('GET', '/sessions?ended=true')).json
    expect(sessions.map(({ ended }: { ended: { reason: string } }) => ended.reason)).to.deep.equal(['kicked', 'kicked'])
  })

  it('are not banned or blocked from the address that asks, unless it is named', async () => {
    await using it = await mounted({ preset: PRESET })
    await using client = await session(it, '127.0.0.1')
    const call = await caller(it)
    for (const body of [{ ban: 5 }, { block: true }, { ban: 5, confirm: '127.0.0.9' }]) {
      const { status, json } = await call('POST', `${pathOf(it)}/disconnect`, { body })
      expect(status).to.equal(409)
      expect(json.detail).to.include('your own address')
    }
    await client.say('NOOP', 200)
    expect(
      (await call('POST', `${pathOf(it)}/disconnect`, { body: { ban: 5, confirm: '127.0.0.1' } })).status,
    ).to.equal(200)
  })
})

describe('attack: doing with sessions by a token what it may not', () => {
  it('is refused: looking is no acting, and acting is no changing of settings', async () => {
    await using it = await mounted({ preset: PRESET })
    await using client = await session(it)
    const [view, operate] = [await caller(it, 'view'), await caller(it, 'operate')]
    for (const [path, body] of [
      [`${pathOf(it)}/disconnect`, {}],
      [`${pathOf(it)}/message`, { text: 'x' }],
      [`${pathOf(it)}/abort`, undefined],
      ['/broadcast', { text: 'x' }],
    ] as const) {
      expect((await view('POST', path, { body })).status, path).to.equal(403)
    }
    for (const body of [{ block: true }, { disableAccount: true }, { ban: 5, block: true }]) {
      expect((await operate('POST', `${pathOf(it)}/disconnect`, { body })).status).to.equal(403)
    }
    for (const body of [
      { ban: 0 },
      { ban: 43_201 },
      { ban: 'x' },
      { minutes: 5 },
      { scope: 'world' },
      { message: 'a\r\nb' },
    ]) {
      expect((await operate('POST', `${pathOf(it)}/disconnect`, { body })).status).to.equal(422)
    }
    await client.say('NOOP', 200)
    expect(it.service.access.bans.rows()).to.deep.equal([])
    expect((await operate('POST', `${pathOf(it)}/disconnect`, { body: { ban: 5 } })).status).to.equal(200)
  })
})
