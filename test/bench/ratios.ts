/**
 * Says how a run of the yardstick came out for this module: each test's median beside the best daemon's of the same run, and whether
 * that is what we ask of ourselves. `node test/bench/ratios.ts results.json`.
 */
import { readFile } from 'node:fs/promises'

const OURS = 'ftp-module'

interface Sample {
  readonly test: string
  readonly server: string
  readonly error?: string
  readonly bytes?: number
  readonly count?: number
  readonly seconds?: number
  readonly server_cpu?: number
  readonly jain?: number
  readonly kib_per_session?: number
}

/** What a kind of test measures; `more`: the larger is the better. */
interface Measure {
  readonly tests: RegExp
  readonly unit: string
  readonly more: boolean
  /** What our figure divided by the best daemon's has to be at least, or for memory at most. */
  readonly wanted: number
  readonly of: (sample: Sample) => number | undefined
}

const per = (what: 'bytes' | 'count', scale: number) => (sample: Sample) =>
  sample[what] && sample.seconds ? sample[what] / sample.seconds / scale : undefined

/** The first that fits a test's name counts. */
const MEASURES: readonly Measure[] = [
  { tests: /^a\..*put\.plain/, unit: 'MB/s', more: true, wanted: 1.1, of: per('bytes', 1e6) },
  { tests: /^[af]\./, unit: 'MB/s', more: true, wanted: 1, of: per('bytes', 1e6) },
  { tests: /^b\..*\.tls/, unit: 'files/s', more: true, wanted: 1.1, of: per('count', 1) },
  { tests: /^b\./, unit: 'files/s', more: true, wanted: 1, of: per('count', 1) },
  { tests: /^c\./, unit: 'ms', more: false, wanted: 1, of: ({ seconds }) => seconds && seconds * 1000 },
  { tests: /^d\./, unit: 'logins/s', more: true, wanted: 3, of: per('count', 1) },
  { tests: /^e\..*tls/, unit: 'KiB', more: false, wanted: 12, of: (sample) => sample.kib_per_session },
  { tests: /^e\./, unit: 'KiB', more: false, wanted: 50, of: (sample) => sample.kib_per_session },
]

/** CPU seconds for a GiB may be this much above the best daemon's in a plain download. */
const CPU = { tests: /^a\..*get\.plain/, wanted: 1.1 }

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
const present = (value: number | undefined): value is number => value !== undefined && Number.isFinite(value)
const shown = (value: number) => value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 1 : 0 })

function medians(samples: readonly Sample[], test: string, of: Measure['of']): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const server of new Set(samples.map((sample) => sample.server))) {
    const own = samples.filter((sample) => sample.test === test && sample.server === server && !sample.error)
    const middle = median(own.map(of).filter(present))
    if (middle !== undefined) found.set(server, middle)
  }
  return found
}

/** A line of the table; undefined where we or all the others have no figure. */
function line(
  name: string,
  measure: Omit<Measure, 'tests' | 'of'>,
  figures: ReadonlyMap<string, number>,
): string | undefined {
  const ours = figures.get(OURS)
  const { more, unit, wanted } = measure
  const others = [...figures].filter(([server]) => server !== OURS)
  const [best] = others.toSorted(([, a], [, b]) => (more ? b - a : a - b))
  if (ours === undefined || best === undefined) return undefined
  const ratio = more ? ours / best[1] : best[1] / ours
  const verdict = ratio >= wanted ? 'reached' : 'MISSED'
  return `| ${name} | ${unit} | ${shown(ours)} | ${shown(best[1])} (${best[0]}) | ${ratio.toFixed(2)} | ${wanted} | ${verdict} |`
}

const [file = ''] = process.argv.slice(2)
const { samples } = JSON.parse(await readFile(file, 'utf8')) as { samples: readonly Sample[] }
console.log('| test | unit | this module | best daemon | times as good | wanted | |\n|---|---|---:|---:|---:|---:|---|')
for (const test of new Set(samples.map((sample) => sample.test))) {
  const measure = MEASURES.find(({ tests }) => tests.test(test))
  const row = measure && line(test, measure, medians(samples, test, measure.of))
  if (row) console.log(row)
  if (CPU.tests.test(test)) {
    const cpu = medians(samples, test, ({ server_cpu, bytes }) => server_cpu && bytes && (server_cpu / bytes) * 2 ** 30)
    const wanted = Number((1 / CPU.wanted).toFixed(2))
    const cpuRow = line(`${test}, CPU`, { unit: 'CPU s/GiB', more: false, wanted }, cpu)
    if (cpuRow) console.log(cpuRow)
  }
  const fair = median(
    samples.flatMap((one) =>
      one.test === test && one.server === OURS && test.startsWith('f.') ? (one.jain ?? []) : [],
    ),
  )
  if (fair !== undefined)
    console.log(`| ${test}, fairness | Jain | ${fair.toFixed(3)} | | | 0.95 | ${fair >= 0.95 ? 'reached' : 'MISSED'} |`)
}
