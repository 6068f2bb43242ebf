/**
 * Measures what listings cost by the size of the folder: `node test/bench/listing.ts [rounds]`. Folders of 10 to 100,000 empty
 * files on /dev/shm are listed as LIST and MLSD do it, without a network; told are the median of the CPU time and of the time of all
 * rounds but the first ones, which warm up, and the longest delay of the event loop.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { FACTS } from '../../module/ftp/facts.ts'
import type { ListingForm } from '../../module/ftp/listing-form.ts'
import { resolvePathname, ROOT } from '../../module/ftp/pathname.ts'
import { createResources } from '../../module/resources/resources.ts'
import { resource } from '../../module/settings/resource.ts'

const [ROUNDS = 20] = process.argv.slice(2).map(Number)
const SIZES = [10, 100, 1000, 10_000, 100_000]
const FORMS: Readonly<Record<string, () => ListingForm>> = {
  LIST: () => ({ kind: 'long', now: Date.now(), timeZone: 'UTC' }),
  MLSD: () => ({ kind: 'facts', facts: new Set(FACTS) }),
}

const base = mkdtempSync('/dev/shm/listing-')
const storage = join(base, 'storage')
const resources = createResources({ stateFolder: join(base, 'state') })
try {
  for (const size of SIZES) fill(join(storage, 'files', String(size)), size)
  const everything = { name: 'Files', folder: 'files', rights: [{ user: 'anna', level: 'readWrite' }] }
  await resources.update([resource.parse(everything)], [{ id: 'disk', label: 'Disk', path: storage, readOnly: false }])
  console.log('| names | form | ms | CPU ms | CPU µs a name | longest delay ms |\n|---:|---|---:|---:|---:|---:|')
  for (const size of SIZES) for (const [verb, form] of Object.entries(FORMS)) await measure(size, verb, form)
} finally {
  await resources.close()
  rmSync(base, { recursive: true })
}

function fill(folder: string, size: number): void {
  mkdirSync(folder, { recursive: true })
  for (let number = 0; number < size; number++) writeFileSync(join(folder, `report-${number}.txt`), '')
}

async function measure(size: number, verb: string, form: () => ListingForm): Promise<void> {
  const anna = { name: 'anna', groups: [], guest: false, address: '192.0.2.7', lan: true }
  const files = resources.filesFor(() => anna)
  const path = resolvePathname(ROOT, `/Files/${size}`)
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const samples: { ms: number; cpu: number }[] = []
  for (let round = 0; round < ROUNDS; round++) {
    if (round === Math.floor(ROUNDS / 2)) delay.enable()
    const [time, cpu] = [performance.now(), process.cpuUsage()]
    let octets = 0
    for await (const chunk of files.lines?.(path, form()) ?? []) octets += chunk.length
    if (octets < size * 20) throw new Error('lines are missing')
    const used = process.cpuUsage(cpu)
    samples.push({ ms: performance.now() - time, cpu: (used.user + used.system) / 1000 })
  }
  delay.disable()
  const warm = samples.slice(Math.floor(ROUNDS / 2))
  const [ms, cpu] = [median(warm.map((one) => one.ms)), median(warm.map((one) => one.cpu))]
  const cells = [
    size,
    verb,
    ms.toFixed(2),
    cpu.toFixed(2),
    ((cpu * 1000) / size).toFixed(2),
    (delay.max / 1e6).toFixed(1),
  ]
  console.log(`| ${cells.join(' | ')} |`)
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN
}
