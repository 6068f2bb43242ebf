/**
 * Cuts uploads and downloads over TLS at random points, over the whole engine, and looks for what stays behind: descriptors and
 * memory. `node test/bench/cuts-tls.ts [transfers, default 4000]`, with `--expose-gc`.
 */
import { randomBytes, randomInt } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { setTimeout as later } from 'node:timers/promises'
import { running } from '../../module/ftp/data/kernel/link.ts'
import type { RawClient } from '../raw-client.ts'
import { serve } from '../serve.ts'

const SIZE = 1024 * 1024
const LANES = 8
const count = Number(process.argv[2] ?? 4000)
const content = randomBytes(SIZE)

await using it = await serve({
  transport: 'explicit TLS',
  descriptors: true,
  files: { 'big.bin': content, 'small.bin': content.subarray(0, 20_000) },
  options: { limits: { sessionsPerHost: 100 } },
})
it.files.partial = 'drop'
const results = new Map<string, number>()
const clients = await Promise.all(Array.from({ length: LANES }, async () => await it.login()))
for (let part = 0; part <= 4; part++) {
  await Promise.all(clients.map((client) => cutSome(client, part === 0 ? 100 : count / 4)))
  while (running() > 0) await later(10)
  await later(6000)
  // The server of the tests remembers everything that happens.
  it.events.length = 0
  globalThis.gc?.()
  const { rss, heapUsed } = process.memoryUsage()
  const [all, heap] = [rss, heapUsed].map((octets) => Math.round(octets / 1024 / 1024))
  const descriptors = readdirSync('/proc/self/fd').length
  console.log(
    `${(part * count) / 4} cut: ${descriptors} descriptors, ${all} MiB, heap ${heap} MiB`,
    Object.fromEntries(results),
  )
}
process.exit()

async function cutSome(client: RawClient, transfers: number): Promise<void> {
  for (let round = 0; round < transfers / LANES; round++) await cutOne(client)
}

async function cutOne(client: RawClient): Promise<void> {
  const data = await client.epsv()
  const down = randomInt(2) === 0
  await client.say(down ? `RETR ${randomInt(2) ? 'big' : 'small'}.bin` : `STOR up-${randomInt(LANES)}.bin`, 150)
  // Also in the middle of the handshake.
  if (randomInt(8) > 0) await data.ready
  const tcp = await data.connected
  const cut = [() => client.send('ABOR\r\n'), () => tcp.resetAndDestroy(), () => tcp.destroy(), () => tcp.end()][
    randomInt(4)
  ]
  if (!down) data.write(content.subarray(0, randomInt(SIZE))).catch(() => undefined)
  await later(randomInt(4))
  cut?.()
  let { code } = await client.reply()
  results.set(String(code), (results.get(String(code)) ?? 0) + 1)
  // ABOR is answered by itself, too.
  if (cut && String(cut).includes('ABOR')) ({ code } = await client.reply())
  data.close()
}
