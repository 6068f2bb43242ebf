/** What may be stored as a domain. */
import { hostname } from 'node:os'
import { expect } from 'chai'
import { domainOptions } from '../../module/settings/domain-options.ts'
import { engineOptions } from '../../module/settings/engine-options.ts'
import { controlPorts } from '../../module/settings/connection.ts'
import { preset } from '../../module/settings/preset.ts'
import { checked, SettingsError } from '../../module/settings/problems.ts'
import { settings } from '../../module/settings/schema.ts'
import { domainTable } from '../../module/settings/table.ts'
import { settingsWarnings } from '../../module/settings/warnings.ts'
import { referencesOf } from '../../module/service/references.ts'

const NO_WORDS = { texts: new Map(), disabled: new Set<string>(), disabledTexts: new Map() }
const domainsOf = (...domains: object[]) => checked(settings, { domains }).domains

describe('a domain', () => {
  it('inherits everything it does not say', () => {
    const [domain] = domainsOf({ name: 'Office', names: ['office.example'] })
    expect(domain).to.deep.equal({
      id: 'office',
      name: 'Office',
      enabled: true,
      names: ['office.example'],
      listeners: [],
      messages: { replies: {} },
      commands: { disabled: [], enabled: [], texts: {} },
      access: { rules: [] },
      limits: {},
      hours: [],
      together: { hours: [] },
      resources: 'all',
    })
  })

  it('has host names as clients send them: small letters, A-labels, no dot at the end', () => {
    const [domain] = domainsOf({ name: 'a', names: ['FTP.Example.COM.', 'B\u00fccher.example'] })
    expect(domain?.names).to.deep.equal(['ftp.example.com', 'xn--bcher-kva.example'])
  })

  it('keeps its id when it is renamed, and never takes the id of another', () => {
    const names = { names: ['a.example'] }
    expect(domainsOf({ name: 'New name', id: 'office', ...names })[0]?.id).to.equal('office')
    const ids = domainsOf(
      { name: 'Office!', names: ['a.example'] },
      { name: 'Office', id: 'office', names: ['b.example'] },
      { name: 'Default', names: ['c.example'] },
      { name: '\u041e\u0444\u0438\u0441', names: ['d.example'] },
    ).map(({ id }) => id)
    expect(ids).to.deep.equal(['office-2', 'office', 'default-2', 'domain'])
  })

  it('keeps the same id over the next load', () => {
    const once = checked(settings, { domains: [{ name: 'Office', names: ['a.example'] }] })
    expect(checked(settings, once)).to.deep.equal(once)
  })

  const names = ['a.example']
  const refusals: readonly (readonly [string, object, string])[] = [
    [
      'an address instead of a host name',
      { domains: [{ name: 'a', names: ['192.0.2.1'] }] },
      'domains[0].names[0]: must be a host name such as ftp.example.com (got "192.0.2.1")',
    ],
    [
      'a host name with a port',
      { domains: [{ name: 'a', names: ['a.example:21'] }] },
      'domains[0].names[0]: must be a host name such as ftp.example.com (got "a.example:21")',
    ],
    [
      'a label that turns its direction (RTL override)',
      { domains: [{ name: 'a\u202eb', names }] },
      'domains[0].name: must be 1 to 64 characters without control characters',
    ],
    [
      'the label of another one',
      {
        domains: [
          { name: 'Office', names },
          { name: 'office', names: ['b.example'] },
        ],
      },
      'domains[1].name: must be unique among the domains (got "office")',
    ],
    [
      'the host name of another one',
      {
        domains: [
          { name: 'a', names },
          { name: 'b', names: ['A.example'] },
        ],
      },
      'domains[1].names[0]: must be unique among the host names of all domains (got "A.example")',
    ],
    [
      'the id of the default one',
      { domains: [{ name: 'a', id: 'default', names }] },
      'domains[0].id: must be small letters, digits and hyphens, and not "default" (got "default")',
    ],
    [
      'one that no client can reach',
      { domains: [{ name: 'a' }] },
      'domains[0].names: must have at least one name, or the domain a listener of its own: else no client reaches it',
    ],
    [
      'a command switched on and off',
      { domains: [{ name: 'a', names, commands: { disabled: ['PORT'], enabled: ['PORT'] } }] },
      'domains[0].commands.enabled[0]: must not be switched off as well (got "PORT")',
    ],
    [
      'a listener on the control port',
      { domains: [{ name: 'a', listeners: [{ port: 2121, address: '192.0.2.1' }] }] },
      'domains[0].listeners[0].port: must differ from the other listeners (got 2121)',
    ],
    [
      'the same listener in two domains',
      { domains: ['a', 'b'].map((name) => ({ name, listeners: [{ port: 2122 }] })) },
      'domains[1].listeners[0].port: must differ from the other listeners (got 2122)',
    ],
    [
      'a listener among the passive ports',
      { domains: [{ name: 'a', listeners: [{ port: 50_001 }] }] },
      'domains[0].listeners[0].port: must not be one of the passive ports (got 50001)',
    ],
    [
      'more than 32 of them',
      { domains: Array.from({ length: 33 }, (_, at) => ({ name: `n${at}`, names: [`n${at}.example`] })) },
      'domains: must be at most 32 entries long',
    ],
  ]
  for (const [what, input, line] of refusals) {
    it(`is refused for ${what}`, () => {
      for (const schema of [settings, preset]) expect(() => checked(schema, input)).to.throw(SettingsError, line)
    })
  }

  it('is offered beside the server’s own names, and leaves none to it that nobody knows', () => {
    expect(offered([])[0]?.anyName).to.equal(true)
    const [server, ...others] = offered(
      [
        { name: 'a', names: ['a.example'] },
        { name: 'b', names: ['b.example'], enabled: false },
      ],
      'FTP.example.com',
    )
    expect([server?.anyName, server?.names]).to.deep.equal([false, [hostname().toLowerCase(), 'ftp.example.com']])
    expect(others.map((each) => each.names)).to.deep.equal([['a.example']])
  })

  it('adds its texts and commands to those of the server, and switches some on again', () => {
    const domain = {
      name: 'a',
      names: ['a.example'],
      messages: { welcome: 'Hi\nthere', replies: { 550: 'Not here.' } },
      commands: { disabled: ['MKD'], enabled: ['PORT'], texts: { MKD: 'No.' } },
      together: { connections: 3, uploadBytesPerSecond: 1000 },
    }
    const server = { passiveOnly: true, messages: { replies: { 502: 'Off.', 550: 'No.' } } }
    const stored = checked(settings, { settings: server, domains: [domain] })
    const { domains } = engineOptions(stored, { externalAddress: () => undefined })
    const own = domains[1]?.own
    expect(domains[1]).to.include({ sessions: 3, sessionsPerHost: Infinity })
    expect(own).to.not.have.any.keys('greeting', 'goodbye')
    expect(own?.welcome).to.deep.equal(['Hi', 'there'])
    expect([...(own?.texts ?? [])]).to.deep.equal([
      [502, 'Off.'],
      [550, 'Not here.'],
    ])
    expect([...(own?.disabled ?? [])].toSorted()).to.deep.equal(['EPRT', 'MKD'])
    expect(own?.disabledTexts?.get('MKD')).to.equal('No.')
    expect(own?.speeds).to.deep.equal({ download: [], upload: [{ key: 'domain:a:upload', bytesPerSecond: 1000 }] })
  })

  it('listens only while it is switched on', () => {
    const domain = { name: 'a', listeners: [{ port: 2122, implicitTls: true }] }
    const ports = (enabled: boolean) => controlPorts(checked(settings, { domains: [{ ...domain, enabled }] }))
    expect(ports(true).map(({ port, domain: id }) => `${port} ${id}`)).to.deep.equal(['2121 undefined', '2122 a'])
    expect(ports(false)).to.have.lengthOf(1)
  })

  it('is warned of when it shows a resource that does not exist', () => {
    const stored = checked(settings, {
      domains: [{ name: 'Office', names, resources: ['Scans', 'Gone'] }],
      resources: [{ name: 'Scans', folder: 'scans' }],
    })
    const texts = settingsWarnings(stored).map(({ text }) => text)
    expect(texts).to.include('The domain "Office" shows a resource "Gone" that does not exist.')
    expect(texts.join()).to.not.include('"Scans"')
  })

  it('tells the shell which certificate it uses', () => {
    const stored = checked(settings, { domains: [{ name: 'Office', names, certificate: 'office-cert' }] })
    expect(referencesOf(stored)).to.deep.include({
      kind: 'certificate',
      id: 'office-cert',
      where: 'domains[0].certificate',
    })
  })

  it('has a line with a description in the README for every value', () => {
    const lines = domainTable().split('\n').slice(2)
    expect(lines.length).to.be.greaterThan(20)
    for (const line of lines) expect(line).to.match(/^\| `[\w.]+` \| .+ \| .+ \| .+ \|$/)
  })
})

/** The domains as the engine is given them. */
function offered(domains: object[], externalAddress = 'automatic') {
  return domainOptions(checked(settings, { domains, settings: { externalAddress } }), NO_WORDS)
}
