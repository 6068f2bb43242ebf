/** The OpenAPI document, checked by calling every operation in it. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { Client } from 'basic-ftp'
import { Readable } from 'node:stream'
import { OPERATIONS } from '../../../module/web/api/operations.ts'
import { problem } from '../../../module/web/api/problem.ts'
import { mounted } from '../mounted.ts'
import { caller } from './calls.ts'
import type { CallOptions } from './calls.ts'

const PRESET = {
  users: [{ name: 'anna', password: 'password 1', groups: ['staff'] }],
  resources: [
    { name: 'Scans', folder: 'scans', rights: [{ group: 'staff', level: 'readWrite' }] },
    { name: 'Old', folder: 'old' },
  ],
}

type Example = { readonly path?: string; readonly query?: string } & CallOptions

describe('the OpenAPI document', () => {
  it('describes what every operation answers: each is called, and its answer is what the document says', async () => {
    await using it = await mounted({ preset: PRESET })
    const call = await caller(it)
    await mkdir(join(it.shell.storageFolder, 'scans'), { recursive: true })
    using client = disposable(new Client())
    await client.ftp.access({ host: '127.0.0.1', port: it.port, user: 'anna', password: 'password 1', secure: false })
    await client.ftp.uploadFrom(Readable.from(['hello']), '/Scans/a.txt')
    await it.service.journal.flush()
    const session = it.service.activity.rows()[0]?.id ?? ''
    const spare = await it.service.tokens.create({ note: 'spare', permission: 'view' }, 'test')
    const backup = (await call('GET', '/backup')).json
    const month = it.service.journal.today().slice(0, 7)

    const examples: Readonly<Record<string, Example>> = {
      getStatus: {},
      getOpenApi: {},
      getSettings: {},
      changeSettings: { body: { limits: { connections: 7 } } },
      listCommands: {},
      listReplies: {},
      listVariables: {},
      previewText: { query: `?code=502&text=${encodeURIComponent('Not $Command,\n$Name')}` },
      getAccounts: {},
      changeAccounts: { body: { users: { anna: { limits: { sessions: 3 } } } } },
      listAccounts: { query: '?search=staff' },
      switchFtp: { body: { users: ['anna'], ftp: true } },
      getEffectiveLimits: { query: '?user=anna&at=2026-11-20T23:00:00Z' },
      listDomains: {},
      createDomain: { body: { name: 'Office', names: ['office.example'] } },
      getDomain: { path: '/domains/office' },
      replaceDomain: { path: '/domains/office', body: { name: 'Branch', names: ['branch.example'], enabled: false } },
      deleteDomain: { path: '/domains/office' },
      listResources: {},
      getResourceStates: {},
      createResource: { body: { name: 'New', folder: 'scans' } },
      getResource: { path: '/resources/Scans' },
      replaceResource: { path: '/resources/Old', body: { name: 'Older', folder: 'old', enabled: false } },
      deleteResource: { path: '/resources/Older' },
      listSessions: { query: '?ended=false' },
      getSession: { path: `/sessions/${session}` },
      getTranscript: { path: `/sessions/${session}/transcript`, query: '?after=2' },
      getChat: { path: `/sessions/${session}/chat` },
      broadcast: { body: { text: 'Hello to all.' } },
      sendMessage: { path: `/sessions/${session}/message`, body: { text: 'Hello.' } },
      abortTransfer: { path: `/sessions/${session}/abort` },
      disconnectSession: { path: `/sessions/${session}/disconnect`, body: { message: 'Good bye.' } },
      queryLog: { query: '?kinds=message,status&size=10&page=1' },
      listLogDays: { query: `?month=${month}` },
      getStory: { path: `/log/sessions/${session}` },
      exportLog: { query: '?format=jsonl&search=anna' },
      listCertificates: {},
      listUsers: {},
      listStorage: {},
      listFolders: { query: '?path=' },
      createFolder: { body: { path: 'scans', name: 'inner' } },
      explainRights: { query: '?user=anna&path=/Scans' },
      replayChange: { body: { settings: { tls: { policy: 'login' } } } },
      explainWhy: { query: '?address=127.0.0.1&user=anna&command=STOR&path=/Scans/a.txt' },
      listRules: {},
      getRules: { path: '/rules/server/-' },
      replaceRules: {
        path: '/rules/group/staff',
        body: { rules: [{ action: 'deny', mask: '*:*' }], confirm: 'staff' },
      },
      addRule: { path: '/rules/server/-', body: { rule: { action: 'allow', mask: '127.0.0.1' }, trial: true } },
      importRules: {
        path: '/rules/server/-/import',
        body: { csv: 'IP,Allow\n192.0.2.0-24,0\n', mode: 'append', dryRun: false },
      },
      exportRules: { path: '/rules/server/-/export' },
      getTrial: {},
      confirmTrial: {},
      undoTrial: {},
      deleteRule: { path: '/rules/server/-/2' },
      banAddress: { body: { mask: '203.0.113.0/24', minutes: 10 } },
      listBans: { query: '?search=203.0.113.9&limit=10' },
      liftBan: { body: { id: 'manual 203.0.113.0/24' } },
      liftAllBans: {},
      explainAccess: { query: '?address=192.0.2.3&user=anna' },
      describeMask: { query: '?mask=192.0.2.0-24' },
      getBackup: {},
      restore: { query: '?dryRun=true', body: backup },
      listTokens: {},
      createToken: { body: { note: 'backup script', permission: 'view' } },
      revokeToken: { path: `/tokens/${spare.id}` },
      turn: { body: { enabled: false } },
    }
    const { json: document } = await call('GET', '/openapi.json')
    expect(described(document).sort()).to.deep.equal(OPERATIONS.map(({ id }) => id).sort())
    const byId = new Map(OPERATIONS.map((operation) => [operation.id, operation]))
    expect(Object.keys(examples).sort(), 'an example for each operation').to.deep.equal([...byId.keys()].sort())

    for (const [id, { path, query = '', ...options }] of Object.entries(examples)) {
      const operation = byId.get(id)
      if (!operation) throw new Error(id)
      const answer = await call(operation.method.toUpperCase(), (path ?? operation.path) + query, options)
      // The session has no transfer at this moment; what was on trial has been confirmed.
      const expected = ['abortTransfer', 'undoTrial'].includes(id) ? 404 : (operation.status ?? 200)
      expect(answer.status, `${id}: ${answer.text.slice(0, 300)}`).to.equal(expected)
      if (expected === 404) expect(problem.safeParse(answer.json).success).to.equal(true)
      else if (operation.answer) {
        const { error } = operation.answer.safeParse(answer.json)
        expect(error?.message, id).to.equal(undefined)
      } else if (operation.files) {
        const [type = ''] = (answer.headers.get('Content-Type') ?? '').split(';')
        expect(operation.files, id).to.include(type)
        expect(answer.headers.get('Content-Disposition'), id).to.match(/^attachment/)
      } else expect(answer.text, id).to.equal('')
      if (operation.revised && operation.status !== 204) expect(answer.headers.get('ETag'), id).to.match(/^"[\w-]+"$/)
    }
    expect(it.service.status().state).to.equal('off')
  })

  it('is OpenAPI 3.1 whose references all lead somewhere', async () => {
    await using it = await mounted({ preset: { enabled: false } })
    const { json } = await (await caller(it, 'view'))('GET', '/openapi.json')
    expect(json.openapi).to.equal('3.1.0')
    const references = [...JSON.stringify(json).matchAll(/"\$ref":"(#[^"]*)"/g)].map(([, reference = '']) => reference)
    expect(references.length).to.be.greaterThan(10)
    for (const reference of new Set(references)) {
      const found = reference
        .split('/')
        .slice(1)
        .reduce((at: any, part) => at?.[part.replaceAll('~1', '/').replaceAll('~0', '~')], json)
      expect(found, reference).to.be.an('object')
    }
  })
})

function described(document: any): string[] {
  return Object.values<any>(document.paths).flatMap((methods) =>
    Object.values<any>(methods).map(({ operationId }) => operationId),
  )
}

function disposable(ftp: Client) {
  return { ftp, [Symbol.dispose]: () => ftp.close() }
}
