/** The embedded shell: its data folder, certificate, network and first start. */
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { inspectPair } from '../../module/certificates/inspect.ts'
import { preset } from '../../module/settings/preset.ts'
import { checked } from '../../module/settings/problems.ts'
import { DataFolderError } from '../../module/shells/embedded/data-folder.ts'
import { openEmbeddedShell } from '../../module/shells/embedded/embedded-shell.ts'
import type { EmbeddedShell } from '../../module/shells/embedded/embedded-shell.ts'
import { HostNetwork } from '../../module/shells/embedded/host-network.ts'
import { rejection } from '../rejection.ts'

const mode = async (path: string) => (await stat(path)).mode & 0o777

describe('the embedded shell', () => {
  let data: string
  const shells: EmbeddedShell[] = []
  const open = async (input?: object, webPort?: number) => {
    const given = input && checked(preset, input)
    const shell = await openEmbeddedShell({ places: { data }, preset: given, webPort, audit: () => {} })
    shells.push(shell)
    return shell
  }
  beforeEach(async () => {
    data = join(await mkdtemp(join(tmpdir(), 'shell-')), 'data')
  })
  afterEach(async () => {
    for (const shell of shells.splice(0)) shell.close()
    await rm(join(data, '..'), { recursive: true })
  })

  it('makes folders that only its own user can look into', async () => {
    await mkdir(data, { mode: 0o755 })
    const { paths, storageFolder } = await open()
    for (const path of [...Object.values(paths), storageFolder]) expect(await mode(path), path).to.equal(0o700)
  })

  it('keeps a second process out of its data folder, and lets it in afterwards', async () => {
    const first = await open()
    expect(await rejection(open())).to.be.instanceOf(DataFolderError)
    first.close()
    await open()
  })

  it('makes a certificate at the first start and keeps it', async () => {
    const first = await open()
    const pair = await first.certificates.load()
    const { usable, faults, description } = inspectPair(pair)
    expect({ usable, faults }).to.deep.equal({ usable: true, faults: [] })
    expect(description?.altNames).to.include.members(['localhost', '127.0.0.1'])
    expect(description?.keyType).to.equal('EC prime256v1')
    expect((description?.validUntil ?? 0) - (description?.validFrom ?? 0)).to.be.at.most(825 * 86_400_000)
    expect(await mode(join(data, 'certificates', 'self-signed.key'))).to.equal(0o600)
    first.close()
    expect((await (await open()).certificates.load()).certificate).to.equal(pair.certificate)
  })

  it('makes a new certificate where the files do not belong together', async () => {
    const first = await open()
    const pair = await first.certificates.load()
    first.close()
    await writeFile(join(data, 'certificates', 'self-signed.pem'), 'cut off')
    const again = await (await open()).certificates.load()
    expect(inspectPair(again).usable).to.equal(true)
    expect(again.key).to.not.equal(pair.key)
  })

  it('loads certificates of its list only (path traversal)', async () => {
    const shell = await open()
    expect(await shell.certificates.list()).to.deep.equal([{ id: 'self-signed', label: 'Self-signed' }])
    for (const id of ['../../etc/passwd', '../users', '', 'none']) {
      expect(await rejection(shell.certificates.load(id)), id).to.be.instanceOf(Error)
    }
  })

  it('applies a preset: people, web address and folders', async () => {
    const shell = await open({
      administrator: { name: 'admin', password: 'long enough' },
      web: { port: 8443 },
      groups: ['empty'],
      users: [{ name: 'anna', password: 'secret', groups: ['staff'] }],
      resources: [
        { name: 'Scans', folder: 'scans/2026' },
        { name: 'Home', folder: 'homes/%USER%' },
      ],
    })
    expect(shell.factoryStart).to.equal(true)
    expect(shell.administrator).to.equal('admin')
    expect(shell.webAddress).to.include({ address: '127.0.0.1', port: 8443 })
    expect(await shell.users.list()).to.deep.equal([{ name: 'anna', groups: ['staff'], enabled: true }])
    expect((await shell.users.groups()).map(({ name }) => name).sort()).to.deep.equal(['empty', 'staff'])
    expect((await stat(join(shell.storageFolder, 'scans/2026'))).isDirectory()).to.equal(true)
    // What is above the private folders, or nobody would ever get one.
    expect(await readdir(join(shell.storageFolder, 'homes'))).to.deep.equal([])
    expect(await readFile(join(data, 'shell.json'), 'utf8')).to.not.include('long enough')
  })

  it('leaves a preset aside once there are settings', async () => {
    await mkdir(data, { recursive: true })
    await writeFile(join(data, 'settings.json'), '{"version": 1}')
    const shell = await open({ users: [{ name: 'anna', password: 'secret' }] })
    expect(shell.factoryStart).to.equal(false)
    expect(await shell.users.list()).to.deep.equal([])
  })

  it('takes the port of the web pages from outside', async () => {
    const shell = await open({ web: { port: 8443 } }, 9000)
    expect(shell.webAddress.port).to.equal(9000)
    expect(shell.network.usedPorts()).to.deep.equal([9000])
  })

  it('tells of changed users until nobody listens any more', async () => {
    const shell = await open()
    let told = 0
    const unsubscribe = shell.on('users-changed', () => {
      told += 1
    })
    await shell.users.put([{ name: 'anna', password: 'x', groups: [], enabled: true }])
    unsubscribe()
    await shell.users.remove('anna')
    expect(told).to.equal(1)
  })
})

const entry = (address: string, cidr: string, family: 'IPv4' | 'IPv6') =>
  ({ address, cidr, family, netmask: '', mac: '', internal: false, scopeid: 0 }) as ReturnType<
    typeof networkInterfaces
  >[string] extends (infer Info)[] | undefined
    ? Info
    : never

describe('the network of a machine', () => {
  it('is LAN where the ranges are private, and WAN where they are not', () => {
    const interfaces = {
      lan: [entry('192.168.1.1', '192.168.1.1/24', 'IPv4'), entry('fe80::1', 'fe80::1/64', 'IPv6')],
      wan: [entry('203.0.113.5', '203.0.113.5/24', 'IPv4'), entry('2001:4860::5', '2001:4860::5/64', 'IPv6')],
    }
    const network = new HostNetwork(
      () => [],
      () => {},
      () => interfaces,
    )
    expect(network.lan()).to.deep.equal(['127.0.0.0/8', '::1/128', '192.168.1.1/24', 'fe80::1/64'])
    expect(network.names()).to.include('192.168.1.1').and.not.include('203.0.113.5')
    expect(network.look()).to.equal(false)
    interfaces.lan.pop()
    network.close()
  })
})
