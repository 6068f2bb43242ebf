/** "Why?": what it foretells is what a client then gets, with the same rule, whoever comes from wherever and asks for whatever. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { constantFrom, record, sample } from 'fast-check'
import type { Entry } from '../../module/journal/entry.ts'
import { createFtpService } from '../../module/service.ts'
import type { OwnedFtpService } from '../../module/service.ts'
import type { WhyAnswer, WhyQuestion } from '../../module/service/why.ts'
import { preset } from '../../module/settings/preset.ts'
import { checked } from '../../module/settings/problems.ts'
import { openEmbeddedShell } from '../../module/shells/embedded/embedded-shell.ts'
import type { EmbeddedShell } from '../../module/shells/embedded/embedded-shell.ts'
import { RawClient } from '../raw-client.ts'
import type { Received } from '../received.ts'
import { rejection } from '../rejection.ts'

const LOGINS = { anna: 'staff', boris: '', clara: '', dora: '', emil: 'staff', fritz: 'visitors' } as const
const USERS = [...Object.keys(LOGINS), 'nobody', 'anonymous']
const ADDRESSES = ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5']
const COMMANDS = [
  'RETR',
  'STOR',
  'APPE',
  'STOU',
  'DELE',
  'MKD',
  'RMD',
  'CWD',
  'LIST',
  'MLSD',
  'MLST',
  'SIZE',
  'MDTM',
  'RNFR',
]
const PATHS = [
  '/',
  '/Scans',
  '/Scans/a.txt',
  '/Scans/new.txt',
  '/Scans/dir',
  '/Scans/dir/b.txt',
  '/Scans/fresh',
  '/Scans/full/c.txt',
  '/Scans/locked',
  '/Scans/locked/d.txt',
  '/Scans/evil.exe',
  '/Scans/secret.key',
  '/Inbox/letter.txt',
  '/Nothing/a.txt',
]

const SETTINGS = {
  port: 0,
  address: '127.0.0.1',
  passivePorts: 'any',
  lanNetworks: ['127.0.0.1/32', '127.0.0.2/32'],
  logins: { failureDelaySeconds: 0, attempts: 100 },
  limits: { connectionsPerHost: 1000 },
  commands: { disabled: ['APPE'] },
  access: {
    hammering: { enabled: false },
    rules: [
      { action: 'deny', mask: '127.0.0.4' },
      { action: 'allow', mask: '127.0.0.*' },
    ],
  },
}

const SCANS = {
  name: 'Scans',
  folder: 'scans',
  rights: [
    { group: 'staff', level: 'readWrite' },
    { user: 'boris', level: 'read' },
    { user: 'dora', level: 'custom', rights: ['upload', 'list'] },
  ],
  exceptions: [{ path: 'locked', rights: [{ group: 'staff', level: 'none' }] }],
  options: { refusedNames: ['*.exe'], hiddenNames: ['*.key'], maximumFileBytes: 1000 },
}

describe('why', () => {
  let data: string
  let shell: EmbeddedShell
  let service: OwnedFtpService

  before(async () => {
    data = await mkdtemp(join(tmpdir(), 'why-'))
    const given = checked(preset, {
      enabled: true,
      groups: ['staff', 'visitors'],
      users: Object.entries(LOGINS).map(([name, group]) => ({
        name,
        password: 'secret',
        groups: group ? [group] : [],
      })),
      accounts: {
        users: {
          clara: { ftp: false },
          dora: { access: { rules: [{ action: 'allow', mask: '127.0.0.1' }] } },
          emil: { fromOutside: false },
        },
        groups: { visitors: { disabledUntil: '2100-01-01T00:00:00Z' } },
      },
      settings: SETTINGS,
      resources: [
        SCANS,
        {
          name: 'Inbox',
          folder: 'inbox',
          guests: { profile: 'dropBox', from: 'lan' },
          rights: [{ user: 'boris', level: 'none' }],
        },
      ],
    })
    shell = await openEmbeddedShell({ places: { data }, preset: given, audit: () => undefined })
    const { enabled, accounts, resources, settings } = given
    service = await createFtpService(shell, { enabled, settings, accounts, resources })
    await service.start()
    const scans = join(data, 'storage', 'scans')
    for (const folder of ['dir', 'full', 'locked']) await mkdir(join(scans, folder), { recursive: true })
    for (const file of ['a.txt', 'full/c.txt', 'locked/d.txt', 'secret.key']) await writeFile(join(scans, file), file)
    service.access.bans.banMask({ mask: '127.0.0.5', minutes: 5, by: 'admin' })
  })
  after(async () => {
    await service.dispose()
    shell.close()
    await rm(data, { recursive: true })
  })

  const ask = (question: WhyQuestion) => service.insights.why.ask(question)
  const port = () => service.status().addresses[0]?.port ?? 0

  it('foretells what clients get, and by which rule', async function () {
    this.timeout(60_000)
    const foretold: Told[] = []
    const seed = Math.trunc(Math.random() * 2 ** 31)
    for (const address of ADDRESSES) {
      for (const user of USERS) foretold.push(...(await visit(address, user, seed)))
    }
    await service.journal.flush()
    const real = decisions(await wholeLog())
    expect(foretold.length).to.be.greaterThan(300)
    const differences = foretold.filter(({ told }, index) => told !== real[index])
    expect(
      differences.map(
        ({ about, told }) => `${about}: ${told}, but ${real[foretold.findIndex((one) => one.about === about)]}`,
      ),
      `seed ${seed}`,
    ).to.deep.equal([])
    expect(real.length).to.equal(foretold.length)
    // The grid is worth its time only if it meets the rules it is about.
    const met = new Set(real)
    for (const rule of [
      'access.rule',
      'access.ban',
      'access.unlisted',
      'login.ftp',
      'login.from-outside',
      'login.unknown',
      'login.guest',
      'login.disabled-until',
      'command.disabled',
      'done',
    ]) {
      expect([...met], `seed ${seed}`).to.include(rule)
    }
  })

  /** One connection: asks before each line what will come of it, then says the line. */
  async function visit(address: string, user: string, seed: number): Promise<readonly Told[]> {
    const about = `${user} from ${address}`
    const connected = await ask({ address })
    const first = toldOf(connected, `${about} connects`)
    const client = await RawClient.open(port(), { localAddress: address })
    if (!connected.allowed) {
      await client.ended()
      return [first]
    }
    await using open = client
    await open.reply(220)
    const entered = await ask({ address, user })
    const second = toldOf(entered, `${about} logs in`)
    await open.say(`USER ${user}`, 331)
    await open.say('PASS secret')
    const told = [first, second]
    if (!entered.allowed) return told
    // As every client does: in ASCII the size of a file can only be told by who may read it.
    await open.say('TYPE I', 200)
    const questions = sample(record({ command: constantFrom(...COMMANDS), path: constantFrom(...PATHS) }), {
      seed: seed + told.length,
      numRuns: 40,
    })
    for (const { command, path } of questions) {
      told.push(toldOf(await ask({ address, user, command, path }), `${about}: ${command} ${path}`))
      await carryOut(open, command, path)
    }
    return told
  }

  async function wholeLog(): Promise<readonly Entry[]> {
    const day = service.journal.today()
    const entries: Entry[] = []
    for (let page = 1, pages = 1; page <= pages; page++) {
      const found = await service.journal.page({ day }, { page, size: 1000 })
      entries.push(...found.entries)
      pages = found.pages
    }
    return entries
  }

  it('does nothing of what it is asked about', async () => {
    const before = await readdir(join(data, 'storage'), { recursive: true })
    for (const command of COMMANDS) {
      for (const path of ['/Scans/a.txt', '/Scans/made-up', '/Scans/dir'])
        await ask({ address: '127.0.0.1', user: 'anna', command, path })
    }
    await ask({ address: '127.0.0.1', user: 'anonymous', command: 'STOR', path: '/Inbox/letter.txt' })
    await ask({ address: '127.0.0.1', user: 'anna', command: 'MDTM', path: '20200101000000 /Scans/a.txt' })
    expect(await readdir(join(data, 'storage'), { recursive: true })).to.deep.equal(before)
    expect(service.sessions()).to.deep.equal([])
  })

  it('counts sessions as they are now', async () => {
    await service.change({ accounts: { users: { boris: { limits: { sessions: 1 } } } } }, 'admin')
    await using client = await RawClient.connect(port())
    expect((await ask({ address: '127.0.0.1', user: 'boris' })).allowed).to.equal(true)
    await client.login('boris')
    const { steps } = await ask({ address: '127.0.0.1', user: 'boris' })
    expect(steps.at(-1)?.verdict).to.include({ allowed: false, rule: 'limit.sessionsPerLogin', detail: '1' })
    await service.change({ accounts: { users: { boris: null } } }, 'admin')
  })

  it('says which rule of which list decides', async () => {
    const { steps } = await ask({ address: '127.0.0.2', user: 'dora' })
    expect(steps.at(-1)).to.deep.include({ stage: 'rules', owner: 'dora' })
    const denied = await ask({ address: '127.0.0.4' })
    expect(denied.steps.at(-1)).to.deep.include({ stage: 'rules', index: 0 })
  })

  it('takes another time for now where dates decide', async () => {
    const question = { address: '127.0.0.1', user: 'fritz' }
    expect((await ask(question)).steps.at(-1)?.verdict.rule).to.equal('login.disabled-until')
    expect((await ask({ ...question, at: Date.parse('2100-01-02T00:00:00Z') })).allowed).to.equal(true)
  })

  it('weighs the size of an upload', async () => {
    const question = { address: '127.0.0.1', user: 'anna', command: 'STOR', path: '/Scans/big.txt' }
    expect((await ask({ ...question, bytes: 1000 })).allowed).to.equal(true)
    const { steps } = await ask({ ...question, bytes: 1001 })
    expect(steps.at(-1)?.verdict).to.include({ rule: 'limit.file-bytes', detail: '1000' })
  })

  it('refuses an address that is none and a domain that is not there', async () => {
    expect(await rejection(ask({ address: 'here' }))).to.be.instanceOf(RangeError)
    expect(await rejection(ask({ address: '127.0.0.1', domain: 'elsewhere' }))).to.be.instanceOf(RangeError)
  })

  it('says that the server is off before anything else', async () => {
    await service.change({ enabled: false }, 'admin')
    const { steps } = await ask({ address: '127.0.0.1', user: 'anna' })
    expect(steps.map(({ stage, verdict }) => [stage, verdict.allowed])).to.deep.equal([['service', false]])
    await service.change({ enabled: true }, 'admin')
  })
})

interface Told {
  readonly about: string
  /** The rule that refuses, or `done`. */
  readonly told: string
}

function toldOf({ allowed, steps }: WhyAnswer, about: string): Told {
  return { about, told: allowed ? 'done' : (steps.at(-1)?.verdict.rule ?? 'nothing') }
}

/** Says a line as a client would, with the data connection that it needs. */
async function carryOut(client: RawClient, command: string, path: string): Promise<void> {
  const moves = ['RETR', 'STOR', 'APPE', 'STOU', 'LIST', 'MLSD'].includes(command)
  if (!moves) return void (await client.say(`${command} ${path}`))
  const connection = await client.epsv()
  const answer: Received = await client.say(`${command} ${path}`)
  if (answer.code === 150) {
    if (['STOR', 'APPE', 'STOU'].includes(command)) await connection.end('x')
    await connection.remains()
    await client.reply()
  }
}

/** What the log says of every connection, login and command that the test made, in their order. */
function decisions(entries: readonly Entry[]): readonly string[] {
  const made: string[] = []
  let line = ''
  for (const { event, text, verdict } of entries) {
    if (event === 'connection-refused') made.push(verdict?.rule ?? 'nothing')
    if (event === 'session-opened') made.push('done')
    if (event === 'command') line = text.slice(2)
    if (event !== 'reply' || text.startsWith('< 150') || /^(?:USER|EPSV|TYPE)/.test(line)) continue
    if (text.startsWith('< 220')) continue
    made.push(/^< [45]/.test(text) ? (verdict?.rule ?? 'nothing') : 'done')
  }
  return made
}
