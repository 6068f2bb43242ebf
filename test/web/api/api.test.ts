/** What the API promises besides its operations: revisions, problems, tokens, watching. */
import { expect } from 'chai'
import { mounted } from '../mounted.ts'
import { caller, callerWith } from './calls.ts'

const OFF = { preset: { enabled: false } }

describe('the API', () => {
  it('changes what the pages show, through the same service', async () => {
    await using it = await mounted({ preset: { enabled: false } })
    const call = await caller(it)
    const { status, json } = await call('PATCH', '/settings', {
      raw: '{"limits":{"connections":42}}',
      headers: { 'Content-Type': 'application/merge-patch+json' },
    })
    expect(status).to.equal(200)
    expect(json.limits.connections).to.equal(42)
    expect(it.service.settings().settings.limits.connections).to.equal(42)
    expect(it.audited.some(({ by }) => /^token \w+ \(test manage\)$/.test(by ?? ''))).to.equal(true)
  })

  it('tells 412 to who would overwrite what somebody has changed meanwhile', async () => {
    await using it = await mounted(OFF)
    const call = await caller(it)
    const etag = (await call('GET', '/settings')).headers.get('ETag') ?? ''
    await it.service.change({ settings: { limits: { connections: 5 } } }, 'somebody')
    const headers = { 'If-Match': etag }
    const refused = await call('PATCH', '/settings', { body: { limits: { connections: 9 } }, headers })
    expect(refused.status).to.equal(412)
    expect(refused.json.detail).to.include('somebody')
    expect(it.service.settings().settings.limits.connections).to.equal(5)
    const beside = await call('PATCH', '/settings', { body: { limits: { connectionsPerHost: 9 } }, headers })
    expect(beside.status).to.equal(200)
  })

  it('says which value is not possible and what is, as problem details (RFC 9457)', async () => {
    await using it = await mounted(OFF)
    const call = await caller(it)
    const { status, headers, json } = await call('PATCH', '/settings', {
      body: { port: 70000, limits: { sesions: 1 } },
    })
    expect(status).to.equal(422)
    expect(headers.get('Content-Type')).to.match(/^application\/problem\+json/)
    expect(json).to.include({ type: 'about:blank', title: 'Unprocessable Entity', status: 422 })
    const paths = json.errors.map(({ path }: { path: string }) => path)
    expect(paths).to.have.members(['settings.port', 'settings.limits.sesions'])
  })

  it('takes in, changes and removes a resource, and says where it is', async () => {
    await using it = await mounted(OFF)
    const call = await caller(it)
    const made = await call('POST', '/resources', { body: { name: 'A & B', folder: 'x' } })
    expect([made.status, made.headers.get('Location')]).to.deep.equal([201, '/api/v1/resources/A%20%26%20B'])
    expect((await call('POST', '/resources', { body: { name: 'A & B', folder: 'y' } })).status).to.equal(422)
    const renamed = await call('PUT', '/resources/A%20%26%20B', { body: { name: 'C', folder: 'x' } })
    expect(renamed.status).to.equal(200)
    expect((await call('GET', '/resources/A%20%26%20B')).status).to.equal(404)
    expect((await call('DELETE', '/resources/C')).status).to.equal(204)
    expect(it.service.settings().resources).to.deep.equal([])
  })

  it('takes in, changes and removes a domain, which keeps its id, and says where it is', async () => {
    await using it = await mounted(OFF)
    const call = await caller(it)
    const made = await call('POST', '/domains', { body: { name: 'My office', names: ['Office.example.'] } })
    expect([made.status, made.headers.get('Location')]).to.deep.equal([201, '/api/v1/domains/my-office'])
    expect(made.json).to.include({ id: 'my-office', enabled: true, resources: 'all' })
    expect(made.json.names).to.deep.equal(['office.example'])
    const twice = await call('POST', '/domains', { body: { name: 'Other', names: ['office.example'] } })
    expect([twice.status, twice.json.errors[0].path]).to.deep.equal([422, 'names[0]'])
    const renamed = await call('PUT', '/domains/my-office', { body: { name: 'Branch', names: ['office.example'] } })
    expect([renamed.status, renamed.json.id]).to.deep.equal([200, 'my-office'])
    const moved = await call('PUT', '/domains/my-office', { body: { id: 'x', name: 'Branch', names: ['a.example'] } })
    expect(moved.status).to.equal(422)
    expect((await call('GET', '/domains/default')).status).to.equal(404)
    expect((await call('DELETE', '/domains/my-office')).status).to.equal(204)
    expect(it.service.settings().domains).to.deep.equal([])
  })

  it('turns the service off until a time, and on again', async () => {
    await using it = await mounted()
    const call = await caller(it, 'operate')
    const until = new Date(Date.now() + 3_600_000).toISOString()
    const off = await call('PUT', '/enabled', { body: { enabled: false, until } })
    expect([off.json.state, off.json.pausedUntil]).to.deep.equal(['off', Date.parse(until)])
    expect((await call('PUT', '/enabled', { body: { enabled: true } })).json.state).to.equal('on')
    expect((await call('PUT', '/enabled', { body: { enabled: true, until } })).status).to.equal(422)
  })

  it('serves logins of the pages as well, when a page of ours sends the request', async () => {
    await using it = await mounted(OFF)
    const call = callerWith(it, {})
    expect((await call('GET', '/status')).status).to.equal(200)
    const headers = { 'X-CSRF-Token': await it.token() }
    expect((await call('PUT', '/enabled', { body: { enabled: true }, headers })).status).to.equal(200)
  })

  it('restores a backup, which holds no token', async () => {
    await using it = await mounted({ preset: { enabled: false, resources: [{ name: 'A', folder: 'a' }] } })
    const call = await caller(it)
    const backup = await call('GET', '/backup')
    expect(backup.text).to.not.match(/"tokens"|[0-9a-f]{64}/)
    await call('DELETE', '/resources/A')
    const preview = await call('POST', '/restore?dryRun=true', { body: backup.json })
    expect(preview.json.changes).to.deep.equal(['resources["A"]'])
    expect(it.service.settings().resources).to.have.length(0)
    expect((await call('POST', '/restore', { body: backup.json })).status).to.equal(200)
    expect(it.service.settings().resources).to.have.length(1)
    expect(it.service.tokens.list(), 'tokens stay').to.have.length(1)
    expect((await call('POST', '/restore', { body: { ...backup.json, version: 99 } })).status).to.equal(422)
  })

  it('works below a base path, and says so in what it answers', async () => {
    await using it = await mounted({ ...OFF, base: '/modules/ftp' })
    const call = await caller(it)
    const made = await call('POST', '/resources', { body: { name: 'A', folder: 'a' } })
    expect(made.headers.get('Location')).to.equal('/modules/ftp/api/v1/resources/A')
  })
})

describe('a token', () => {
  it('is stored as a hash only, and shown once', async () => {
    await using it = await mounted(OFF)
    const call = await caller(it)
    const { json } = await call('POST', '/tokens', { body: { note: 'one', permission: 'view' } })
    expect(json.token).to.match(/^ftpmodule_[\w-]{43}$/)
    expect(JSON.stringify(it.service.settings())).to.not.include(json.token)
    expect((await call('GET', '/tokens')).text).to.not.include(json.token)
    expect(JSON.stringify(it.audited)).to.not.include(json.token)
  })

  it('can come with a preset, as its hash', async () => {
    // The SHA-256 of "ftpmodule_known".
    const { createHash } = await import('node:crypto')
    const hash = createHash('sha256').update('ftpmodule_known').digest('hex')
    const tokens = [{ id: 'fleet', note: 'fleet', permission: 'view', hash }]
    await using it = await mounted({ preset: { enabled: false, tokens } })
    const call = callerWith(it, { Authorization: 'Bearer ftpmodule_known' })
    expect((await call('GET', '/status')).status).to.equal(200)
  })

  it('is not accepted any more once it is revoked or past its end, and says nothing about why', async () => {
    await using it = await mounted(OFF)
    it.identity = undefined
    const answers: string[] = []
    const revoked = await it.service.tokens.create({ note: 'r', permission: 'view' }, 'root')
    await it.service.tokens.revoke(revoked.id, 'root')
    const ended = await it.service.tokens.create(
      { note: 'e', permission: 'view', expires: new Date(Date.now() + 60_000).toISOString() },
      'root',
    )
    expect(it.service.tokens.find(ended.token, Date.now() + 60_001)).to.equal(undefined)
    for (const token of [revoked.token, 'ftpmodule_unknown', '']) {
      const { status, text, headers } = await callerWith(it, { Authorization: `Bearer ${token}` })('GET', '/status')
      expect(status).to.equal(401)
      expect(headers.get('WWW-Authenticate')).to.include('invalid_token')
      answers.push(text)
    }
    expect(new Set(answers).size).to.equal(1)
  })

  it('remembers when it was used last, also after a restart', async () => {
    await using it = await mounted(OFF)
    const { id, token } = await it.service.tokens.create({ note: 'n', permission: 'view' }, 'root')
    expect(it.service.tokens.list().find((each) => each.id === id)?.lastUsed).to.equal(undefined)
    await callerWith(it, { Authorization: `Bearer ${token}` })('GET', '/status')
    expect(it.service.tokens.list().find((each) => each.id === id)?.lastUsed).to.be.a('number')
    await it.service.tokens.close()
    const { readFile } = await import('node:fs/promises')
    expect(await readFile(`${it.shell.paths.state}/token-use.json`, 'utf8')).to.include(id)
  })
})

describe('programs that watch', () => {
  it('learn from /healthz whether all is well, and more only with a token', async () => {
    await using it = await mounted()
    it.identity = undefined
    const open = await it.get('/healthz')
    expect([open.status, open.text]).to.deep.equal([200, '{"ok":true}'])
    const { token } = await it.service.tokens.create({ note: 'm', permission: 'view' }, 'root')
    const full = await it.get('/healthz', { Authorization: `Bearer ${token}` })
    expect(JSON.parse(full.text).checks.map(({ id }: { id: string }) => id)).to.include.members(['service', 'log'])
    expect((await it.get('/healthz', { Authorization: 'Bearer wrong' })).status).to.equal(401)
  })

  it('read numbers from /metrics with a token: logins, transfers, octets, refusals', async () => {
    const users = [{ name: 'anna', password: 'password 1', groups: [] }]
    const resources = [{ name: 'A', folder: 'a', rights: [{ user: 'anna', level: 'readWrite' }] }]
    await using it = await mounted({ preset: { users, resources, settings: { logins: { failureDelaySeconds: 0 } } } })
    it.identity = undefined
    expect((await it.get('/metrics')).status).to.equal(401)
    const { Client } = await import('basic-ftp')
    const { Readable } = await import('node:stream')
    const client = new Client()
    const access = { host: '127.0.0.1', port: it.port, user: 'anna', secure: false }
    await client.access({ ...access, password: 'wrong' }).catch(() => undefined)
    await client.access({ ...access, password: 'password 1' })
    await client.uploadFrom(Readable.from(['0123456789']), '/A/a.txt')
    const { token } = await it.service.tokens.create({ note: 'm', permission: 'view' }, 'root')
    const { text, headers } = await it.get('/metrics', { Authorization: `Bearer ${token}` })
    client.close()
    expect(headers.get('Content-Type')).to.include('version=0.0.4')
    for (const line of [
      'ftp_up 1',
      'ftp_sessions 1',
      'ftp_logins_total{result="user"} 1',
      'ftp_logins_total{result="failed"} 1',
      'ftp_transfers_total{direction="upload",result="complete"} 1',
      'ftp_transferred_bytes_total{direction="upload"} 10',
      'ftp_log_dropped_entries 0',
    ]) {
      expect(text.split('\n')).to.include(line)
    }
    expect(text).to.match(/^ftp_refusals_total\{rule="login\.[\w-]+"\} 1$/m)
    expect(text).to.match(/^ftp_event_loop_delay_seconds\{quantile="0.99"\} [\d.e-]+$/m)
  })
})
