/** A real server on free ports of the loopback, with files in memory and its events recorded. */
import type { FtpEvent } from '../module/ftp/events.ts'
import { DEFAULTS, type Options, type TlsOptions } from '../module/ftp/options.ts'
import { createFtpServer, type FtpServer } from '../module/ftp/server.ts'
import { capped, eventually } from './cap.ts'
import { certificate } from './certificate.ts'
import { MemoryAccount, MemoryBackend } from './memory-backend.ts'
import { MemoryFiles, type RightsByPath } from './memory-files.ts'
import type { Tree } from './memory-tree.ts'
import { RawClient, type RawOptions } from './raw-client.ts'
import { type Family, loopback, type Transport } from './transport.ts'

type Groups = 'passive' | 'limits' | 'timeouts' | 'login' | 'listing'

/** Options that differ from the defaults; groups are merged, `tls: false` means a server without a certificate. */
export type Changes = Partial<Omit<Options, Groups | 'tls'>> & {
  readonly [group in Groups]?: Partial<Options[group]>
} & { readonly tls?: Partial<TlsOptions> | false }

export interface ServeOptions {
  readonly transport?: Transport
  readonly family?: Family
  readonly files?: Tree
  readonly rights?: RightsByPath
  /** Whether the files have descriptors that movers may use by themselves. */
  readonly descriptors?: boolean
  readonly options?: Changes
  /** Further accounts beside `anna` (password `secret`) and the guest `anonymous`, who share one tree. */
  readonly accounts?: (files: MemoryFiles) => readonly MemoryAccount[]
}

type Kind = FtpEvent['kind']
export type EventOf<K extends Kind> = Extract<FtpEvent, { kind: K }>

export async function serve(options: ServeOptions = {}): Promise<Served> {
  const files = new MemoryFiles(options.files, options.rights)
  files.descriptors = options.descriptors ?? false
  const accounts = [new MemoryAccount('anna', 'secret', files), new MemoryAccount('anonymous', undefined, files)]
  const backend = new MemoryBackend([...accounts, ...(options.accounts?.(files) ?? [])])
  const served = new Served(options, files, backend, await complete(options.options))
  await served.listen()
  return served
}

export class Served implements AsyncDisposable {
  readonly server: FtpServer
  readonly files: MemoryFiles
  readonly backend: MemoryBackend
  readonly transport: Transport
  readonly family: Family
  readonly events: FtpEvent[] = []
  options: Options
  readonly #clients: RawClient[] = []
  readonly #taken = new Set<FtpEvent>()

  constructor(wishes: ServeOptions, files: MemoryFiles, backend: MemoryBackend, options: Options) {
    this.transport = wishes.transport ?? 'plain'
    this.family = wishes.family ?? 4
    this.files = files
    this.backend = backend
    this.options = options
    this.server = createFtpServer({ backend, options, observers: [(event) => this.events.push(event)] })
  }

  get host(): string {
    return loopback(this.family)
  }

  get port(): number {
    return this.server.addresses()[0]?.port ?? 0
  }

  listen(): Promise<void> {
    const implicitTls = this.transport === 'implicit TLS'
    return this.server.listen([{ address: this.host, port: 0, implicitTls, domain: 'default' }])
  }

  /** A connected client that has read the greeting and said nothing, inside TLS if the listener is implicit. */
  async connect(options: RawOptions = {}): Promise<RawClient> {
    return this.#keep(await RawClient.connect(this.port, this.#raw(options)))
  }

  /** As {@link connect}, the greeting not yet read. */
  async open(options: RawOptions = {}): Promise<RawClient> {
    return this.#keep(await RawClient.open(this.port, this.#raw(options)))
  }

  /** A logged-in client in TYPE I, its connections protected as the transport says. */
  async login(user = 'anna', password = 'secret', options: RawOptions = {}): Promise<RawClient> {
    const client = await this.connect(options)
    if (this.transport === 'explicit TLS') await client.startTls()
    await client.login(user, password)
    if (this.transport !== 'plain') await client.protect()
    await client.say('TYPE I', 200)
    return client
  }

  /** The first event of the kind, past or to come, that fits and was not answered before. */
  async event<K extends Kind>(kind: K, fits: (event: EventOf<K>) => boolean = () => true): Promise<EventOf<K>> {
    const find = () =>
      this.events.find((event) => event.kind === kind && !this.#taken.has(event) && fits(event as EventOf<K>))
    await eventually(() => find() !== undefined, `the event ${kind}; events so far: ${this.#kinds()}`)
    const found = find()
    if (!found) throw new Error(`the event ${kind} has gone`)
    this.#taken.add(found)
    return found as EventOf<K>
  }

  /** All recorded events of the kind. */
  all<K extends Kind>(kind: K): EventOf<K>[] {
    return this.events.filter((event): event is EventOf<K> => event.kind === kind)
  }

  /** Changes options of the running server. */
  async change(changes: Changes): Promise<void> {
    this.options = await complete(changes, this.options)
    this.server.update(this.options)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.files.release()
    for (const client of this.#clients) await client[Symbol.asyncDispose]()
    await capped(this.server.close({ graceMs: 0 }), 'the server to close')
    const fault = this.all('fault')[0]
    // Tests that provoke a fault take it from the list; any other is a defect that no reply showed.
    if (fault) throw new Error('a fault was observed', { cause: fault.error })
  }

  /** The events of faults, forgotten: the test expected them. */
  takeFaults(): EventOf<'fault'>[] {
    const faults = this.all('fault')
    for (const fault of faults) this.events.splice(this.events.indexOf(fault), 1)
    return faults
  }

  #raw(options: RawOptions): RawOptions {
    return { host: this.host, implicitTls: this.transport === 'implicit TLS', ...options }
  }

  #keep(client: RawClient): RawClient {
    this.#clients.push(client)
    return client
  }

  #kinds(): string {
    return this.events.map((event) => event.kind).join(' ')
  }
}

/** Complete options: the defaults made quick for tests, with the changes. */
async function complete(changes: Changes = {}, base: Options = QUICK): Promise<Options> {
  const { tls, ...others } = changes
  const merged = { ...base, ...others } as Options
  const groups = ['passive', 'limits', 'timeouts', 'login', 'listing'] as const
  const nested = Object.fromEntries(groups.map((group) => [group, { ...base[group], ...changes[group] }]))
  const { tls: _, ...plain } = { ...merged, ...nested } as Options
  if (tls === false) return plain
  return { ...plain, tls: { ...(base.tls ?? (await testTls())), ...tls } }
}

const QUICK: Options = {
  ...DEFAULTS,
  deflate: { level: 6, maximumRatio: 1000 },
  timeouts: { login: 60, idle: 60, stall: 10, dataConnect: 2, handshake: 2, session: Infinity },
  login: { attempts: 3, failureDelay: 0 },
}

async function testTls(): Promise<TlsOptions> {
  return {
    keyPair: await certificate(),
    required: 'never',
    exempt: () => false,
    minimum: 'TLSv1.2',
    sessionReuse: 'prefer',
    strictEnd: true,
  }
}
