/**
 * Measures the Log tab over HTTP: `node test/bench/log-page.ts [entries]`. Writes the entries (1,000,000) into one day and times
 * pages, searches, the story of a session and the first bytes of an export as a browser would wait for them.
 */
import { performance } from 'node:perf_hooks'
import type { NewEntry } from '../../module/journal/entry.ts'
import { DAY, temporaryLog } from '../journal/temporary-log.ts'
import { logPages } from '../web/log-pages.ts'

const ENTRIES = Number(process.argv[2] ?? 1_000_000)
const START = Date.parse(`${DAY}T00:00:00Z`)
const KINDS = ['message', 'message', 'message', 'status', 'warning'] as const

/** An entry as a busy server makes them: 40 to a session, 200 users; every third is a transfer, every tenth a refusal. */
function sample(index: number): NewEntry {
  const session = Math.floor(index / 40)
  const path = `/Scans/2026/${index % 3 === 0 ? 'Бухгалтерия' : 'Accounts'}/invoice-${index}.pdf`
  return {
    time: START + Math.floor((index / ENTRIES) * 86_000_000),
    kind: index % 100 === 99 ? 'error' : (KINDS[index % KINDS.length] ?? 'message'),
    event: index % 3 === 0 ? 'transfer-ended' : 'command',
    session: sessionId(session),
    user: `user${(session * 7919) % 200}`,
    address: `192.168.${session % 250}.${(session >> 8) % 250}`,
    text: `> RETR ${path}${index === Math.floor(ENTRIES * 0.7) ? ' Needle-42' : ''}`,
    ...(index % 3 === 0 ? { path, bytes: index, seconds: 0.25, result: 'complete' as const } : {}),
    ...(index % 10 === 4 ? { verdict: { rule: 'right.delete', level: 'group', detail: 'group staff' } as const } : {}),
  }
}

function sessionId(session: number): string {
  return `01234567-89ab-4cde-8f01-${String(session).padStart(12, '0')}`
}

await using log = await temporaryLog({ retention: { days: 36_500, megabytes: 10_000 } })
for (let index = 0; index < ENTRIES; index += 10_000) {
  const count = Math.min(10_000, ENTRIES - index)
  await log.write(...Array.from({ length: count }, (_, n) => sample(index + n)))
}
await using pages = await logPages(log.journal)

/** First and worst of six requests; the first finds nothing remembered of this filter. */
async function time(name: string, path: string): Promise<void> {
  const times: number[] = []
  let bytes = 0
  for (let run = 0; run < 6; run++) {
    const began = performance.now()
    const answer = await pages.get(path)
    bytes = (await answer.arrayBuffer()).byteLength
    times.push(performance.now() - began)
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`)
  }
  const [first = 0, ...others] = times
  const worst = Math.max(...others)
  console.log(`${name.padEnd(28)} first ${first.toFixed(1)} ms, then ${worst.toFixed(1)} ms (${bytes >> 10} KiB)`)
}

const day = `/log?day=${DAY}`
await time('to warm up', day)
await time('last page', day)
await time('first page', `${day}&page=1`)
await time('page in the middle', `${day}&page=${Math.ceil(ENTRIES / 200)}`)
await time('kind error', `${day}&kind=error`)
await time('user', `${day}&user=user7`)
await time('session', `${day}&session=${sessionId(Math.floor(ENTRIES / 80))}`)
await time('search, one match', `${day}&q=needle-42`)
await time('search, all match', `${day}&q=invoice`)
await time('search, many match', `${day}&q=${encodeURIComponent('бухгалтерия')}`)
await time('search, none matches', `${day}&q=no-such-text`)
await time('story of a session', `/log/session/${sessionId(Math.floor(ENTRIES / 80))}`)

const began = performance.now()
const { body } = await pages.get(`/log/export?day=${DAY}&format=csv`)
const reader = body?.getReader()
await reader?.read()
console.log(`first bytes of an export     ${(performance.now() - began).toFixed(1)} ms`)
await reader?.cancel()
