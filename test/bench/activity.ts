/**
 * Measures the activity page's share of the server: 2,000 sessions, each with a transfer that reports four times a second and
 * five commands a second, read once a second by a page.
 * Run: node --expose-gc test/bench/activity.ts
 */
import { Activity } from '../../module/activity/registry.ts'
import type { FtpEvent } from '../../module/ftp/events.ts'

const SESSIONS = 2000
const SECONDS = 20

const clients = Array.from({ length: SESSIONS }, (_, at) => ({
  id: `session-${at}`,
  address: `10.0.${at >> 8}.${at & 255}`,
  port: 50_000,
  localAddress: '10.0.0.1',
  localPort: 21,
  since: Date.now(),
}))
const clock = { now: 0 }
const activity = new Activity({ deliver: () => true, now: () => clock.now })
const say = (event: FtpEvent) => activity.observer(event)

for (const session of clients) {
  say({ kind: 'session-opened', session, domain: 'default', secure: true })
  say({ kind: 'login', session, user: `user${session.port}`, guest: false })
  const transfer = {
    id: 1,
    direction: 'download',
    verb: 'RETR',
    path: '/a/b.iso',
    offset: 0,
    size: 1e12,
    secure: true,
  } as const
  say({ kind: 'transfer-started', session, transfer })
}

let events = 0
let watching = 0
const start = process.cpuUsage()
for (let quarter = 1; quarter <= SECONDS * 4; quarter++) {
  clock.now += 250
  for (const session of clients) {
    say({ kind: 'transfer-progress', session, id: 1, bytes: quarter * 1_000_000 })
    events++
    for (let command = 0; command < (quarter % 4 === 0 ? 2 : 1); command++) {
      say({
        kind: 'command',
        session,
        verb: 'SIZE',
        text: `SIZE /folder ${quarter}/a rather usual name ${command}.jpg`,
      })
      say({ kind: 'reply', session, code: 213, lines: [`${quarter}${command}`] })
      events += 2
    }
  }
  if (quarter % 4 !== 0) continue
  const before = performance.now()
  activity.rows()
  activity.details('session-7', { transcript: 100 })
  watching += performance.now() - before
}
const { user, system } = process.cpuUsage(start)
globalThis.gc?.()
const share = ((user + system) / 1e6 / SECONDS) * 100
console.log(`${Math.round(events / SECONDS)} events a second: ${share.toFixed(1)} % of one core`)
console.log(`a look at ${SESSIONS} sessions: ${(watching / SECONDS).toFixed(2)} ms`)
console.log(`heap with full transcripts: ${(process.memoryUsage().heapUsed / 1e6).toFixed(0)} MB`)
