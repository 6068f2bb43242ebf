/**
 * Measures the Activity tab with real sessions: `node test/bench/activity-page.ts [sessions] [transfers] [seconds]`. The server runs in
 * a process of its own; 2,000 sessions are logged in, 200 of them download slowly, the others say something every few seconds. Told are
 * the time of opening the page, how late a change arrives, and what part of its time the server spends in the pages.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Profiler } from 'node:inspector'
import { Session } from 'node:inspector/promises'
import { mkdir, open } from 'node:fs/promises'
import { connect as dial } from 'node:net'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { RawClient } from '../raw-client.ts'
import { mounted } from '../web/mounted.ts'

const [SESSIONS = 2000, TRANSFERS = 200, SECONDS = 20] = process.argv.slice(2).map(Number).filter(Boolean)
/** Seconds between two commands of a session without a transfer. */
const EVERY = 10
const FILE = 20_000_000_000

if (process.send) await serve()
else await measure()

async function serve(): Promise<void> {
  const limits = { connections: SESSIONS + 100, downloadBytesPerSecond: TRANSFERS * 5000 }
  const it = await mounted({
    preset: {
      users: [{ name: 'anna', password: 'secret' }],
      settings: { limits, timeouts: { idle: 3600 } },
      resources: [{ name: 'Files', folder: 'files', rights: [{ user: 'anna', level: 'read' }] }],
    },
  })
  await mkdir(join(it.shell.storageFolder, 'files'), { recursive: true })
  const file = await open(join(it.shell.storageFolder, 'files', 'big.bin'), 'w')
  await file.truncate(FILE)
  await file.close()
  const profiler = new Session()
  profiler.connect()
  await profiler.post('Profiler.enable')
  process.once('disconnect', () => process.exit())
  process.on('message', (order: Order) => void obey(order).then((answer) => process.send?.(answer)))
  process.send?.({ origin: it.origin, port: it.port })

  async function obey({ login, profile, end }: Order): Promise<object> {
    if (login !== undefined) it.identity = { name: login, permission: 'manage', sessionId: login }
    if (profile === 'start') await profiler.post('Profiler.start')
    if (end) void it[Symbol.asyncDispose]().then(() => process.exit())
    return profile === 'stop' ? { share: shareOfPages((await profiler.post('Profiler.stop')).profile) } : {}
  }
}

/** What the process is told: who asks from now on, to watch itself, or to end. */
interface Order {
  readonly login?: string
  readonly profile?: 'start' | 'stop'
  readonly end?: true
}

/** The part of the time, in percent, that was spent in the pages or in what they called. */
function shareOfPages({ nodes }: Profiler.Profile): number {
  const known = new Map(nodes.map((node) => [node.id, node]))
  const all = nodes.reduce((sum, { hitCount = 0 }) => sum + hitCount, 0)
  const hits = (node: Profiler.ProfileNode, counts: boolean): number => {
    const inside = counts || node.callFrame.url.includes('/module/web/')
    const below = (node.children ?? []).reduce((sum, id) => sum + hits(known.get(id) ?? node, inside), 0)
    return below + (inside ? (node.hitCount ?? 0) : 0)
  }
  const [root] = nodes
  return root ? (hits(root, false) / all) * 100 : 0
}

async function measure(): Promise<void> {
  const server = fork(import.meta.filename, process.argv.slice(2), { execArgv: process.execArgv })
  const [{ origin, port }] = (await once(server, 'message')) as [{ origin: string; port: number }]
  const clients = await connect(port)
  const talking = new AbortController()
  const talk = chatter(clients.slice(TRANSFERS + 1), talking.signal)
  await pause(3000)

  const times: number[] = []
  for (let run = 0; run < 20; run++) {
    const began = performance.now()
    const answer = await fetch(`${origin}/activity?sort=speed&down=1&page=${1 + (run % 5)}`)
    const size = (await answer.text()).length
    times.push(performance.now() - began)
    if (run === 19) console.log(`the page: ${size >> 10} KiB`)
  }
  console.log(
    `opening it: first ${times[0]?.toFixed(0)} ms, then ${median(times.slice(1))}, at most ${worst(times.slice(1))} ms`,
  )

  for (const [pages, address] of [
    [1, '/activity/live'],
    [1, '/activity/live?sort=speed&down=1'],
    [1, '/activity/live?q=big&sort=user'],
    [10, '/activity/live?sort=speed&down=1'],
  ] as const) {
    const viewers = await view(server, origin, address, pages)
    await pause(1500)
    await tell(server, { profile: 'start' })
    await pause(SECONDS * 1000)
    const { share = 0 } = await tell(server, { profile: 'stop' })
    const rate = viewers.reduce((sum, { octets }) => sum + octets(), 0) / pages / (SECONDS + 1.5) / 1000
    console.log(`${pages} open, ${address}: ${share.toFixed(1)} % of a core, ${rate.toFixed(0)} kB/s to each`)
    for (const { close } of viewers) close()
    await pause(500)
  }
  await late(server, origin, clients[TRANSFERS])
  talking.abort()
  await talk
  for (const client of clients) client.socket.destroy()
  server.send({ end: true })
  await once(server, 'exit')
}

/** Sessions from several addresses, fifty at a time; the first ones download. */
async function connect(port: number): Promise<RawClient[]> {
  const clients: RawClient[] = []
  while (clients.length < SESSIONS) {
    const batch = Array.from({ length: Math.min(50, SESSIONS - clients.length) }, async (_, at) => {
      const number = clients.length + at
      const localAddress = `127.0.${1 + (number >> 7)}.${1 + (number & 127)}`
      const client = await RawClient.connect(port, { localAddress })
      await client.login('anna', 'secret')
      await client.say(`CLNT Program ${number % 7}`, 200)
      if (number < TRANSFERS) await download(client, localAddress)
      return client
    })
    clients.push(...(await Promise.all(batch)))
  }
  return clients
}

async function download(client: RawClient, localAddress: string): Promise<void> {
  await client.say('TYPE I', 200)
  const { text } = await client.say('EPSV', 229)
  const data = dial({ host: '127.0.0.1', port: Number(/\(\|\|\|(\d+)\|\)/.exec(text)?.[1]), localAddress })
  // Read and forgotten.
  data.on('error', () => undefined).resume()
  await client.say('RETR /Files/big.bin', 150)
}

/** Every client in its turn, evenly over the time. */
async function chatter(clients: readonly RawClient[], signal: AbortSignal): Promise<void> {
  const step = 50
  const each = Math.max(1, Math.round((clients.length * step) / (EVERY * 1000)))
  for (let at = 0; !signal.aborted; at += each) {
    for (let n = 0; n < each; n++) void clients[(at + n) % clients.length]?.say('PWD', 257)
    await pause(step)
  }
}

async function tell(server: ChildProcess, order: Order): Promise<{ readonly share?: number }> {
  server.send(order)
  const [answer] = (await once(server, 'message')) as [{ share?: number }]
  return answer
}

/** Opens pages of as many administrators. */
async function view(server: ChildProcess, origin: string, address: string, pages: number) {
  const viewers = []
  for (let page = 0; page < pages; page++) {
    await tell(server, { login: `administrator ${page}` })
    const leaving = new AbortController()
    const answer = await fetch(origin + address, { signal: leaving.signal })
    let octets = 0
    const reading = (async () => {
      for await (const chunk of answer.body ?? []) octets += (chunk as Uint8Array).length
    })()
    reading.catch(() => undefined)
    viewers.push({ octets: () => octets, close: () => leaving.abort() })
  }
  return viewers
}

/** How long after its end a command is seen by an open page. */
async function late(server: ChildProcess, origin: string, client: RawClient | undefined): Promise<void> {
  const times: number[] = []
  await tell(server, { login: 'late' })
  const leaving = new AbortController()
  const answer = await fetch(`${origin}/activity/live?q=late-`, { signal: leaving.signal })
  let text = ''
  void (async () => {
    for await (const chunk of answer.body ?? []) text += Buffer.from(chunk as Uint8Array).toString()
  })().catch(() => undefined)
  for (let run = 0; run < 20; run++) {
    await pause(370)
    client?.send(`CLNT late-${run}.\r\n`)
    const began = performance.now()
    while (!text.includes(`late-${run}.`)) await pause(2)
    times.push(performance.now() - began)
  }
  console.log(`a change is seen after ${median(times)} ms, at most ${worst(times)} ms`)
  leaving.abort()
}

function median(times: readonly number[]): string {
  return (times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0).toFixed(0)
}

function worst(times: readonly number[]): string {
  return Math.max(...times).toFixed(0)
}
