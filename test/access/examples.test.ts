/**
 * The three examples of the rules' description, by real clients from real addresses: 127.0.0.x stands for 192.0.2.x, and a name
 * server of the test's own says who is called what.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Names } from '../../module/access/names.ts'
import { createFtpService, type OwnedFtpService } from '../../module/service.ts'
import { preset } from '../../module/settings/preset.ts'
import { checked } from '../../module/settings/problems.ts'
import { openEmbeddedShell, type EmbeddedShell } from '../../module/shells/embedded/embedded-shell.ts'
import { RawClient } from '../raw-client.ts'
import { needs, run } from '../real-clients.ts'
import { DnsServer, reverseRecord } from './dns-server.ts'
import { rules } from './rules.ts'

const PASSWORD = 'drill 12345'
/** How curl ends: logged in, login refused, no greeting. */
const [IN, NO_LOGIN, NO_GREETING] = [0, 67, 56]

describe('the examples of access rules', function () {
  let data: string
  let shell: EmbeddedShell
  let service: OwnedFtpService
  let dns: DnsServer

  before(function () {
    needs(this, 'curl')
    needs(this, 'lftp')
  })
  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'examples-'))
    dns = await new DnsServer([]).listen()
  })
  afterEach(async () => {
    await service.dispose()
    shell.close()
    await dns[Symbol.asyncDispose]()
    await rm(data, { recursive: true })
  })

  const start = async (more: object, settings: object = {}): Promise<void> => {
    const given = checked(preset, {
      enabled: true,
      users: [
        { name: 'carl', password: PASSWORD, groups: ['contractors'] },
        { name: 'anna', password: PASSWORD },
      ],
      settings: {
        port: 0,
        address: '::',
        passivePorts: 'any',
        logins: { failureDelaySeconds: 0, attempts: 100 },
        ...settings,
      },
      resources: [
        { name: 'Plans', folder: 'plans', rights: ['carl', 'anna'].map((user) => ({ user, level: 'read' })) },
      ],
      ...more,
    })
    shell = await openEmbeddedShell({ places: { data }, preset: given, audit: () => undefined })
    const names = new Names({ servers: [dns.address] })
    const { enabled, accounts, domains, resources } = given
    const stored = { enabled, settings: given.settings, accounts, domains, resources }
    service = await createFtpService(shell, stored, { names })
    await service.start()
  }
  const port = (domain = 'default') => service.status().addresses.find((one) => one.domain === domain)?.port ?? 0

  /** How curl ends that lists the folders as somebody, from an address; and what the server said. */
  const curl = async (from: string, user: string, { password = PASSWORD, domain = 'default' } = {}) => {
    const host = from.includes(':') ? '[::1]' : '127.0.0.1'
    const login = ['-u', `${user}:${password}`, '--interface', from]
    const { code, stdout, stderr } = await run('curl', ['-sv', ...login, `ftp://${host}:${port(domain)}/`])
    const said = stderr.split('\n').filter((line) => /^< \d\d\d/.test(line))
    // 8 is an end before the greeting, 56 the reset that may come instead.
    return { code: code === 8 ? NO_GREETING : code, stdout, said: said.map((line) => line.slice(2).trim()) }
  }

  /** How lftp ends that does the same. */
  const lftp = async (from: string, user: string) => {
    const settings = `set net:socket-bind-ipv4 ${from}; set net:max-retries 1; set ssl:verify-certificate no`
    const script = `${settings}; open -u ${user},"${PASSWORD}" -p ${port()} 127.0.0.1; cls`
    return (await run('lftp', ['-c', script])).code
  }

  it('office only: the contractor logs in from .0 to .24, and elsewhere reads what a wrong password reads', async () => {
    const access = { rules: rules('allow 127.0.0.0-24') }
    await start({ accounts: { groups: { contractors: { access } } } })
    expect((await curl('127.0.0.2', 'carl')).stdout).to.include('Plans')
    expect((await curl('127.0.0.24', 'carl')).code).to.equal(IN)
    const outside = await curl('127.0.0.25', 'carl')
    const mistyped = await curl('127.0.0.24', 'carl', { password: 'wrong' })
    const unknown = await curl('127.0.0.25', 'nobody')
    expect([outside.code, mistyped.code, unknown.code]).to.deep.equal([NO_LOGIN, NO_LOGIN, NO_LOGIN])
    expect(outside.said[0]).to.match(/^220/)
    expect(
      outside.said.filter((line) => line.startsWith('331')),
      'refused after PASS',
    ).to.have.length(1)
    expect(outside.said, 'the account stays secret').to.deep.equal(mistyped.said)
    expect(outside.said).to.deep.equal(unknown.said)
    expect((await curl('::1', 'carl')).code, 'no rule of IPv6').to.equal(NO_LOGIN)
    expect((await curl('127.0.0.25', 'anna')).code, 'no rule for her').to.equal(IN)
    expect([await lftp('127.0.0.24', 'carl'), await lftp('127.0.0.25', 'carl')]).to.deep.equal([0, 1])
  })

  it('prohibited computers: .0 to .24 get no greeting, all others do', async () => {
    await start({}, { access: { rules: rules('deny 127.0.0.0-24', 'allow *.*.*.*') } })
    for (const from of ['127.0.0.2', '127.0.0.24']) {
      const { code, said } = await curl(from, 'anna')
      expect([code, said.some((line) => line.startsWith('220'))], from).to.deep.equal([NO_GREETING, false])
    }
    expect((await curl('127.0.0.25', 'anna')).code).to.equal(IN)
    expect((await curl('::1', 'anna')).code, 'no rule of IPv6').to.equal(NO_GREETING)
  })

  it('prohibited computers in the wrong order: the deny rule is never reached and stops nobody', async () => {
    await start({}, { access: { rules: rules('allow *.*.*.*', 'deny 127.0.0.0-24') } })
    expect((await curl('127.0.0.2', 'anna')).code).to.equal(IN)
  })

  it('DNS-based: only clients whose confirmed names are below example.com or example1.com reach the domain', async () => {
    dns.records = [
      reverseRecord('127.0.0.7', 'pc.example.com'),
      { name: 'pc.example.com', type: 'A', value: '127.0.0.7' },
      reverseRecord('127.0.0.8', 'a.b.example1.com'),
      { name: 'a.b.example1.com', type: 'A', value: '127.0.0.8' },
      // Whoever owns an address can call it what he likes; the name does not lead back.
      reverseRecord('127.0.0.9', 'pc.example.com'),
      reverseRecord('127.0.0.10', 'example.com'),
      { name: 'example.com', type: 'A', value: '127.0.0.10' },
    ]
    const access = { rules: rules('allow *.example1.com', 'allow *.example.com') }
    const listeners = [{ port: 0 }]
    await start({ domains: [{ id: 'shop', name: 'Shop', names: ['shop.test'], listeners, access }] })
    const ends = await Promise.all(
      ['127.0.0.7', '127.0.0.8', '127.0.0.9', '127.0.0.10', '127.0.0.11'].map((from) =>
        curl(from, 'anna', { domain: 'shop' }),
      ),
    )
    expect(ends.map(({ code }) => code)).to.deep.equal([IN, IN, NO_GREETING, NO_GREETING, NO_GREETING])
    expect((await curl('127.0.0.11', 'anna')).code, 'the default domain has no rules').to.equal(IN)
    for (const [from, wanted] of [
      ['127.0.0.7', /^220/],
      ['127.0.0.9', /^[45]\d\d/],
    ] as const) {
      await using client = await RawClient.connect(port(), { localAddress: from })
      await client.say('HOST shop.test', wanted)
    }
  })
})
