/** Forms made of the schema: every setting has its field and its texts, values survive the way to the form and back. */
import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { assert, double, integer, property } from 'fast-check'
import { z } from 'zod'
import { serverSettings } from '../../module/settings/schema.ts'
import { mergePatch } from '../../module/settings/merge.ts'
import { formFields } from '../../module/web/form/field.ts'
import { at, inputsFrom, inputsOf, patchFor, recalled, remembered } from '../../module/web/form/form.ts'
import { typedFrom, typedOf, valueOf } from '../../module/web/form/typed.ts'
import { bestMultiple, inBytes, inMultiple } from '../../module/web/form/unit.ts'
import { ELSEWHERE, fieldsOf, groupsOf, SETTINGS_FIELDS, SETTINGS_PAGES } from '../../module/web/settings/layout.ts'

const locales = ['en', 'ru'].map((name): [string, unknown] => [
  name,
  JSON.parse(readFileSync(new URL(`../../locales/${name}.json`, import.meta.url), 'utf8')),
])
const here = SETTINGS_FIELDS.filter(({ path }) => !ELSEWHERE.test(path))

/** Settings in which as much as possible is not as it would be by itself. */
const RICH = serverSettings.parse({
  port: 2190,
  listeners: [{ address: '127.0.0.1', port: 990, implicitTls: true }, { port: 2021 }],
  externalAddress: 'ftp.example.com',
  externalAddressExceptions: [
    { network: '10.0.0.0/8', address: 'local' },
    { network: 'fd00::/8', address: '192.0.2.1' },
  ],
  lanNetworks: ['10.0.0.0/8', 'fd00::/8'],
  limits: { connections: 'unlimited', downloadBytesPerSecond: 1_234_567, userQuotaBytes: 1_500_000_000 },
  timeouts: { idle: 'unlimited', session: 3600 },
  tls: { policy: 'data', exemptNetworks: ['192.0.2.7'], certificate: 'self-signed' },
  logins: { failureDelaySeconds: 0.25 },
  guests: { startFolder: '/Scans' },
  messages: { greeting: 'one\ntwo', replies: { '502': 'No.', '550': 'Also no.' } },
  commands: { disabled: ['PORT', 'SITE CHMOD'], texts: { PORT: 'Use passive mode.' } },
  log: { timeZone: 'Europe/Berlin', syslog: { host: 'log.example.com', protocol: 'tcp' } },
})

describe('the pages of the settings', () => {
  it('have every setting on exactly one page, in one group', async () => {
    for (const { path } of here) {
      const places = SETTINGS_PAGES.flatMap((page) =>
        page.groups.filter(({ id }) => fieldsOf(page, id).some((field) => field.path === path)),
      )
      expect(places, path).to.have.lengthOf(1)
    }
    const firewall = { zones: async () => [{ id: 'lan', label: 'LAN', trusted: true }], apply: async () => undefined }
    const groups = await Promise.all(SETTINGS_PAGES.map((page) => groupsOf(page, { firewall })))
    expect(groups.flat().flatMap(({ fields }) => fields)).to.have.lengthOf(here.length)
  })

  it('offer nothing about the firewall where the shell has none', async () => {
    const groups = await Promise.all(SETTINGS_PAGES.map((page) => groupsOf(page, {})))
    const paths = groups.flat().flatMap(({ fields }) => fields.map(({ path }) => path))
    expect(paths.filter((path) => path.startsWith('firewall.'))).to.deep.equal([])
  })

  for (const [name, texts] of locales) {
    it(`have a text for every field, column, option, unit and word (${name})`, () => {
      const missing = here.flatMap(({ path, kind, columns = [], options = [], labels, unit, word }) => [
        `fields.${path}.label`,
        ...columns.map((column) => `fields.${path}.${column.path}.label`),
        ...(kind === 'select' && !labels ? options : []).map(
          (option) => `fields.${path}.options.${option.replaceAll('.', '_')}`,
        ),
        ...(unit && !['speed', 'size'].includes(unit) ? [`units.${unit}`, `amounts.${unit}`] : []),
        ...[word, ...columns.map((column) => column.word)].flatMap((each) => (each ? [`words.${each}`] : [])),
      ])
      const pages = SETTINGS_PAGES.flatMap(({ id, groups }) => [
        `pages.${id}`,
        ...groups.map((group) => `groups.${group.id}`),
      ])
      expect([...missing, ...pages].filter((key) => typeof at(texts, `settings.${key}`) !== 'string')).to.deep.equal([])
    })
  }

  it('have no text for a setting that there is no more', () => {
    const labels = (node: unknown, path = ''): string[] =>
      Object.entries(node as object).flatMap(([name, inner]) =>
        name === 'label' ? [path] : typeof inner === 'object' ? labels(inner, path ? `${path}.${name}` : name) : [],
      )
    const known = SETTINGS_FIELDS.flatMap(({ path, columns = [] }) => [
      path,
      ...columns.map((column) => `${path}.${column.path}`),
    ])
    for (const [name, texts] of locales) {
      expect(
        labels(at(texts, 'settings.fields')).filter((path) => !known.includes(path)),
        name,
      ).to.deep.equal([])
    }
  })
})

describe('a form made of a schema', () => {
  it('gives every kind of value its kind of field, with bounds and default', () => {
    const [check, choice, count, text, area, lines, table, pairs] = formFields(
      z.strictObject({
        check: z.boolean().default(true),
        choice: z.enum(['a', 'b']).default('a'),
        idleSeconds: z.union([z.literal('unlimited'), z.int().min(1).max(60)]).default(30),
        text: z.string().max(40).default(''),
        area: z.string().max(4000).default(''),
        lines: z.array(z.string()).default([]),
        table: z.array(z.strictObject({ port: z.int() })).default([]),
        pairs: z.record(z.string(), z.string()).default({}),
      }),
    )
    expect(check).to.include({ kind: 'checkbox', default: true })
    expect(choice).to.deep.include({ kind: 'select', options: ['a', 'b'] })
    expect(count).to.include({
      kind: 'number',
      word: 'unlimited',
      minimum: 1,
      maximum: 60,
      unit: 'seconds',
      default: 30,
    })
    expect([text, area, lines, table, pairs].map((field) => field?.kind)).to.deep.equal([
      'text',
      'area',
      'lines',
      'rows',
      'pairs',
    ])
    expect(table?.columns?.map(({ path, kind }) => [path, kind])).to.deep.equal([['port', 'number']])
  })

  it('brings every value of the settings back as it was', () => {
    for (const settings of [serverSettings.parse({}), RICH]) {
      const inputs = inputsOf(here, settings)
      const patch = patchFor(here, here, inputs, settings)
      expect(serverSettings.parse(mergePatch(settings, patch))).to.deep.equal(settings)
    }
  })

  it('remembers what it was made from, and nothing else that is sent in its place', () => {
    const inputs = inputsOf(here, RICH)
    expect(recalled(here, remembered(inputs))).to.deep.equal(inputs)
    for (const text of ['', 'null', '[]', '{"port":1}', '{"port":{"text":{}},"listeners":{"rows":[[1]]}}', '{']) {
      expect(recalled(here, text).size, text).to.equal(0)
    }
  })

  it('reads only names of its own (forged fields)', () => {
    const asked: string[] = []
    inputsFrom(here, (name) => {
      asked.push(name)
      return []
    })
    expect(asked.filter((name) => !here.some(({ path }) => name.startsWith(path)))).to.deep.equal([])
  })

  it('takes away from a record what is no longer typed', () => {
    const field = SETTINGS_FIELDS.find(({ path }) => path === 'messages.replies')
    if (!field) throw new Error('no such field')
    const inputs = new Map([[field.path, { rows: [{ key: '550', value: 'Also no.' }] }]])
    expect(patchFor([field], [field], inputs, RICH)).to.deep.equal({
      messages: { replies: { '502': null, '550': 'Also no.' } },
    })
  })

  it('takes away an optional part as a whole when its required value is empty', () => {
    const fields = here.filter(({ path }) => path.startsWith('log.syslog.'))
    const inputs = new Map([...inputsOf(fields, RICH), ['log.syslog.host', { text: '' }]])
    const [host] = fields
    expect(patchFor(fields, host ? [host] : [], inputs, RICH)).to.deep.equal({ log: { syslog: null } })
  })

  it('shows any speed and size so that what is shown means the same bytes', () => {
    for (const unit of ['speed', 'size'] as const) {
      assert(
        property(integer({ min: 1, max: 1e12 }), (bytes) => {
          const multiple = bestMultiple(unit, bytes)
          expect(inBytes(Number(String(inMultiple(bytes, multiple))), multiple)).to.equal(bytes)
        }),
      )
    }
  })

  it('takes numbers with a comma, a point or spaces, and leaves what is no number for the schema to refuse', () => {
    const field = here.find(({ path }) => path === 'logins.failureDelaySeconds')
    if (!field) throw new Error('no such field')
    const value = (text: string) => valueOf(field, { text })
    expect([value('0,5'), value('0.5'), value(' 1 000 ')]).to.deep.equal([0.5, 0.5, 1000])
    expect([value('1e3'), value('0x10'), value('1,2,3'), value('')]).to.deep.equal(['1e3', '0x10', '1,2,3', ''])
    assert(
      property(double({ min: 0, max: 60, noNaN: true }), (seconds) => {
        const text = seconds.toFixed(3)
        expect(value(text)).to.equal(Number(text))
      }),
    )
  })

  it('drops rows in which nothing was typed', () => {
    const field = here.find(({ path }) => path === 'listeners')
    if (!field) throw new Error('no such field')
    const sent: Record<string, string[]> = {
      'listeners.0.address': [''],
      'listeners.0.port': [' '],
      'listeners.0.implicitTls': ['on'],
      'listeners.1.address': [''],
      'listeners.1.port': ['990'],
    }
    const typed = typedFrom(field, (name) => sent[name] ?? [])
    expect(valueOf(field, typed)).to.deep.equal([{ port: 990, implicitTls: false }])
    expect(typedOf(field, [{ address: '::', port: 990, implicitTls: false }])).to.deep.equal({
      rows: [{ address: '::', port: '990', implicitTls: '' }],
    })
  })
})
