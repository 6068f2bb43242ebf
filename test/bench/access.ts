/**
 * Measures access control: decisions over long rule lists, and anti-hammering under 100,000 attackers.
 * Run: node --expose-gc test/bench/access.ts
 */
import { AccessControl } from '../../module/access/access-control.ts'
import { RuleList } from '../../module/access/ip-rules.ts'
import { neverReached } from '../../module/access/rule-view.ts'
import { accessRule, hammering } from '../../module/settings/access.ts'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ATTACKERS = 100_000
const RULES = 10_000

const attackers = Array.from({ length: ATTACKERS }, (_, at) => `${20 + (at >> 16)}.${(at >> 8) & 255}.${at & 255}.1`)
const networks = Array.from({ length: ATTACKERS }, (_, at) => `2001:db8:${at >> 16}:${(at & 0xffff).toString(16)}::1`)

const micro = (milliseconds: number | undefined) => `${((milliseconds ?? 0) * 1000).toFixed(2)} µs`

function measure(what: string, count: number, work: (at: number) => void): void {
  const times = new Float64Array(count)
  for (let at = 0; at < count; at++) {
    const before = performance.now()
    work(at)
    times[at] = performance.now() - before
  }
  times.sort()
  const mean = times.reduce((sum, time) => sum + time, 0) / count
  console.log(
    `${what}: mean ${micro(mean)}, median ${micro(times[count >> 1])}, 99 % ${micro(times[Math.floor(count * 0.99)])}`,
  )
}

const octets = (at: number) => `${10 + (at % 200)}.${(at * 7) % 256}.${(at * 13) % 256}`
const long = new RuleList([
  ...Array.from({ length: RULES - 2 }, (_, at) => accessRule.parse({ action: 'deny', mask: `${octets(at)}.0-24` })),
  accessRule.parse({ action: 'allow', mask: '*.*.*.*' }),
  accessRule.parse({ action: 'allow', mask: '*:*' }),
])
const folder = await mkdtemp(join(tmpdir(), 'access-'))
const file = join(folder, 'bans.json')
const empty = { server: new RuleList([]), domains: new Map(), groups: new Map(), users: new Map() }
const access = new AccessControl({
  settings: { policy: empty, hammering: hammering.parse({}), lan: () => false },
  file,
  failed: (error) => console.error(error),
})
const admit = (address: string) => access.gate.admit({ address }, 'default')

for (const [name, list] of [
  ['IPv4', attackers],
  ['IPv6', networks],
] as const) {
  measure(`failed login, ${ATTACKERS} ${name} attackers`, ATTACKERS * 6, (at) => {
    access.hammering.failed(list[Math.floor(at / 6)] ?? '', `user${at % 6}`, 'default')
  })
  measure(`admit an ${name} attacker`, ATTACKERS, (at) => void admit(list[at] ?? ''))
}
measure('admit a clean address', ATTACKERS, (at) => void admit(`198.51.${(at >> 8) & 255}.${at & 255}`))
measure('log in from a clean address, tables full', ATTACKERS, (at) => {
  const address = `198.51.${(at >> 8) & 255}.${at & 255}`
  void admit(address)
  void access.gate.admitLogin({ address }, { domain: 'default', user: 'anna', groups: ['staff'] })
  access.hammering.succeeded(address, 'anna', false)
})
const listing = performance.now()
access.bans.rows()
console.log(`list of ${access.bans.count} bans: ${(performance.now() - listing).toFixed(0)} ms`)
// Five failures each, in turn: counters instead of bans.
for (let round = 0; round < 5; round++) {
  for (const address of attackers.slice(-20_000))
    access.hammering.failed(address.replace(/1$/, '2'), 'x'.repeat(64), 'default')
}
access.gate.replace({ ...empty, server: long })
measure(`admit, ${RULES} rules, last one decides`, 20_000, (at) => void admit(`250.1.${at & 255}.${at >> 8}`))
const before = performance.now()
neverReached(long.rules, Date.now())
console.log(`never reached, ${RULES} rules: ${(performance.now() - before).toFixed(0)} ms`)

const used = () => {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}
const rows = `${access.bans.rows().length} bans, ${access.hammering.size} counted origins`
const writing = performance.now()
await access.stop()
console.log(`file: ${((await stat(file)).size / 1e6).toFixed(1)} MB in ${(performance.now() - writing).toFixed(0)} ms`)
const full = used()
access.hammering.configure(hammering.parse({ enabled: false }))
console.log(`tables: ${rows}, ${((full - used()) / 1e6).toFixed(1)} MB (needs --expose-gc)`)
await rm(folder, { recursive: true })
