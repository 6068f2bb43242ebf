/** Whether the server keeps memory or descriptors: people come, transfer, abort, are thrown out and mistype, in random order. */
import { randomInt } from 'node:crypto'
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { RawClient } from '../../raw-client.ts'
import { Administrator } from './page.ts'
import { presetWith, Server } from './server.ts'
import { addressOf, dataConnection, give, loggedIn, take } from './traffic.ts'

const MIB = 1024 ** 2
/** Clients at once. */
const LANES = 16
/** The last third may be so much above the one before it. */
const FLAT = 0.05

/** Of the process after its garbage has been collected. */
interface Sample {
  readonly minute: number
  readonly rss: number
  readonly heap: number
  readonly descriptors: number
}

type Deed = (client: RawClient, lane: number) => Promise<unknown>

/** Every half minute of so many minutes, at least twelve times. */
export async function soak(minutes: number): Promise<void> {
  await using server = await Server.start(presetWith())
  mkdirSync(join(server.storage, 'files'), { recursive: true })
  writeFileSync(join(server.storage, 'files', 'down.bin'), '')
  truncateSync(join(server.storage, 'files', 'down.bin'), 8 * MIB)
  const leaving = new AbortController()
  const administrator = await Administrator.logIn(server.web)
  await administrator.watch(leaving.signal, () => undefined)
  const counts: Record<string, number> = {}
  const idle = server.descriptors()
  const lanes = Array.from({ length: LANES }, (_, lane) => live(server, lane, leaving.signal, counts))
  lanes.push(throwOut(administrator, leaving.signal, counts))
  const samples = await sampled(server, minutes, counts)
  leaving.abort()
  await Promise.all(lanes)
  console.log('done', counts)
  const warnings = server.errors.split('\n').filter(Boolean)
  console.log(`written to the console as errors or warnings: ${warnings.length} lines`, warnings.slice(0, 5))
  judge('RSS MiB', samples, ({ rss }) => rss / MIB)
  judge('heap MiB', samples, ({ heap }) => heap / MIB)
  judge('descriptors', samples, ({ descriptors }) => descriptors)
  await settled(server, idle)
}

async function sampled(server: Server, minutes: number, counts: Record<string, number>): Promise<Sample[]> {
  const count = Math.max(12, Math.round(minutes * 2))
  const samples: Sample[] = []
  const began = performance.now()
  for (let at = 1; at <= count; at++) {
    await pause(Math.max(0, (at * minutes * 60_000) / count - (performance.now() - began)))
    const { heap, external, rss } = await server.ask('tidy')
    const minute = (performance.now() - began) / 60_000
    samples.push({ minute, rss, heap: heap + external, descriptors: server.descriptors() })
    const done = Object.values(counts).reduce((sum, one) => sum + one, 0)
    const megabytes = (value: number) => (value / MIB).toFixed(1)
    const { descriptors } = samples.at(-1) as Sample
    console.log(
      `${minute.toFixed(1)} min: RSS ${megabytes(rss)} MiB, heap ${megabytes(heap + external)} MiB, ${descriptors} descriptors, ${done} deeds`,
    )
  }
  return samples
}

/** One visitor after the other. */
async function live(server: Server, lane: number, signal: AbortSignal, counts: Record<string, number>): Promise<void> {
  const names = Object.keys(DEEDS)
  for (let visit = 0; !signal.aborted; visit++) {
    const name = names[randomInt(names.length)] ?? ''
    try {
      if (name === 'wrong password') await mistype(server.port, visit)
      else {
        await using client = await loggedIn(server.port, randomInt(2000))
        for (let deed = randomInt(1, 4); deed > 0 && !client.socket.destroyed; deed--) await DEEDS[name]?.(client, lane)
        if (randomInt(2) === 0 && !client.socket.destroyed) await client.say('QUIT', 221)
      }
      counts[name] = (counts[name] ?? 0) + 1
    } catch {
      // Whoever is thrown out hears it in the middle of anything.
      counts['cut short'] = (counts['cut short'] ?? 0) + 1
    }
  }
}

const DEEDS: Readonly<Record<string, Deed>> = {
  idle: (client) => client.say('NOOP', 200),
  download: (client) => take(client, 'RETR /Files/down.bin'),
  upload: (client, lane) => give(client, `/Files/up-${lane}.bin`, randomInt(4 * MIB)),
  list: (client) => take(client, 'MLSD /Files'),
  hash: (client) => client.say('HASH /Files/down.bin', 213),
  'wrong password': async () => undefined,
  async abort(client) {
    const data = await dataConnection(client, () => undefined)
    await client.say('RETR /Files/down.bin', 150)
    client.send('ABOR\r\n')
    // 426 and 226, or 226 twice where all had been sent.
    await client.reply()
    await client.reply(226)
    data.destroy()
  },
  async 'cut download'(client) {
    const data = await dataConnection(client, () => data.resetAndDestroy())
    await client.say('RETR /Files/down.bin', 150)
    await client.reply()
  },
  async 'vanish while uploading'(client, lane) {
    const data = await dataConnection(client, () => undefined)
    await client.say(`STOR /Files/part-${lane}.bin`, 150)
    data.write(Buffer.alloc(randomInt(MIB)))
    client.socket.resetAndDestroy()
    data.resetAndDestroy()
  },
}

/** From addresses of their own: those are banned after a while. */
async function mistype(port: number, visit: number): Promise<void> {
  await using client = await RawClient.open(port, { localAddress: addressOf(4000 + (visit % 200)) })
  const { code } = await client.reply()
  if (code !== 220) return
  await client.say('USER anna', 331)
  await client.say('PASS wrong', [530, 421])
}

/** Somebody's session or transfer, several times a second. */
async function throwOut(administrator: Administrator, signal: AbortSignal, counts: Record<string, number>) {
  while (!signal.aborted) {
    const ids = await administrator.sessions()
    const id = ids[randomInt(Math.max(1, ids.length))]
    const what = randomInt(2) === 0 ? 'disconnect' : 'abort'
    const status = id === undefined ? 404 : await administrator.end(id, what)
    if (status >= 500 || status === 401 || status === 403) throw new Error(`${what} was answered ${status}`)
    if (status < 300) counts[`administrator: ${what}`] = (counts[`administrator: ${what}`] ?? 0) + 1
    await pause(150)
  }
}

function judge(name: string, samples: readonly Sample[], figure: (sample: Sample) => number): void {
  const third = Math.floor(samples.length / 3)
  const mean = (part: readonly Sample[]) => part.reduce((sum, one) => sum + figure(one), 0) / part.length
  const middle = mean(samples.slice(-2 * third, -third))
  const last = mean(samples.slice(-third))
  const minutes = (samples.at(-1)?.minute ?? 0) / 3
  const growth = last / middle - 1
  console.log(
    `${name}: middle third ${middle.toFixed(1)}, last third ${last.toFixed(1)}, ${((last - middle) / minutes).toFixed(2)} a minute: ` +
      `${(growth * 100).toFixed(1)} % (${growth <= FLAT ? 'flat' : 'GROWS'})`,
  )
}

/** With everybody gone the descriptors go too; threads that rest for half a minute keep a few. */
async function settled(server: Server, idle: number): Promise<void> {
  for (let second = 0; second < 45 && server.descriptors() > idle; second++) await pause(1000)
  console.log(`descriptors before ${idle}, with everybody gone ${server.descriptors()}`)
}
