/** The pages for certificates, storage and the device itself. */
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { BundleError, pairFrom } from '../../../module/certificates/bundle.ts'
import { openBundle } from '../../../module/certificates/open-bundle.ts'
import { inspectPair } from '../../../module/certificates/inspect.ts'
import { selfSigned } from '../../../module/certificates/self-signed.ts'
import { certificate } from '../../certificate.ts'
import { rejection } from '../../rejection.ts'
import { ADMIN, served } from './served.ts'

const YEARS = 3 * 365 * 86_400_000

describe('the pages for certificates', () => {
  it('list what there is, with a warning for what expires soon', async () => {
    await using it = await served()
    const { certificate: pem, key } = await certificate('nas.lan')
    await it.shell.certificates.import('short-lived', { certificates: [pem], key })
    const browser = await it.loggedIn()
    const { text } = await browser.get('/appliance/certificates')
    // No settings name one, so that the server has the shell's own.
    expect(text.match(/FTP server, as no other is chosen/g)).to.have.length(1)
    expect(text)
      .to.match(/badge good">valid</)
      .and.match(/badge warning">expires soon</)
    expect((await browser.get('/appliance/certificates/view?id=self-signed')).text).to.match(/(?:[0-9A-F]{2}:){31}/)
    expect((await browser.get('/appliance/certificates/view?id=../users')).status).to.equal(404)
  })

  it('make a request, and take the certificate for it without a key', async () => {
    await using it = await served()
    const browser = await it.loggedIn()
    const form = { id: 'nas', names: 'nas.lan 192.168.1.1', kind: 'ec', how: 'request' }
    expect((await browser.post('/appliance/certificates/make', form)).status).to.equal(303)
    const request_ = (await browser.get('/appliance/certificates/export?kind=request&id=nas')).text
    const folder = join(it.data, 'ca')
    await mkdir(folder)
    await writeFile(join(folder, 'nas.csr'), request_)
    const openssl = (...args: string[]) =>
      execFileSync('openssl', args, { cwd: folder, stdio: 'pipe', encoding: 'utf8' })
    expect(openssl('req', '-in', 'nas.csr', '-noout', '-verify', '-text')).to.include(
      'DNS:nas.lan, IP Address:192.168.1.1',
    )
    openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=CA')
    openssl('x509', '-req', '-in', 'nas.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-out', 'nas.pem', '-days', '100')
    const chain = (await readFile(join(folder, 'ca.pem'), 'utf8')) + (await readFile(join(folder, 'nas.pem'), 'utf8'))
    expect((await browser.upload('/appliance/certificates/import', { id: 'nas', pem: '' }, chain)).status).to.equal(303)
    const pair = await it.shell.certificates.load('nas')
    expect(inspectPair(pair).usable).to.equal(true)
    expect(pair.certificate.match(/BEGIN/g)).to.have.length(2)
    expect((await stat(join(it.data, 'certificates', 'nas.key'))).mode & 0o777).to.equal(0o600)
    expect(await it.shell.certificates.requests()).to.deep.equal([])
  })

  it('take PKCS#12 with its password, and say what is wrong with what they do not take', async () => {
    await using it = await served()
    const browser = await it.loggedIn()
    const folder = join(it.data, 'files')
    await mkdir(folder)
    const [mine, other] = [await selfSigned(['nas.lan'], undefined, 'rsa'), await selfSigned(['other.lan'])]
    await writeFile(join(folder, 'a.pem'), mine.certificate + mine.key)
    execFileSync('openssl', ['pkcs12', '-export', '-in', 'a.pem', '-out', 'a.p12', '-passout', 'pass:open sesame'], {
      cwd: folder,
    })
    const p12 = await readFile(join(folder, 'a.p12'))
    const bring = async (content: Buffer | string, password = '') => {
      const { status, text } = await browser.upload(
        '/appliance/certificates/import',
        { id: 'mine', pem: '', password },
        content,
      )
      return status === 303 ? 'taken' : `${status} ${/class="error"[^>]*>([^<]*)/.exec(text)?.[1]}`
    }
    expect(await bring(p12, 'wrong')).to.equal('422 The password does not open the key.')
    expect(await bring(mine.certificate)).to.match(/^422 The file holds no key/)
    expect(await bring(mine.key)).to.equal('422 The file holds no certificate.')
    expect(() => pairFrom({ certificates: [mine.certificate], key: mine.key }, undefined, Date.now() + YEARS))
      .to.throw(BundleError)
      .with.property('fault', 'expired')
    expect(await bring(other.certificate + mine.key)).to.equal('422 The key belongs to another certificate.')
    expect(await bring('x'.repeat(300_000))).to.match(/^422 The file is too large/)
    expect(await bring('nonsense')).to.match(/^422 This is neither PEM nor PKCS#12/)
    expect(await readdir(join(it.data, 'certificates'))).to.have.members(['self-signed.key', 'self-signed.pem'])
    expect(await bring(p12, 'open sesame')).to.equal('taken')
    expect(inspectPair(await it.shell.certificates.load('mine')).usable).to.equal(true)
  })

  it('give up on a file whose password takes hours to check (key derivation bomb)', async () => {
    const pair = await selfSigned(['nas.lan'])
    const folder = await mkdtemp(join(tmpdir(), 'bomb-'))
    await writeFile(join(folder, 'a.pem'), pair.certificate + pair.key)
    const args = ['pkcs12', '-export', '-passout', 'pass:x', '-iter', '1000000', '-maciter', '-in', 'a.pem']
    const file = execFileSync('openssl', args, { cwd: folder })
    await rm(folder, { recursive: true })
    // 1,000,000 becomes 8,388,607 rounds: the length of the number stays.
    const million = Buffer.from([0x02, 0x03, 0x0f, 0x42, 0x40])
    for (let at = file.indexOf(million); at >= 0; at = file.indexOf(million))
      Buffer.from([2, 3, 0x7f, 0xff, 0xff]).copy(file, at)
    const began = performance.now()
    let longest = 0
    let last = began
    const watch = setInterval(() => {
      longest = Math.max(longest, performance.now() - last)
      last = performance.now()
    }, 10)
    expect(await rejection(openBundle(file, 'x', 500))).to.have.property('fault', 'unreadable')
    clearInterval(watch)
    expect(performance.now() - began).to.be.below(2000)
    expect(longest).to.be.below(400)
  })

  it('keep what is in use, and name no path outside their folder (path traversal)', async () => {
    await using it = await served()
    await it.shell.certificates.makeSelfSigned('nas', ['nas.lan'], 'ec')
    const browser = await it.loggedIn()
    await it.shell.file.edit(({ web }) => ({ web: { ...web, https: true, certificate: 'nas' } }))
    for (const id of ['nas', 'self-signed']) {
      expect((await browser.post('/appliance/certificates/delete', { id })).status, id).to.equal(422)
    }
    await it.shell.file.edit(({ web }) => ({ web: { ...web, https: false } }))
    expect((await browser.post('/appliance/certificates/delete', { id: 'nas' })).status).to.equal(303)
    expect((await it.shell.certificates.list()).map(({ id }) => id)).to.deep.equal(['self-signed'])
    for (const id of ['../evil', 'a/b', '..', '.hidden', 'A', '']) {
      const form = { id, names: 'nas.lan', kind: 'ec', how: 'self-signed' }
      expect((await browser.post('/appliance/certificates/make', form)).status, id).to.equal(422)
    }
    const injected = { id: 'x', names: 'nas.lan\nevil_name!', kind: 'ec', how: 'self-signed' }
    expect((await browser.post('/appliance/certificates/make', injected)).status).to.equal(422)
  })
})

describe('the page for storage', () => {
  it('adds a folder that is there, and takes it away without touching it', async () => {
    await using it = await served()
    await using disk = await served()
    const browser = await it.loggedIn()
    const path = join(disk.data, 'storage')
    expect((await browser.post('/appliance/system/storage/add', { label: 'USB disk', path })).status).to.equal(303)
    const [, root] = await it.shell.storage.roots()
    expect(root).to.include({ id: 'usb-disk', label: 'USB disk', path, readOnly: false })
    expect(root?.freeBytes).to.be.within(1, root?.totalBytes ?? 0)
    expect((await browser.get('/appliance/system')).text)
      .to.include('USB disk')
      .and.include(path)
    expect((await browser.post('/appliance/system/storage/remove', { id: 'usb-disk' })).status).to.equal(303)
    expect(await it.shell.storage.roots()).to.have.length(1)
    expect((await stat(path)).isDirectory()).to.equal(true)
    expect((await browser.post('/appliance/system/storage/remove', { id: 'data' })).status).to.equal(404)
  })

  it('gives out no folder of the system and none with our keys, by no link either', async () => {
    await using it = await served()
    const browser = await it.loggedIn()
    const link = join(it.data, '..', `link-${process.pid}`)
    await symlink('/etc', link)
    const refused = [
      '/',
      '/etc',
      '/etc/ssl',
      '/proc/self',
      '/usr/../etc',
      'relative',
      '/no/such/folder',
      '/etc/passwd',
      link,
    ]
    for (const path of [...refused, it.data, join(it.data, 'certificates'), join(it.data, '..')]) {
      const { status, text } = await browser.post('/appliance/system/storage/add', { label: 'x', path })
      expect(status, path).to.equal(422)
      expect(text).to.include('class="error"')
    }
    expect(await it.shell.storage.roots()).to.have.length(1)
    await rm(link)
  })
})

describe('the pages served over HTTPS', () => {
  it('have cookies that belong to this host alone, and no promise that a self-signed certificate cannot keep', async () => {
    await using it = await served({ administrator: ADMIN, web: { https: true } })
    expect(it.web.url).to.match(/^https:/)
    const { status, headers } = await look(`${it.web.url}login`)
    expect(status).to.equal(200)
    expect(headers['set-cookie']?.join()).to.match(
      /^__Host-ftp-visit=[\w-]{43}; path=\/; samesite=strict; secure; httponly$/,
    )
    expect(headers['strict-transport-security']).to.equal(undefined)
  })

  it('begin and end while they are served, and a place that cannot be had changes nothing', async () => {
    await using it = await served()
    await using other = await served()
    const browser = await it.loggedIn()
    const before = it.web.url
    const form = { address: '127.0.0.1', port: '0', names: 'router.lan' }
    const elsewhere = await browser.post('/appliance/system/web', { ...form, address: '192.0.2.77', https: 'on' })
    expect(elsewhere.status).to.equal(422)
    expect(it.web.url).to.equal(before)
    expect((await browser.post('/appliance/system/web', { ...form, names: 'not a name!' })).status).to.equal(422)
    const moved = await browser.post('/appliance/system/web', { ...form, https: 'on' })
    const [, url = ''] = /href="(https:[^"]*)appliance\/system"/.exec(moved.text) ?? []
    expect((await look(`${url}login`)).status).to.equal(200)
    expect([it.web.url, it.shell.webAddress.https]).to.deep.equal([before, false])
    expect(other.web.url).to.match(/^http:/)
  })
})

/** A page over HTTPS, whoever signed the certificate. */
const look = (url: string) =>
  new Promise<{ status: number | undefined; headers: import('node:http').IncomingHttpHeaders }>((resolve, reject) => {
    request(url, { rejectUnauthorized: false, agent: false }, (response) => {
      response.resume().on('end', () => resolve({ status: response.statusCode, headers: response.headers }))
    })
      .on('error', reject)
      .end()
  })
