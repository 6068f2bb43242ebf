/**
 * Measures the Activity tab with real sessions: `node test/bench/activity-page.ts [sessions] [transfers] [seconds] [rounds]`. The server runs in
 * a process of its own; 2,000 sessions are logged in, 200 of them download slowly, the others say something every few seconds. Told are
 * the time of opening the page, how late a change arrives, and what open pages cost the server beside what the sessions cost anyway.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open } from 'node:fs/promises'
import { connect as dial } from 'node:net'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { RawClient } from '../raw-client.ts'
import { mounted } from '../web/mounted.ts'

const [SESSIONS = 2000, TRANSFERS = 200, SECONDS = 10, ROUNDS = 6] = process.argv.slice(2).map(Number).filter(Boolean)
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
  process.once('disconnect', () => process.exit())
  process.on('message', (login: string) => {
    it.identity = { name: login, permission: 'manage', sessionId: login }
    if (login === 'end') void it[Symbol.asyncDispose]().then(() => process.exit(0))
    else process.send?.({ cpu: process.cpuUsage() })
  })
  process.send?.({ origin: it.origin, port: it.port })
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
    [10, '/activity/live?sort=speed&down=1'],
  ] as const) {
    const [shares, rates]: [number[], number[]] = [[], []]
    // In turns, because what the sessions cost goes up and down by more than what a page costs.
    for (let round = 0; round < ROUNDS; round++) {
      const quiet = await share(server)
      const viewers = await view(server, origin, address, pages)
      await pause(500)
      shares.push((await share(server)) - quiet)
      rates.push(viewers.reduce((sum, { octets }) => sum + octets(), 0) / pages / (SECONDS + 0.5) / 1000)
      for (const { close } of viewers) close()
      await pause(500)
    }
    console.log(`${pages} open, ${address}: ${mean(shares)} % of a core, ${mean(rates)} kB/s to each`)
  }
  await late(server, origin, clients[TRANSFERS])
  talking.abort()
  await talk
  for (const client of clients) client.socket.destroy()
  server.send('end')
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

/** Percent of a core that the server takes. */
async function share(server: ChildProcess): Promise<number> {
  const before = await cpu(server)
  await pause(SECONDS * 1000)
  return (((await cpu(server)) - before) / 1e6 / SECONDS) * 100
}

async function cpu(server: ChildProcess, login = 'root'): Promise<number> {
  server.send(login)
  const [{ cpu: used }] = (await once(server, 'message')) as [{ cpu: NodeJS.CpuUsage }]
  return used.user + used.system
}

/** Opens pages of as many administrators. */
async function view(server: ChildProcess, origin: string, address: string, pages: number) {
  const viewers = []
  for (let page = 0; page < pages; page++) {
    await cpu(server, `administrator ${page}`)
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
  await cpu(server, 'late')
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

function mean(values: readonly number[]): string {
  return (values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(1)
}

function median(times: readonly number[]): string {
  return (times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0).toFixed(0)
}

function worst(times: readonly number[]): string {
  return Math.max(...times).toFixed(0)
}
