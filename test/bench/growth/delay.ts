/** How late the main thread is while many transfers run, thousands of sessions are idle and a live page is open. */
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import type { RawClient } from '../../raw-client.ts'
import { Administrator } from './page.ts'
import { presetWith, Server } from './server.ts'
import { crowd, give, take } from './traffic.ts'

const MIB = 1024 ** 2
/** Milliseconds that the 99th percentile may be. */
const WANTED = 10
/** Three of four clients download, the others upload; each begins again when it has finished. */
const DOWN = 1024 * MIB
const UP = 16 * MIB
/** Bytes per second of all downloads together, and of all uploads, in the measure without full speed. */
const CALM = 100_000_000

export interface Load {
  readonly sessions: number
  readonly transfers: number
  readonly seconds: number
}

export async function delay(load: Load): Promise<void> {
  console.log(`\nDelay of the main thread: ${load.transfers} transfers, ${load.sessions} idle sessions, one live page`)
  await under('transfers at 100 MB/s a direction', load, { downloadBytesPerSecond: CALM, uploadBytesPerSecond: CALM })
  await under('transfers as fast as the machine', load, {})
}

async function under(name: string, { sessions, transfers, seconds }: Load, limits: object): Promise<void> {
  const { settings, ...others } = presetWith() as { settings: object }
  const all = { ...settings, limits: { connections: 8000, ...limits } }
  await using server = await Server.start({ ...others, settings: all })
  mkdirSync(join(server.storage, 'files'), { recursive: true })
  writeFileSync(join(server.storage, 'files', 'down.bin'), '')
  truncateSync(join(server.storage, 'files', 'down.bin'), DOWN)
  const idle = await crowd(server.port, 0, sessions)
  const busy = await crowd(server.port, sessions, sessions + transfers)
  const leaving = new AbortController()
  let octets = 0
  let heard = 0
  await (await Administrator.logIn(server.web)).watch(leaving.signal, (length) => (heard += length))
  const lanes = busy.map((client, at) => repeat(client, at, leaving.signal, (length) => (octets += length)))
  await pause(3000)
  const { cpu } = await server.ask('watch')
  octets = heard = 0
  const began = performance.now()
  await pause(seconds * 1000)
  const look = await server.ask('look')
  const time = (performance.now() - began) / 1000
  leaving.abort()
  for (const { socket } of [...busy, ...idle]) socket.destroy()
  await Promise.all(lanes)
  if (octets === 0 || heard === 0) throw new Error(`Nothing moved: ${octets} octets, ${heard} of the page`)
  const { p50, p99, p999, longest } = look.delay
  console.log(
    `  ${name}: p50 ${ms(p50)}, p99 ${ms(p99)} (${p99 <= WANTED ? 'within' : 'MORE THAN'} ${WANTED}), p99.9 ${ms(p999)}, ` +
      `longest ${ms(longest)} ms; ${(octets / time / 1e6).toFixed(0)} MB/s, page ${(heard / time / 1000).toFixed(0)} kB/s, ` +
      `server ${((look.cpu - cpu) / time / 1e6).toFixed(2)} cores`,
  )
}

/** One transfer after the other, until the connection is cut at the end. */
async function repeat(client: RawClient, at: number, signal: AbortSignal, moved: (octets: number) => void) {
  try {
    while (!signal.aborted) {
      if (at % 4 < 3) await take(client, 'RETR /Files/down.bin', moved)
      else {
        await give(client, `/Files/up-${at}.bin`, UP)
        moved(UP)
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

const ms = (value: number): string => value.toFixed(1)
