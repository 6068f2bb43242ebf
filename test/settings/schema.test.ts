/** What may be stored, and how refusals are told. */
import { expect } from 'chai'
import { assert, nat, property, string } from 'fast-check'
import { portRange } from '../../module/settings/port-range.ts'
import { preset, presetSchema } from '../../module/settings/preset.ts'
import { checked, SettingsError } from '../../module/settings/problems.ts'
import { settings } from '../../module/settings/schema.ts'
import { settingsTable } from '../../module/settings/table.ts'

describe('the settings', () => {
  it('are complete when nothing is said', () => {
    const { settings: server, enabled } = checked(settings, {})
    expect(enabled).to.equal(false)
    expect(server.port).to.equal(2121)
    expect(server.address).to.equal('::')
    expect(server.passivePorts).to.equal('50000-50099')
    expect(server.tls.policy).to.equal('optional')
  })

  it('take the preset of the documentation literally', () => {
    const example = {
      enabled: true,
      administrator: { name: 'admin', password: 'a long one' },
      web: { address: '127.0.0.1', port: 8080 },
      users: [{ name: 'anna', password: 'secret', groups: ['staff'] }],
      settings: { port: 2121, passivePorts: '50000-50099' },
      resources: [
        {
          name: 'Scans',
          folder: 'scans',
          rights: [{ group: 'staff', level: 'readWrite' }],
          guests: { profile: 'dropBox', from: 'lan' },
        },
      ],
    }
    expect(checked(preset, example).resources[0]?.guests.profile).to.equal('dropBox')
  })

  const refusals: readonly (readonly [string, unknown, string])[] = [
    ['an unknown key', { settings: { prot: 21 } }, 'preset.json: settings.prot: is not a known setting'],
    ['a wrong type', { enabled: 'yes' }, 'preset.json: enabled: must be true or false (got "yes")'],
    [
      'a reversed passive range',
      { settings: { passivePorts: '5-1' } },
      'preset.json: settings.passivePorts: must be "from-to" with ports 1024-65535 (got "5-1")',
    ],
    [
      'privileged passive ports',
      { settings: { passivePorts: '1000-2000' } },
      'preset.json: settings.passivePorts: must be "from-to" with ports 1024-65535 (got "1000-2000")',
    ],
    [
      'a passive range that holds the control port',
      { settings: { port: 50_005 } },
      'preset.json: settings.passivePorts: must not hold the control port 50005',
    ],
    [
      'an impossible port',
      { settings: { port: 70_000 } },
      'preset.json: settings.port: must be a port from 1 to 65535, or 0 for any free port (got 70000)',
    ],
    [
      'an impossible choice',
      { settings: { tls: { policy: 'on' } } },
      'preset.json: settings.tls.policy: must be "off", "optional", "login" or "data" (got "on")',
    ],
    [
      'an impossible network',
      { settings: { tls: { exemptNetworks: ['192.0.2.0-24'] } } },
      'preset.json: settings.tls.exemptNetworks[0]: must be an IPv4 or IPv6 address or a network such as 192.168.0.0/16 (got "192.0.2.0-24")',
    ],
    [
      'a folder that leads out',
      { resources: [{ name: 'x', folder: '../etc' }] },
      'preset.json: resources[0].folder: must be a relative path such as "scans/2026", without "..", "//" or a leading "/" (got "../etc")',
    ],
    [
      'a user called like the guests',
      { users: [{ name: 'Anonymous', password: 'x' }] },
      'preset.json: users[0].name: must not be "anonymous" or "ftp": these are the names of guests (got "Anonymous")',
    ],
    [
      'two resources of one name',
      {
        resources: [
          { name: 'a', folder: 'a' },
          { name: 'a', folder: 'b' },
        ],
      },
      'preset.json: resources[1].name: must be unique among the resources (got "a")',
    ],
  ]
  for (const [what, input, line] of refusals) {
    it(`refuse ${what} with its place and what is allowed`, () => {
      expect(() => checked(preset, input, 'preset.json')).to.throw(SettingsError, line)
    })
  }

  it('name every problem at once, a line each', () => {
    expect(() => checked(preset, { enabled: 1, settings: { port: -1 } }))
      .to.throw(SettingsError)
      .with.property('problems')
      .with.lengthOf(2)
  })

  it('never show a password in a refusal', () => {
    expect(() => checked(preset, { users: [{ name: 'a', password: 12_345 }] }))
      .to.throw(SettingsError)
      .with.property('message')
      .that.does.not.include('12345')
  })

  it('refuse a greeting that would break the reply (reply splitting)', () => {
    for (const greeting of ['a\rb', 'a\0', 'a\u001b[2J', 'a\udcff']) {
      expect(() => checked(settings, { settings: { messages: { greeting } } })).to.throw(SettingsError)
    }
  })

  it('refuse names that would become odd folders (%USER% traversal)', () => {
    for (const name of ['..', '.', 'a/b', 'a\\b', 'a\nb', '', ' a', 'a\u202eb', 'x'.repeat(65)]) {
      expect(() => checked(preset, { users: [{ name, password: 'x' }] }), JSON.stringify(name)).to.throw(SettingsError)
    }
  })

  it('are described by a JSON Schema that knows every part of a preset', () => {
    expect(presetSchema()).to.have.property('properties').that.includes.keys('settings', 'resources', 'users', 'web')
  })

  it('have a line with a description in the table for every value', () => {
    const lines = settingsTable().split('\n').slice(2)
    expect(lines.length).to.be.greaterThan(40)
    for (const line of lines) expect(line).to.match(/^\| `[\w.]+` \| .+ \| .+ \| .+ \|$/)
  })
})

describe('a range of ports', () => {
  it('is two ports from 1024 on in order, and nothing else', () => {
    assert(
      property(nat(70_000), nat(70_000), (from, to) => {
        const possible = from >= 1024 && to <= 65_535 && from <= to
        expect(portRange(`${from}-${to}`)).to.deep.equal(possible ? { from, to } : undefined)
      }),
    )
  })

  it('is never made of other text', () => {
    assert(
      property(string(), (text) => {
        const range = portRange(text)
        if (text !== 'any' && range) expect(`${range.from}-${range.to}`).to.equal(text)
      }),
    )
  })
})
