/** The example of docs/EMBEDDING.md, run. */
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import Koa from 'koa'
import { selfSigned } from '../../module/certificates/self-signed.ts'
import { examine } from '../shell-kit/kit.ts'
import type { ShellUnderTest } from '../shell-kit/shell-under-test.ts'
import { mount, shellOf } from './firmware.ts'
import type { Firmware } from './firmware.ts'

const USER = { name: 'anna', password: 'secret words', groups: ['staff'] }

describe('the example of docs/EMBEDDING.md', function () {
  this.timeout(60_000)

  it('serves the pages below /modules/ftp for whom the firmware knows, and leaves its other paths alone', async () => {
    await using it = await firmware()
    const app = new Koa()
    const module = await mount(app, await shellOf(it.firmware))
    app.use((ctx) => void (ctx.body = `the firmware's ${ctx.path}`))
    const server = createServer((request, response) => void app.callback()(request, response)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const get = (path: string, cookie = '') => fetch(origin + path, { redirect: 'manual', headers: { cookie } })
    try {
      await module.start()
      const sent = await get('/modules/ftp/log', 'router=wrong')
      expect([sent.status, sent.headers.get('Location')]).to.deep.equal([302, '/login?next=%2Fmodules%2Fftp%2Flog'])
      const page = await get('/modules/ftp', 'router=right')
      expect(page.status).to.equal(200)
      expect(await page.text()).to.include('href="/modules/ftp/settings"')
      expect((await get('/modules/ftp/public/style.css')).status).to.equal(200)
      for (const path of ['/', '/modules/ftpx', '/modules']) {
        expect(await (await get(path)).text()).to.equal(`the firmware's ${path}`)
      }
    } finally {
      server.closeAllConnections()
      server.close()
      await module.dispose()
    }
  })

  it('keeps every promise of the contract', async () => {
    const broken = (await examine(underTest)).filter((outcome) => outcome.broken !== undefined)
    expect(broken).to.deep.equal([])
  })

  it('stands in the document as it is here', async () => {
    const folder = import.meta.dirname
    const text = await readFile(join(folder, '../../docs/EMBEDDING.md'), 'utf8')
    const source = await readFile(join(folder, 'firmware.ts'), 'utf8')
    expect(text).to.include(source.replaceAll("'../../module/index.ts'", "'ftp-module'").trim())
  })
})

async function firmware() {
  const root = await mkdtemp(join(tmpdir(), 'firmware-'))
  await mkdir(join(root, 'disk'))
  const it: Firmware = {
    folder: join(root, 'module'),
    disk: join(root, 'disk'),
    certificate: await selfSigned(['localhost']),
    users: [{ name: USER.name, groups: USER.groups, enabled: true }],
    checkPassword: async (name, password) => name === USER.name && password === USER.password,
    administratorOf: (cookie) => (cookie === 'right' ? { name: 'root', session: 'session 1' } : undefined),
    log: () => {},
  }
  return { firmware: it, [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }) }
}

async function underTest(): Promise<ShellUnderTest> {
  const it = await firmware()
  return {
    shell: await shellOf(it.firmware),
    user: USER,
    loggedIn: async () => ({ cookie: 'router=right' }),
    close: () => it[Symbol.asyncDispose](),
  }
}
