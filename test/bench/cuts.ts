/** Cuts transfers at random points and counts descriptors: `node test/bench/cuts.ts [transfers, default 10000]`. */
import { randomBytes, randomInt } from 'node:crypto'
import { readdirSync, readlinkSync, writeFileSync } from 'node:fs'
import { running } from '../../module/ftp/data/kernel/link.ts'
import { kernelMover } from '../../module/ftp/data/kernel-mover.ts'
import { FileTarget, Ground, moveOver, openDownload } from '../ftp/data/move.ts'

const SIZE = 2 * 1024 * 1024
const count = Number(process.argv[2] ?? 10_000)
const mover = kernelMover()
if (!mover) throw new Error('There is no kernel mover on this system.')

await using ground = await Ground.make()
const content = randomBytes(SIZE)
writeFileSync(ground.path('source'), content)
const results = new Map<string, number>()
await cutSome(100)
const before = descriptors()
const began = performance.now()
await cutSome(count)
while (running() > 0) await new Promise((resolve) => setTimeout(resolve, 10))
await new Promise((resolve) => setTimeout(resolve, 500))
console.log(`${count} transfers in ${((performance.now() - began) / 1000).toFixed(1)} s`, Object.fromEntries(results))
console.log('descriptors before', before, 'after', descriptors())
process.exit()

async function cutSome(transfers: number): Promise<void> {
  const lane = async () => {
    for (let round = 0; round < transfers / 16; round++) await cutOne()
  }
  await Promise.all(Array.from({ length: 16 }, lane))
}

async function cutOne(): Promise<void> {
  const { ours, client } = await ground.connected()
  const move = moveOver(ground, ours)
  const down = randomInt(2) === 0
  const file = down ? openDownload(ground.path('source')) : undefined
  const target = down ? undefined : new FileTarget(ground.path('target'))
  const done = file ? mover?.sendFile(file, 0, move) : target && mover?.receiveFile(target, move)
  const cut = [() => move.abort.abort(new Error('cut')), () => client.resetAndDestroy(), () => client.destroy()][
    randomInt(3)
  ]
  const point = randomInt(SIZE)
  let seen = 0
  client.on('data', (chunk: Buffer) => {
    seen += chunk.length
    if (seen >= point) cut?.()
  })
  if (!down) client.write(content.subarray(0, point), () => cut?.())
  const result = await Promise.resolve(done).then(
    () => 'whole',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
  results.set(result, (results.get(result) ?? 0) + 1)
  await file?.close()
  await target?.commit()
  ours.destroy()
  client.destroy()
}

/** By kind, threads' own included. */
function descriptors(): Record<string, number> {
  const kinds: Record<string, number> = {}
  for (const fd of readdirSync('/proc/self/fd')) {
    let target = 'gone'
    try {
      target = readlinkSync(`/proc/self/fd/${fd}`)
        .replace(/[\d[\]]+$/, '')
        .replace(ground.folder, 'file')
    } catch {}
    kinds[target] = (kinds[target] ?? 0) + 1
  }
  return kinds
}
