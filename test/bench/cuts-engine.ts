/**
 * Cuts transfers at random points over the whole engine, 16 at a time, and looks for what stays behind: descriptors, memory, files.
 * `node --expose-gc test/bench/cuts-engine.ts [transfers, default 10000] [clear | tls]`; ends with 1 where something was wrong.
 */
import { CUTS, KINDS } from '../cut-lane.ts'
import { Cutting } from '../cutting.ts'

const PARTS = 4
const WARM = 500

const count = Number(process.argv[2] ?? 10_000)
const transport = process.argv[3] === 'tls' ? 'explicit TLS' : 'plain'

await using cutting = await Cutting.make({
  lanes: 16,
  transport,
  large: 8 * 1024 * 1024,
  names: 4000,
  base: '/dev/shm',
})
await cutting.cut(WARM)
cutting.results.clear()
const before = await cutting.settled()
tell('warm', before)
const began = performance.now()
let after = before
for (let part = 1; part <= PARTS; part++) {
  await cutting.cut(count / PARTS)
  after = await cutting.settled(before)
  tell(`${(part * count) / PARTS} transfers, ${((performance.now() - began) / 1000).toFixed(0)} s`, after)
}
for (const kind of KINDS) {
  const ends = CUTS.map((cut) => {
    const codes = cutting.results.get(`${kind}, ${cut}`) ?? new Map<string, number>()
    return `${cut} ${[...codes].map(([code, times]) => `${code || '–'} ×${times}`).join(', ')}`
  })
  console.log(`${kind}: ${ends.join('; ')}`)
}
const wrong = [...cutting.wrong, ...cutting.leftOver()]
if (JSON.stringify(after) !== JSON.stringify(before)) wrong.push('other descriptors than before')
console.log(`${wrong.length} wrong`, wrong.slice(0, 20))
process.exit(wrong.length > 0 ? 1 : 0)

function tell(when: string, descriptors: Readonly<Record<string, number>>): void {
  globalThis.gc?.()
  const { rss, heapUsed } = process.memoryUsage()
  const [all, heap] = [rss, heapUsed].map((octets) => Math.round(octets / 1024 / 1024))
  console.log(`${when}: ${all} MiB, heap ${heap} MiB,`, descriptors)
}
