/**
 * Measures the log: `node test/bench/journal.ts [entries] [seconds]`. Writes the entries (1,000,000) into one day and times
 * pages and searches, then observes 10,000 commands a second (for 60 seconds) and watches the event loop of this thread.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import type { FtpEvent, Observer } from '../../module/ftp/events.ts'
import type { NewEntry } from '../../module/journal/entry.ts'
import type { Filter } from '../../module/journal/filter.ts'
import { bytesOf, dayPath } from '../../module/journal/folder.ts'
import { openJournal } from '../../module/journal/journal.ts'
import type { Journal } from '../../module/journal/journal.ts'

const ENTRIES = Number(process.argv[2] ?? 1_000_000)
const SECONDS = Number(process.argv[3] ?? 60)
const DAY = '2026-10-20'
const START = Date.parse(`${DAY}T00:00:00Z`)
const VERBS = ['RETR', 'STOR', 'LIST', 'CWD', 'SIZE', 'MDTM', 'PASV']
const KINDS = ['message', 'message', 'message', 'status', 'warning'] as const

/** An entry as a busy server makes them: 40 to a session, 200 users, names in two scripts. */
function sample(index: number): NewEntry {
  const session = Math.floor(index / 40)
  const path = `/Scans/2026/${index % 3 === 0 ? 'Бухгалтерия' : 'Accounts'}/invoice-${index}.pdf`
  return {
    time: START + Math.floor((index / ENTRIES) * 86_000_000),
    kind: index % 100 === 99 ? 'error' : (KINDS[index % KINDS.length] ?? 'message'),
    event: 'command',
    session: `01234567-89ab-4cde-8f01-${String(session).padStart(12, '0')}`,
    user: `user${(session * 7919) % 200}`,
    address: `192.168.${session % 250}.${(session >> 8) % 250}`,
    domain: 'default',
    text: `> ${VERBS[index % VERBS.length]} ${path}${index === Math.floor(ENTRIES * 0.7) ? ' Needle-42' : ''}`,
    ...(index % 3 === 0 ? { path, bytes: index, seconds: 0.25, result: 'complete' as const } : {}),
  }
}

/** A command as the engine tells its observers. */
function command(index: number): FtpEvent {
  const { session: id = '', address = '', text } = sample(index)
  const session = { id, address, port: 50_000, localAddress: '192.168.0.1', localPort: 21, since: START }
  return { kind: 'command', session, verb: 'RETR', text: text.slice(2) }
}

async function fill(journal: Journal): Promise<void> {
  const began = performance.now()
  const cpu = process.cpuUsage()
  for (let index = 0; index < ENTRIES; index++) {
    journal.record(sample(index))
    if (index % 10_000 === 9_999) await journal.flush()
  }
  await journal.flush()
  const seconds = (performance.now() - began) / 1000
  const { user, system } = process.cpuUsage(cpu)
  console.log(`wrote ${ENTRIES} entries in ${seconds.toFixed(1)} s, ${((user + system) / 1e6).toFixed(1)} s of CPU`)
}

/** Best and worst of five, the first of them with nothing remembered. */
async function time(name: string, journal: Journal, filter: Filter, page: number | 'last'): Promise<void> {
  const times: number[] = []
  let total = 0
  for (let run = 0; run < 5; run++) {
    const began = performance.now()
    total = (await journal.page(filter, { page })).total
    times.push(performance.now() - began)
  }
  const [first = 0, ...others] = times
  console.log(
    `${name.padEnd(40)} first ${first.toFixed(1)} ms, then ${Math.max(...others).toFixed(1)} ms (${total} entries)`,
  )
}

async function pages(journal: Journal): Promise<void> {
  const session = sample(Math.floor(ENTRIES / 2)).session ?? ''
  const filters: [string, Omit<Filter, 'day'>][] = [
    ['no filter', {}],
    ['kind error', { kinds: ['error'] }],
    ['kinds message, status', { kinds: ['message', 'status'] }],
    ['user', { user: 'user7' }],
    ['session', { session }],
    ['user and kind', { user: 'user19', kinds: ['warning'] }],
  ]
  const middle = Math.floor(ENTRIES / 200)
  for (const [name, filter] of filters) {
    for (const page of [1, middle, 'last'] as const)
      await time(`page ${page}, ${name}`, journal, { day: DAY, ...filter }, page)
  }
  for (const search of ['needle-42', 'invoice', 'user7', 'бухгалтерия', '168.7.', 'у', '42', 'no such text']) {
    await time(`search "${search}"`, journal, { day: DAY, search }, 'last')
  }
  await time(
    'search "invoice", user and kind',
    journal,
    { day: DAY, search: 'invoice', user: 'user7', kinds: ['error'] },
    1,
  )
  const began = performance.now()
  await journal.days('2026-10')
  console.log(`calendar ${(performance.now() - began).toFixed(1)} ms`)
}

async function exportAll(journal: Journal): Promise<void> {
  const began = performance.now()
  let characters = 0
  for await (const text of journal.export({ day: DAY }, 'csv')) characters += text.length
  const seconds = (performance.now() - began) / 1000
  const memory = process.memoryUsage().rss / 1e6
  console.log(
    `exported ${(characters / 1e6).toFixed(0)} MB of CSV in ${seconds.toFixed(1)} s, ${memory.toFixed(0)} MB resident`,
  )
}

/** Makes events at a steady rate, as fast as an engine under full load would, and says how late this thread's timers were. */
async function steady(name: string, seconds: number, observe: Observer): Promise<void> {
  const histogram = monitorEventLoopDelay({ resolution: 1 })
  const base = performance.now()
  const cpu = process.cpuUsage()
  let written = 0
  let longest = 0
  let before = process.threadCpuUsage()
  histogram.enable()
  while (performance.now() - base < seconds * 1000) {
    const due = Math.floor(((performance.now() - base) / 1000) * 10_000)
    for (; written < due; written++) observe(command(written))
    await delay(2)
    const turn = process.threadCpuUsage(before)
    before = process.threadCpuUsage()
    longest = Math.max(longest, (turn.user + turn.system) / 1000)
  }
  histogram.disable()
  const { user, system } = process.cpuUsage(cpu)
  const [middle, high, worst] = [histogram.percentile(50), histogram.percentile(99.9), histogram.max].map(
    (n) => n / 1e6,
  )
  console.log(
    `${name}: ${written} events in ${seconds} s, ${((user + system) / 1e4 / seconds).toFixed(0)} % of one core`,
  )
  console.log(
    `  event loop delay p50 ${middle?.toFixed(1)} ms, p99.9 ${high?.toFixed(1)} ms, max ${worst?.toFixed(1)} ms`,
  )
  // Other processes delay timers too; the processor time of one turn is this thread's own.
  console.log(`  most work of this thread in one turn ${longest.toFixed(1)} ms`)
}

const folder = await mkdtemp(join(tmpdir(), 'journal-bench-'))
const open = () => openJournal({ folder, timeZone: 'UTC', retention: { days: 36_500, megabytes: 10_000 } })
const writing = await open()
await fill(writing)
await writing.close()
// The first pages are those of a service that has just started.
const journal = await open()
try {
  await pages(journal)
  await exportAll(journal)
  if (SECONDS > 0) {
    // What the machine and the generator of events cost by themselves, for comparison.
    await steady('without a log', Math.min(SECONDS, 20), () => undefined)
    await steady('with the log', SECONDS, journal.observe)
    await journal.flush()
    console.log(`  state after it ${JSON.stringify(journal.state())}`)
  }
  console.log(`size of the day ${(bytesOf(dayPath(folder, DAY)) / 1e6).toFixed(0)} MB`)
} finally {
  await journal.close()
  await rm(folder, { recursive: true })
}
