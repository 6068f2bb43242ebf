/** Cuts transfers of a whole server over real files at random points, from either side: what was answered, and what stays behind. */
import { randomBytes, randomInt } from 'node:crypto'
import { readdirSync, readlinkSync } from 'node:fs'
import { running } from '../module/ftp/data/kernel/link.ts'
import { eventually } from './cap.ts'
import { type Cut, CUTS, type Goods, type Kind, KINDS, Lane } from './cut-lane.ts'
import { MemoryAccount } from './memory-backend.ts'
import { RawClient } from './raw-client.ts'
import { share, World } from './resources/fixture.ts'
import { serve, type Served } from './serve.ts'

const SMALL = 60_000
/** By so much the octets of one client differ from those of the next. */
const STEP = 1009

export interface CuttingOptions {
  readonly lanes: number
  readonly transport: 'plain' | 'explicit TLS'
  /** Octets of a large file; those that both ends of a connection take up are sent before anybody cuts them. */
  readonly large: number
  /** Files in the folder that is listed. */
  readonly names: number
  /** Where the files lie. */
  readonly base?: string
}

export class Cutting implements AsyncDisposable {
  /** How often a kind of transfer, cut in a way, ended in replies. */
  readonly results = new Map<`${Kind}, ${Cut}`, Map<string, number>>()
  readonly wrong: string[] = []
  readonly it: Served
  readonly #world: World
  readonly #lanes: Lane[] = []

  private constructor(world: World, it: Served) {
    this.#world = world
    this.it = it
  }

  static async make({ lanes, transport, large, names, base }: CuttingOptions): Promise<Cutting> {
    const world = new World(base)
    await world.set(share())
    const octets = randomBytes(large + lanes * STEP)
    for (let number = 0; number < names; number++) world.put(`share/names/report-${number}.txt`)
    const it = await serve({
      transport,
      accounts: () => [new MemoryAccount('disk', 'secret', world.files())],
      options: { limits: { sessionsPerHost: 100 }, timeouts: { dataConnect: 0.5 } },
    })
    const cutting = new Cutting(world, it)
    for (let lane = 0; lane < lanes; lane++)
      await cutting.#open(lane, octets.subarray(lane * STEP, lane * STEP + large))
    return cutting
  }

  /** So many, as many at once as there are lanes. */
  async cut(transfers: number): Promise<void> {
    let left = transfers
    await Promise.all(
      this.#lanes.map(async (lane) => {
        while (left-- > 0) await this.#cutOne(lane)
      }),
    )
    // The server of the tests remembers everything that happens.
    this.it.backend.logins.length = 0
    for (const event of this.it.events.splice(0)) if (event.kind === 'fault') this.wrong.push(String(event.error))
  }

  /** Waits until nothing runs and so many descriptors of these kinds are open, if that comes to be; answers all that are. */
  async settled(expected: Readonly<Record<string, number>> = this.#idle): Promise<Record<string, number>> {
    const same = (now: Readonly<Record<string, number>>) =>
      Object.keys(expected).every((kind) => now[kind] === expected[kind])
    // A connection whose client has all may linger for 5 s.
    await eventually(() => running() === 0 && same(descriptors()), '', 10_000).catch(() => undefined)
    return descriptors()
  }

  /** Names that nobody should have left. */
  leftOver(): string[] {
    return readdirSync(this.#world.disk('share')).filter((name) => !/^(small|large)-\d+$|^names$/.test(name))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const lane of this.#lanes) lane.close()
    await this.it[Symbol.asyncDispose]()
    await this.#world[Symbol.asyncDispose]()
  }

  /** Both ends of the control connections, and who listens for them. */
  get #idle(): Record<string, number> {
    return { socket: 2 * this.#lanes.length + 1 }
  }

  async #open(number: number, large: Buffer): Promise<void> {
    const small = large.subarray(0, SMALL)
    this.#world.put(`share/small-${number}`, small)
    this.#world.put(`share/large-${number}`, large)
    await using client = await RawClient.connect(this.it.port)
    await client.login('disk', 'secret')
    const goods: Goods = {
      sent: {
        'RETR small': [`RETR small-${number}`, small],
        'RETR large': [`RETR large-${number}`, large],
        MLSD: ['MLSD names', await client.retrieve('MLSD /Share/names')],
      },
      received: { 'STOR small': small, 'STOR large': large },
      disk: (name) => this.#world.disk(`share/${name}`),
    }
    this.#lanes.push(await Lane.open(this.it, goods))
  }

  async #cutOne(lane: Lane): Promise<void> {
    const [kind, cut] = [KINDS[randomInt(KINDS.length)] ?? 'EPSV', CUTS[randomInt(CUTS.length)] ?? 'whole']
    const { codes, wrong } = await lane.transfer(kind, cut)
    if (wrong !== undefined) this.wrong.push(wrong)
    const counts = this.results.get(`${kind}, ${cut}`) ?? new Map<string, number>()
    this.results.set(`${kind}, ${cut}`, counts.set(codes, (counts.get(codes) ?? 0) + 1))
  }
}

/** Open descriptors of the process by kind. */
export function descriptors(): Record<string, number> {
  const kinds: Record<string, number> = {}
  for (const fd of readdirSync('/proc/self/fd')) {
    const kind = leadsTo(fd)
      .replace(/^\/.*/, 'file')
      .replace(/:?\[\d+\]$/, '')
    kinds[kind] = (kinds[kind] ?? 0) + 1
  }
  return Object.fromEntries(Object.entries(kinds).sort(([one], [other]) => (one < other ? -1 : 1)))
}

function leadsTo(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    // That of the folder of descriptors itself.
    return '/'
  }
}
