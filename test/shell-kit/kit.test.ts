/** The conformance kit itself: the embedded shell keeps every promise, and a shell that breaks one is found out. */
import { execFile } from 'node:child_process'
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import type { ApplianceShell, WebHost } from '../../module/shell.ts'
import makeEmbedded from './embedded.ts'
import { examine, PROMISES } from './kit.ts'
import type { ShellUnderTest } from './shell-under-test.ts'

/** What is wrong with each shell, by a part of the promise that it breaks. */
const WRONG: readonly (readonly [
  broken: string,
  what: string,
  (it: ShellUnderTest) => Partial<ApplianceShell> | Promise<Partial<ApplianceShell>>,
])[] = [
  ['version 1 of the contract', 'speaks another version', () => ({ api: 2 as unknown as 1 })],
  [
    'folders are there',
    'lets everybody read its folders',
    async ({ shell }) => (await chmod(shell.paths.config, 0o755), {}),
  ],
  [
    'listed under names',
    'lists a user twice',
    (it) => users(it, { list: async () => [...(await it.shell.users.list()), ...(await it.shell.users.list())] }),
  ],
  [
    'found by name',
    'finds whom nobody knows',
    (it) => users(it, { find: async (name) => ({ name, groups: [], enabled: true }) }),
  ],
  ['right password', 'accepts every password', (it) => users(it, { verify: (name) => it.shell.users.find(name) })],
  [
    'takes as long',
    'answers at once for a name that nobody has',
    (it) =>
      users(it, {
        verify: async (name, password, origin) =>
          (await it.shell.users.find(name)) ? slowly(() => it.shell.users.verify(name, password, origin)) : undefined,
      }),
  ],
  [
    'certificate of the list',
    'loads what is not there',
    (it) => ({ certificates: { list: () => it.shell.certificates.list(), load: () => it.shell.certificates.load() } }),
  ],
  [
    'storage roots',
    'names a folder that is not there',
    () => ({ storage: { roots: async () => [{ id: 'a', label: 'A', path: '/not/there', readOnly: false }] } }),
  ],
  [
    'LAN networks',
    'does not count itself to the LAN',
    ({ shell }) => ({
      network: { lan: () => ['192.168.1.0/24'], wanAddress: () => shell.network.wanAddress(), usedPorts: () => [] },
    }),
  ],
  ['time zone', 'names a zone that is none', () => ({ timeZone: () => 'Mars/Olympus' })],
  [
    'taken down or told',
    'throws at what it is told',
    () => ({
      notify: () => {
        throw new Error('no')
      },
    }),
  ],
  ['told of events', 'never tells of events', () => ({ on: () => () => {} })],
  ['same needs twice', 'adds needs to what it has', () => ({ firewall: addingFirewall() })],
  [
    'without a login',
    'believes a header that anybody can send',
    (it) =>
      web(it, {
        identify: async (ctx) =>
          ctx.get('X-Shell-User')
            ? { name: ctx.get('X-Shell-User'), permission: 'manage', sessionId: 'x' }
            : it.shell.web?.identify(ctx),
      }),
  ],
  [
    'session that stays the same',
    'makes a new session at each request',
    (it) =>
      web(it, {
        identify: async (ctx) => {
          const who = await it.shell.web?.identify(ctx)
          return who && { ...who, sessionId: `${performance.now()}` }
        },
      }),
  ],
  ['know where they are', 'ends its base path with a slash', (it) => web(it, { basePath: () => '/modules/ftp/' })],
  [
    'module starts in it',
    'keeps its folders from the module',
    async (it) => ({ paths: { ...it.shell.paths, config: '/dev/null/nowhere' } }),
  ],
]

describe('the conformance kit for shells', function () {
  this.timeout(60_000)

  it('finds every promise kept by the embedded shell', async () => {
    expect((await examine(makeEmbedded)).filter(({ broken }) => broken !== undefined)).to.deep.equal([])
  })

  it('has a wrong shell for each promise', () => {
    const unbroken = PROMISES.filter(({ name }) => !WRONG.some(([broken]) => name.includes(broken)))
    expect(unbroken.map(({ name }) => name)).to.deep.equal([])
  })

  for (const [broken, what, change] of WRONG) {
    it(`finds out a shell that ${what}`, async () => {
      const promise = PROMISES.find(({ name }) => name.includes(broken))
      const it = await makeEmbedded()
      try {
        const shell = Object.assign(Object.create(it.shell) as ApplianceShell, await overriding(it, change))
        const kept = await promise?.check({ ...it, shell }).then(
          () => true,
          () => false,
        )
        expect(kept).to.equal(false)
      } finally {
        await it.close()
      }
    })
  }

  it('runs from the command line and ends with 0 when all is well', async () => {
    const kit = import.meta.dirname
    const { stdout } = await promisify(execFile)(process.execPath, [join(kit, 'run.ts'), join(kit, 'embedded.ts')])
    expect(stdout).to.match(new RegExp(`^${PROMISES.length} kept, 0 broken$`, 'm'))
  })
})

/** Properties that take the place of the shell's own, accessors included. */
async function overriding(it: ShellUnderTest, change: (typeof WRONG)[number][2]): Promise<object> {
  return change(it)
}

function users({ shell }: ShellUnderTest, own: Partial<ApplianceShell['users']>): Partial<ApplianceShell> {
  const { users: real } = shell
  const bound = {
    list: () => real.list(),
    groups: () => real.groups(),
    find: (name: string) => real.find(name),
    verify: (...asked: Parameters<typeof real.verify>) => real.verify(...asked),
  }
  return { users: { ...bound, ...own } }
}

function web({ shell }: ShellUnderTest, own: Partial<WebHost>): Partial<ApplianceShell> {
  const real = shell.web
  if (!real) throw new Error('the embedded shell has pages')
  const bound: WebHost = {
    basePath: (ctx) => real.basePath(ctx),
    identify: (ctx) => real.identify(ctx),
    loginUrl: (ctx) => real.loginUrl(ctx),
    logoutUrl: (ctx) => real.logoutUrl(ctx),
    present: (ctx) => real.present(ctx),
  }
  return { web: { ...bound, ...own } }
}

/** As a hash of a real password would be on a slow machine. */
async function slowly<Value>(work: () => Promise<Value>): Promise<Value> {
  const until = performance.now() + 150
  const value = await work()
  // Time on the processor, as hashing takes it.
  while (performance.now() < until);
  return value
}

function addingFirewall(): NonNullable<ApplianceShell['firewall']> {
  const open = new Set<number>()
  return {
    zones: async () => [],
    apply: async (needs) => {
      for (const { from } of needs) {
        if (open.has(from)) throw new Error(`${from} is open already`)
        open.add(from)
      }
    },
  }
}
