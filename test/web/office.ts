/** A small office with everything the pages can show: people, resources, traffic, mistakes. */
import { Readable } from 'node:stream'
import { Client } from 'basic-ftp'
import { RawClient } from '../raw-client.ts'

export const PASSWORD = 'a long password'

const people = [
  ['anna', 'staff'],
  ['boris', 'staff'],
  ['maria', 'accounting'],
  ['scanner', 'devices'],
  ['camera-yard', 'devices'],
  ['backup-nas', 'devices'],
] as const

/** To be started with; ports are free ones, on the loopback interface. */
export const OFFICE = {
  enabled: true,
  administrator: { name: 'admin', password: PASSWORD },
  groups: ['staff', 'accounting', 'devices'],
  users: people.map(([name, group]) => ({ name, password: PASSWORD, groups: [group] })),
  settings: {
    port: 0,
    address: '127.0.0.1',
    passivePorts: 'any',
    access: {
      rules: [
        { action: 'deny', mask: '192.0.2.0-24', note: 'Kiosks in the hall' },
        { action: 'deny', mask: '192.0.2.7', note: 'Old printer' },
        { action: 'allow', mask: '203.0.113.40', note: 'Fair', expires: '2020-01-31T18:00:00Z' },
        { action: 'allow', mask: '*.*.*.*' },
        { action: 'allow', mask: '*:*' },
      ],
    },
  },
  accounts: { groups: { devices: { access: { rules: [{ action: 'allow', mask: '127.0.0.*' }] } } } },
  resources: [
    {
      name: 'Scans',
      description: 'What the scanners in the corridor send',
      folder: 'scans',
      rights: [
        { user: 'scanner', level: 'custom', rights: ['list', 'upload'] },
        { group: 'staff', level: 'readWrite' },
      ],
      guests: { profile: 'dropBox', from: 'lan' },
    },
    {
      name: 'Projects',
      description: 'Everything in work',
      folder: 'projects',
      rights: [
        { group: 'staff', level: 'readWrite' },
        { user: 'maria', level: 'read' },
      ],
    },
    {
      name: 'Accounting',
      folder: 'accounting',
      rights: [
        { group: 'accounting', level: 'readWrite' },
        { user: 'boris', level: 'none' },
      ],
    },
    {
      name: 'Cameras',
      folder: 'cameras',
      rights: [
        { user: 'camera-yard', level: 'readWrite' },
        { group: 'staff', level: 'read' },
      ],
    },
    { name: 'Backup', folder: 'backup', rights: [{ user: 'backup-nas', level: 'readWrite' }] },
  ],
  domains: [
    {
      name: 'Devices',
      names: ['devices.office.example'],
      listeners: [{ port: 0, address: '127.0.0.1', implicitTls: true }],
      resources: ['Scans', 'Cameras', 'Backup'],
      limits: { sessions: 4 },
    },
  ],
} as const

/** Goes in and out at the FTP port as the people of the office do on a morning; the last session stays. */
export async function morning(port: number): Promise<RawClient> {
  const anna = await entered(port, 'anna')
  await anna.ensureDir('/Projects/2026/Offers')
  await anna.uploadFrom(Readable.from(['x'.repeat(180_000)]), '/Projects/2026/Offers/Offer 118.pdf')
  await anna.uploadFrom(Readable.from(['x'.repeat(42_000)]), '/Projects/2026/Offers/Смета 118.xlsx')
  await anna.send('RETR /Accounting/salaries.xlsx', true)
  anna.close()
  const scanner = await entered(port, 'scanner')
  for (let page = 1; page <= 4; page++)
    await scanner.uploadFrom(Readable.from(['x'.repeat(90_000)]), `/Scans/scan-000${page}.pdf`)
  await scanner.send('DELE /Scans/scan-0001.pdf', true)
  scanner.close()
  await using stranger = await RawClient.connect(port, { localAddress: '127.0.0.66' })
  for (const name of ['admin', 'root']) {
    await stranger.say(`USER ${name}`)
    await stranger.say('PASS 123456', 530)
  }
  const camera = await RawClient.connect(port)
  await camera.say('CLNT IP Camera 5.4')
  await camera.login('camera-yard', PASSWORD)
  await camera.say('CWD /Cameras', 250)
  return camera
}

async function entered(port: number, user: string): Promise<Client> {
  const client = new Client(8000)
  await client.access({ host: '127.0.0.1', port, user, password: PASSWORD })
  return client
}
