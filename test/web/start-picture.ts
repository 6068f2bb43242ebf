/**
 * Makes docs/start-page.png from the real page, with the numbers of an office in the middle of its morning.
 * Usage: npm run picture
 */
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { NewEntry } from '../../module/journal/entry.ts'
import { type Sample, SAMPLE, SAMPLES } from '../../module/service/statistics.ts'
import { closeBrowser, visit } from './browser.ts'
import { mounted } from './mounted.ts'
import { OFFICE } from './office.ts'

const PICTURE = fileURLToPath(new URL('../../docs/start-page.png', import.meta.url))
const MOST = 150_000

const ENTRIES: readonly (readonly [NewEntry['kind'], event: string, user: string, address: string, text: string])[] = [
  ['status', 'login', 'scanner', '192.168.1.23', 'Logged in.'],
  [
    'status',
    'transfer-ended',
    'scanner',
    '192.168.1.23',
    'Received /Scans/scan-0412.pdf (STOR): 1834211 bytes in 0.9 s.',
  ],
  ['status', 'login', 'anna', '192.168.1.40', 'Logged in.'],
  ['warning', 'refused', 'anna', '192.168.1.40', 'RETR refused: right.download (group staff).'],
  [
    'status',
    'transfer-ended',
    'anna',
    '192.168.1.40',
    'Sent /Projects/2026/Offers/Offer 118.pdf (RETR): 48210334 bytes in 4.1 s.',
  ],
  ['message', 'client', 'backup-nas', '192.168.1.5', 'The client program is lftp 4.9.2.'],
  [
    'status',
    'transfer-ended',
    'backup-nas',
    '192.168.1.5',
    'Received /Backup/nas-2026-11-21.tar.zst (STOR): 6120334821 bytes in 71.2 s.',
  ],
  ['error', 'login-failed', 'admin', '203.0.113.77', 'The login as "admin" failed.'],
  ['error', 'banned', 'admin', '203.0.113.77', 'The address is banned for 30 minutes after 6 failed logins.'],
  ['status', 'login', 'camera-yard', '192.168.1.61', 'Logged in over TLS 1.3.'],
]

try {
  await draw()
} finally {
  await closeBrowser()
}

async function draw(): Promise<void> {
  const settings = { ...OFFICE.settings, lanNetworks: ['192.168.0.0/16', '127.0.0.0/8'] }
  await using web = await mounted({ preset: { ...OFFICE, settings } })
  const { service } = web
  for (const [kind, event, user, address, text] of ENTRIES) service.journal.record({ kind, event, user, address, text })
  await service.journal.flush()
  const real = service.status()
  service.status = () => ({
    ...real,
    addresses: [
      { address: '192.168.1.1', port: 21, implicitTls: false },
      { address: '192.168.1.1', port: 990, implicitTls: true },
    ],
  })
  const { statistics } = service
  Object.defineProperties(statistics, { sessions: { value: 7 }, transfers: { value: 3 } })
  statistics.samples = () => samples()
  statistics.today = () => ({ download: 18_432_000_000, upload: 9_710_000_000 })
  await using visitor = await visit(web.origin, { width: 1000 })
  const page = await visitor.open('/')
  await page.locator('.start-chart canvas').waitFor()
  const picture = await page.screenshot()
  if (picture.length > MOST) throw new Error(`the picture has ${picture.length} octets, more than ${MOST}`)
  await writeFile(PICTURE, picture)
  console.log(`docs/start-page.png ${picture.length} octets`)
}

/** Ten minutes with a backup going up and people taking files. */
function samples(): readonly Sample[] {
  const now = Date.now()
  return Array.from({ length: SAMPLES }, (_, at) => ({
    at: now - (SAMPLES - at) * SAMPLE,
    download: 11e6 * Math.max(0, Math.sin(at / 31) * Math.sin(at / 7 + 1)) + 0.7e6 * (1 + Math.sin(at / 3)),
    upload:
      at > 90 && at < 215 ? 84e6 + 5e6 * Math.sin(at / 5) + 2e6 * Math.sin(at * 1.7) : 1.5e6 * (1 + Math.sin(at / 11)),
  }))
}
