/**
 * Shows what does not grow: `npm run growth` measures what a session, an entry, an octet, a resource and a user cost by how many there
 * are, and how late the main thread of a busy server is; `npm run growth -- soak [minutes]` whether it keeps memory or descriptors.
 * `sessions`, `entries`, `bytes [GiB]`, `resources`, `users`, `delay` measure one alone; `sizes 0.01` tries all with a hundredth.
 */
import { delay } from './growth/delay.ts'
import * as sizes from './growth/sizes.ts'
import { soak } from './growth/soak.ts'

const GIB = 1024 ** 3
const [what = 'all', amount] = process.argv.slice(2)

const PARTS: Readonly<Record<string, () => Promise<void>>> = {
  sessions: () => sizes.sessions([10, 100, 1000, 5000]),
  entries: () => sizes.entries([10, 1000, 10_000, 100_000]),
  bytes: () => sizes.bytes(Number(amount ?? 10) * GIB),
  resources: () => sizes.resources([10, 200, 2000]),
  users: () => sizes.users([10, 1000, 10_000]),
  sizes: () => sizes.all(Number(amount ?? 1)),
  delay: () => delay({ sessions: 5000, transfers: 200, seconds: Number(amount ?? 20) }),
  soak: () => soak(Number(amount ?? 10)),
  async all() {
    await sizes.all(1)
    await delay({ sessions: 5000, transfers: 200, seconds: 20 })
  },
}

const part = PARTS[what]
if (!part) throw new Error(`Nothing is called "${what}". There are: ${Object.keys(PARTS).join(', ')}.`)
await part()
