/** Domains over real connections: what each of them shows, to whom, with which certificate, and what becomes of it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { expect } from 'chai'
import { createFtpService } from '../../module/service.ts'
import type { OwnedFtpService } from '../../module/service.ts'
import { portNeeds } from '../../module/service/firewall.ts'
import { preset } from '../../module/settings/preset.ts'
import { checked, SettingsError } from '../../module/settings/problems.ts'
import { openEmbeddedShell } from '../../module/shells/embedded/embedded-shell.ts'
import type { EmbeddedShell } from '../../module/shells/embedded/embedded-shell.ts'
import { CAP } from '../cap.ts'
import { RawClient } from '../raw-client.ts'
import { needs, python, succeed } from '../real-clients.ts'
import { rejection } from '../rejection.ts'

const RIGHTS = [{ user: 'anna', level: 'readWrite' }] as const
const OFFICE = { id: 'office', name: 'Office', names: ['office.example'] }

describe('the domains of the service', () => {
  let data: string
  let shell: EmbeddedShell
  let service: OwnedFtpService
  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'domains-'))
  })
  afterEach(async () => {
    await service.dispose()
    shell.close()
    await rm(data, { recursive: true })
  })

  const start = async (domains: readonly object[], more: object = {}): Promise<void> => {
    const given = checked(preset, {
      enabled: true,
      users: [{ name: 'anna', password: 'secret' }],
      settings: {
        port: 0,
        address: '127.0.0.1',
        passivePorts: 'any',
        logins: { failureDelaySeconds: 0, attempts: 100 },
        access: { hammering: { enabled: false } },
      },
      resources: [
        { name: 'Scans', folder: 'scans', rights: RIGHTS },
        { name: 'Papers', folder: 'papers', rights: RIGHTS },
        { name: 'Public', folder: 'public', guests: { profile: 'read' } },
      ],
      domains,
      ...more,
    })
    shell = await openEmbeddedShell({ places: { data }, preset: given, audit: () => undefined })
    await shell.certificates.makeSelfSigned('office', ['office.example'], 'ec')
    const { enabled, settings, accounts, resources } = given
    service = await createFtpService(shell, { enabled, settings, accounts, resources, domains: given.domains })
    await service.start()
  }
  const port = (domain = 'default') =>
    service.status().addresses.find((address) => address.domain === domain)?.port ?? 0
  const connect = (domain?: string) => RawClient.connect(port(domain))
  const inOffice = async () => {
    const client = await connect()
    await client.say('HOST office.example', 220)
    return client
  }

  it('show only their resources, to users', async () => {
    await start([{ ...OFFICE, resources: ['Papers'] }])
    await using client = await inOffice()
    await client.login()
    expect(await seen(client)).to.deep.equal(['Papers'])
    await using other = await connect()
    await other.login()
    expect(await seen(other)).to.deep.equal(['Papers', 'Scans'])
  })

  it('hide the resources of others also from who knows their names (login to a resource of another domain)', async () => {
    await start([{ ...OFFICE, resources: ['Papers'] }])
    await using client = await inOffice()
    await client.login()
    for (const line of ['CWD /Scans', 'MLST /Scans', 'SIZE /Scans/a', 'DELE /Scans/a', 'MKD /Scans/x', 'CWD /sCANS']) {
      await client.say(line, 550)
    }
    await client.say('RNFR /Papers', [550, 553])
    const connection = await client.epsv()
    await client.say('STOR /Scans/a', [550, 553])
    connection.close()
  })

  it('let guests in only where one of their resources does', async () => {
    await start([{ ...OFFICE, resources: ['Papers'] }])
    await using client = await inOffice()
    await client.say('USER anonymous', 331)
    await client.say('PASS x', 530)
    await using other = await connect()
    await other.login('anonymous', 'x')
    expect(await seen(other)).to.deep.equal(['Public'])
  })

  it('show other resources to live sessions at their next command', async () => {
    await start([OFFICE])
    await using client = await inOffice()
    await client.login()
    await client.say('CWD /Scans', 250)
    await service.change({ domains: [{ ...OFFICE, resources: ['Papers'] }] }, 'admin')
    await client.say('CWD /Scans', 550)
    expect(await seen(client)).to.deep.equal(['Papers'])
  })

  it('ask their rules whichever way somebody comes: HOST does not dodge a deny rule', async () => {
    const access = { rules: [{ action: 'deny', mask: '127.0.0.1' }] }
    await start([{ ...OFFICE, access, listeners: [{ port: 0, address: '127.0.0.1' }] }])
    await using byName = await connect()
    await byName.say('HOST office.example', 421)
    await byName.ended()
    await using bySni = await connect()
    await bySni.startTls({ servername: 'office.example' })
    await bySni.reply(421)
    await bySni.ended()
    await using direct = await RawClient.open(port('office'))
    await direct.ended()
    await using elsewhere = await connect()
    await elsewhere.login()
  })

  it('do not let a deny rule of the server be dodged either', async () => {
    await start([OFFICE])
    const deny = { settings: { access: { rules: [{ action: 'deny', mask: '127.0.0.1' }] } } }
    await using client = await inOffice()
    await service.change(deny, 'admin')
    expect((await client.reply(421)).code).to.equal(421)
  })

  it('have certificates of their own, renewed while they run', async () => {
    await start([{ ...OFFICE, certificate: 'office' }])
    const before = await shown(port(), 'office.example')
    expect(before.subject.CN).to.equal('office.example')
    expect((await shown(port())).subject.CN).to.not.equal('office.example')
    await shell.certificates.makeSelfSigned('office', ['office.example', 'new.example'], 'ec')
    await come(
      async () => (await shown(port(), 'office.example')).fingerprint !== before.fingerprint,
      'the renewed certificate',
    )
  })

  it('without their certificate show that of the server, and the status says whose it is', async () => {
    await start([{ ...OFFICE, certificate: 'office' }])
    await shell.certificates.remove('office')
    await service.change({ domains: [{ ...OFFICE, certificate: 'office', names: ['a.example'] }] }, 'admin')
    const warning = service.status().warnings.find(({ code }) => code === 'domain-certificate-unusable')
    expect(warning?.values['name']).to.equal('Office')
    expect(warning?.text).to.match(/^Domain "Office": The server's certificate serves instead\. /)
    await using client = await connect()
    await client.startTls({ servername: 'a.example' })
  })

  it('are refused with a certificate that does not exist', async () => {
    await start([OFFICE])
    const wrong = service.change({ domains: [{ ...OFFICE, certificate: 'nowhere' }] }, 'admin')
    const error = await rejection(wrong)
    expect(error).to.be.instanceOf(SettingsError)
    expect(String(error)).to.include('domains[0].certificate: must be usable')
  })

  it('open and close their listeners while sessions go on, and the firewall hears of them', async () => {
    await start([])
    await using client = await connect()
    await client.login()
    await service.change({ domains: [{ ...OFFICE, listeners: [{ port: 0, address: '127.0.0.1' }] }] }, 'admin')
    await using office = await connect('office')
    await office.login()
    const opened = portNeeds(service.settings().settings, service.status())
    expect(opened.map(({ from }) => from)).to.include.members([port(), port('office')])
    await service.change({ domains: [{ ...OFFICE, enabled: false, listeners: [{ port: 2122 }] }] }, 'admin')
    expect(service.status().addresses.map(({ domain }) => domain)).to.deep.equal(['default'])
    await office.reply(421)
    await client.say('NOOP', 200)
  })

  it('that are removed are unknown, and their sessions are over', async () => {
    await start([OFFICE])
    await using client = await inOffice()
    await client.login()
    expect(service.sessions()[0]?.domain).to.equal('office')
    await service.change({ domains: [] }, 'admin')
    await client.reply(421)
    await client.ended()
  })

  it('leave no ban to a later one of the same id', async () => {
    await start([OFFICE])
    const { bans } = service.access
    for (const ban of [
      { mask: '192.0.2.1', domain: 'office' },
      { mask: '192.0.2.2' },
      { mask: '192.0.2.3', domain: 'default' },
    ]) {
      bans.banMask({ ...ban, minutes: 5, by: 'root' })
    }
    await service.change({ domains: [] }, 'admin')
    await service.change({ domains: [OFFICE] }, 'admin')
    expect(bans.rows().map(({ subject }) => subject)).to.have.members(['192.0.2.2', '192.0.2.3'])
  })

  it('have logins with limits of their own', async () => {
    await start([{ ...OFFICE, limits: { sessions: 1 } }])
    await using first = await inOffice()
    await first.login()
    await using second = await inOffice()
    await second.say('USER anna', 331)
    await second.say('PASS secret', 421)
    await using elsewhere = await connect()
    await elsewhere.login()
  })

  it('are in the log with each entry of their sessions', async () => {
    await start([OFFICE])
    await using client = await inOffice()
    await client.login()
    await client.say('MKD /Scans/x', 257)
    const { journal } = service
    await journal.flush()
    const { entries } = await journal.page({ day: journal.today(), search: '/Scans/x' }, { page: 1 })
    expect(entries.find(({ event }) => event === 'changed')?.domain).to.equal('office')
  })

  describe('with real clients', () => {
    before(function () {
      for (const program of ['openssl', 'curl', 'python3']) needs(this, program)
    })

    it('shows openssl the certificate of the name it sends', async () => {
      await start([{ ...OFFICE, certificate: 'office' }])
      const peer = ['-connect', `127.0.0.1:${port()}`, '-starttls', 'ftp', '-servername', 'office.example']
      expect(await succeed('openssl', ['s_client', ...peer], { input: 'QUIT\r\n' })).to.match(
        /subject=CN\s?=\s?office\.example/,
      )
    })

    it('leads curl to the domain of the address it was given, by SNI', async () => {
      await start([{ ...OFFICE, certificate: 'office', resources: ['Papers'] }])
      const { certificate } = await shell.certificates.load('office')
      const file = join(data, 'office.pem')
      await writeFile(file, certificate)
      const to = ['--ssl-reqd', '--cacert', file, '--resolve', `office.example:${port()}:127.0.0.1`]
      const url = `ftp://anna:secret@office.example:${port()}/`
      expect((await succeed('curl', ['-sS', '-l', ...to, url])).trim()).to.equal('Papers')
    })

    it('leads ftplib to the domain that it names by HOST', async () => {
      await start([{ ...OFFICE, resources: ['Papers'], messages: { welcome: 'Welcome, $Name.' } }])
      const script = `
import ftplib, sys
ftp = ftplib.FTP()
ftp.connect('127.0.0.1', int(sys.argv[1]))
print(ftp.sendcmd('HOST office.example'))
print(ftp.login('anna', 'secret'))
print(ftp.nlst())`
      expect(await python(script, port())).to.equal("220 Host accepted.\n230 Welcome, anna.\n['Papers']\n")
    })
  })
})

/** Asks again until the answer is yes. */
async function come(asked: () => Promise<boolean>, awaited: string): Promise<void> {
  const end = performance.now() + CAP
  while (!(await asked())) if (performance.now() > end) throw new Error(`waited for ${awaited}`)
}

/** The resources that a session sees. */
async function seen(client: RawClient): Promise<string[]> {
  return (await client.listing('NLST /')).map((path) => path.slice(1)).toSorted()
}

/** The certificate that clients of a port are shown for a name. */
async function shown(port: number, servername?: string) {
  await using client = await RawClient.connect(port)
  await client.startTls(servername === undefined ? {} : { servername })
  return (client.socket as TLSSocket).getPeerCertificate()
}
