/** Attacks on the API, each by its name. */
import { timingSafeEqual } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { assert, jsonValue, property } from 'fast-check'
import { strictJson } from '../../../module/web/api/json-body.ts'
import { mounted } from '../mounted.ts'
import { caller, callerWith } from './calls.ts'

const OFF = { preset: { enabled: false, resources: [{ name: 'Scans', folder: 'scans' }] } }
const MERGE = { 'Content-Type': 'application/merge-patch+json' }

describe('attacks on the API', () => {
  it('mass assignment: parts that are not the operation’s own are refused, not stored', async () => {
    await using it = await mounted(OFF)
    const call = await caller(it)
    const token = { id: 'mine', note: 'mine', permission: 'manage', hash: '0'.repeat(64) }
    for (const body of [{ tokens: [token] }, { enabled: true }, { resources: [] }, { settings: { port: 1 } }]) {
      expect((await call('PATCH', '/settings', { body })).status, JSON.stringify(body)).to.equal(422)
    }
    const resource = { name: 'X', folder: 'x', owner: 'root' }
    expect((await call('POST', '/resources', { body: resource })).status).to.equal(422)
    const made = { note: 'n', permission: 'view', hash: '0'.repeat(64) }
    expect((await call('POST', '/tokens', { body: made })).status).to.equal(422)
    expect(it.service.tokens.list()).to.have.length(1)
    expect(it.service.settings().enabled).to.equal(false)
  })

  it('prototype pollution: __proto__ is refused at every depth, constructor.prototype reaches nothing', async () => {
    await using it = await mounted(OFF)
    const call = await caller(it)
    for (const raw of [
      '{"__proto__":{"polluted":1}}',
      '{"limits":{"__proto__":{"polluted":1}}}',
      '{"limits":{"\\u005f_proto__":{"polluted":1}}}',
      '[{"__proto__":1}]',
    ]) {
      expect((await call('PATCH', '/settings', { raw, headers: MERGE })).status, raw).to.equal(400)
    }
    const raw = '{"constructor":{"prototype":{"polluted":1}},"limits":{"constructor":{"prototype":{"polluted":1}}}}'
    expect((await call('PATCH', '/settings', { raw, headers: MERGE })).status).to.equal(422)
    expect(Reflect.get({}, 'polluted')).to.equal(undefined)
    expect((await call('GET', '/status?__proto__=1')).status).to.equal(400)
    expect((await call('GET', '/resources/__proto__')).status).to.equal(404)
  })

  it('deep nesting: a body of a hundred thousand levels is refused before anything walks through it', async () => {
    await using it = await mounted(OFF)
    const call = await caller(it)
    for (const raw of ['{"a":'.repeat(1e5) + '1' + '}'.repeat(1e5), '['.repeat(1e5) + ']'.repeat(1e5)]) {
      expect((await call('PATCH', '/settings', { raw })).status).to.equal(400)
    }
  })

  it('duplicate keys: a name that stands twice in one object is refused', async () => {
    await using it = await mounted(OFF)
    const call = await caller(it)
    const raw = '{"passiveOnly":true,"passiveOnl\\u0079":false}'
    expect((await call('PATCH', '/settings', { raw })).status).to.equal(400)
    expect((await call('GET', '/log?user=a&user=b')).status).to.equal(400)
    expect(strictJson('{"a":{"b":1},"b":[{"b":1},{"b":2}],"c":"\\"b\\":{"}')).to.have.keys('a', 'b', 'c')
  })

  it('duplicate keys: what is refused and what is read agrees with JSON.parse for any JSON', () => {
    assert(
      property(jsonValue({ maxDepth: 6 }), (value) => {
        const text = JSON.stringify(value)
        if (text.includes('__proto__')) return
        expect(strictJson(text)).to.deep.equal(JSON.parse(text))
      }),
    )
  })

  it('token guessing: no part of a token and no other spelling of it is accepted', async () => {
    await using it = await mounted(OFF)
    it.identity = undefined
    const { token } = await it.service.tokens.create({ note: 'n', permission: 'manage' }, 'root')
    const [stored] = it.service.settings().tokens
    const wrong = [
      token.slice(0, -1),
      `${token}x`,
      token.toUpperCase(),
      stored?.hash ?? '',
      stored?.id ?? '',
      `${token},${token}`,
    ]
    for (const guess of [...wrong, '', '*', 'undefined', 'null', '0'.repeat(64)]) {
      const { status } = await callerWith(it, { Authorization: `Bearer ${guess}` })('GET', '/status')
      expect(status, guess).to.equal(401)
    }
  })

  it('token timing: every stored hash is compared whole, in constant time, whichever is right', async () => {
    await using it = await mounted(OFF)
    for (let each = 0; each < 3; each += 1)
      await it.service.tokens.create({ note: `${each}`, permission: 'view' }, 'root')
    const source = it.service.tokens.find.toString()
    expect(source, 'no way out of the loop before its end').to.not.match(/for \([^{]*\{[^}]*(?:break|return)/)
    expect(source).to.include(timingSafeEqual.name)
  })

  it('token in the address: refused even when it is right, because addresses are kept in logs', async () => {
    await using it = await mounted(OFF)
    it.identity = undefined
    const { token } = await it.service.tokens.create({ note: 'n', permission: 'manage' }, 'root')
    for (const name of ['token', 'access_token', 'api_key']) {
      const { status, text } = await callerWith(it, {})('GET', `/status?${name}=${token}`)
      expect(status, name).to.equal(400)
      expect(text).to.not.include(token)
    }
    expect((await it.get(`/metrics?token=${token}`)).status).to.equal(400)
  })

  it('CSRF: with a cookie and no bearer, a change needs the token of our pages and our own origin', async () => {
    await using it = await mounted(OFF)
    const call = callerWith(it, {})
    const right = { 'X-CSRF-Token': await it.token() }
    for (const headers of [
      {},
      { 'X-CSRF-Token': 'wrong' },
      { ...right, Origin: 'https://evil.example' },
      { ...right, 'Sec-Fetch-Site': 'cross-site' },
      { ...right, 'Sec-Fetch-Site': 'same-site' },
    ]) {
      const { status } = await call('PUT', '/enabled', { body: { enabled: true }, headers })
      expect(status, JSON.stringify(headers)).to.equal(403)
    }
    // What a form of another site can send without asking.
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      const headers = { ...right, 'Content-Type': type }
      expect((await call('PUT', '/enabled', { raw: '{"enabled":true}', headers })).status, type).to.equal(415)
    }
    expect(it.service.status().state).to.equal('off')
  })

  it('CSRF: a wrong bearer is not made right by the cookie beside it', async () => {
    await using it = await mounted(OFF)
    const headers = { Authorization: 'Bearer wrong', 'X-CSRF-Token': await it.token() }
    expect((await callerWith(it, headers)('PUT', '/enabled', { body: { enabled: true } })).status).to.equal(401)
  })

  it('permission escalation: a token that may operate makes no token, and a header raises nobody', async () => {
    await using it = await mounted(OFF)
    const call = await caller(it, 'operate')
    const body = { note: 'more', permission: 'manage' }
    for (const headers of [{}, { 'X-Shell-Role': 'manage', 'X-Shell-User': 'root', 'X-Forwarded-User': 'root' }]) {
      expect((await call('POST', '/tokens', { body, headers })).status).to.equal(403)
    }
    expect(it.service.tokens.list()).to.have.length(1)
  })

  it('compressed body bomb: nothing compressed is read, nothing large is kept', async () => {
    await using it = await mounted(OFF)
    const call = await caller(it)
    const bomb = new Uint8Array(gzipSync(Buffer.alloc(50_000_000, 32)))
    for (const encoding of ['gzip', 'deflate', 'br', 'zstd', 'x-unknown']) {
      const headers = { 'Content-Encoding': encoding }
      expect((await call('PATCH', '/settings', { raw: bomb, headers })).status, encoding).to.equal(415)
    }
    const raw = `{"a":"${'x'.repeat(2 ** 20)}"}`
    expect((await call('PATCH', '/settings', { raw })).status).to.equal(413)
  })

  it('CRLF in values: no header, no reply and no line of the log can be split', async () => {
    await using it = await mounted({ preset: OFF.preset })
    const call = await caller(it)
    const evil = 'x\r\nSet-Cookie: a=b'
    const answers = await Promise.all([
      call('PATCH', '/settings', { body: { messages: { goodbye: evil } } }),
      call('POST', '/resources', { body: { name: evil, folder: 'x' } }),
      call('POST', '/tokens', { body: { note: evil, permission: 'view' } }),
      call('POST', '/sessions/x/message', { body: { text: evil } }),
    ])
    expect(answers.map(({ status }) => status)).to.deep.equal([422, 422, 422, 422])
    const path = await call('GET', `/resources/${encodeURIComponent(evil)}`)
    expect([path.status, path.headers.get('Set-Cookie')]).to.deep.equal([404, null])
    expect((await call('PATCH', '/settings', { body: {}, headers: { 'If-Match': '"a" , x' } })).status).to.equal(400)
  })

  it('method override and methods of no use: only what is declared is done', async () => {
    await using it = await mounted(OFF)
    const call = await caller(it)
    for (const name of ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override']) {
      expect((await call('GET', '/resources/Scans', { headers: { [name]: 'DELETE' } })).status).to.equal(200)
    }
    expect((await call('GET', '/resources/Scans?_method=DELETE')).status).to.equal(400)
    expect(it.service.settings().resources).to.have.length(1)
    for (const method of ['HEAD', 'OPTIONS', 'DELETE']) {
      const { status, headers } = await call(method, '/resources')
      expect([status, headers.get('Allow')], method).to.deep.equal([405, 'GET, POST'])
    }
  })

  it('wrong kinds of bodies: other types, other charsets, broken UTF-8, no JSON, and bodies where none belongs', async () => {
    await using it = await mounted(OFF)
    const call = await caller(it)
    const send = async (raw: string | Uint8Array<ArrayBuffer>, type: string) =>
      (await call('PATCH', '/settings', { raw, headers: { 'Content-Type': type } })).status
    expect(await send('<a/>', 'application/xml')).to.equal(415)
    expect(await send('{}', 'application/json; charset=utf-16')).to.equal(415)
    expect(await send('{}', 'application/json; charset=UTF-8')).to.equal(200)
    expect(await send(new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 'application/json')).to.equal(400)
    expect(await send('{', 'application/json')).to.equal(400)
    expect((await call('DELETE', '/resources/Scans', { body: {} })).status).to.equal(400)
    expect((await call('POST', '/sessions/x/abort', { body: {} })).status).to.equal(400)
  })
})
