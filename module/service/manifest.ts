/** The manifest: what a shell has to know of the module without running it. */
import { z } from 'zod'
import { MIGRATIONS, versionAfter } from '../settings/migrations.ts'
import { portRange } from '../settings/port-range.ts'
import { settings } from '../settings/schema.ts'
import type { Manifest, MenuEntry } from '../shell.ts'
import { VERSION } from './version.ts'

const entry = (id: string, path: string, en: string, ru: string): MenuEntry => ({
  id,
  path,
  label: { en, ru },
  permission: 'view',
})

/** The tabs of the pages. */
const MENU = [
  entry('start', '/', 'FTP server', 'FTP-сервер'),
  entry('activity', '/activity', 'Activity', 'Активность'),
  entry('resources', '/resources', 'FTP resources', 'FTP-ресурсы'),
  entry('access', '/access', 'Access', 'Доступ'),
  entry('settings', '/settings', 'Settings', 'Настройки'),
  entry('log', '/log', 'Log', 'Журнал'),
]

export function manifest(): Manifest {
  return {
    manifest: 1,
    id: 'ftp',
    version: VERSION,
    label: { en: 'FTP server', ru: 'FTP-сервер' },
    description: {
      en: 'Shares folders of the appliance over FTP and FTPS.',
      ru: 'Даёт доступ к папкам устройства по FTP и FTPS.',
    },
    icon: 'public/icon.svg',
    shellApi: { min: 1, max: 1 },
    menu: MENU,
    permissions: ['view', 'operate', 'manage'],
    ports: ports(),
    config: { version: versionAfter(MIGRATIONS), schema: z.toJSONSchema(settings, { io: 'input' }) },
    locales: ['en', 'ru'],
    runtime: { node: '>=22.13', memoryMiB: 192, diskMiB: 40 },
    backup: {
      include: ['config/settings.json', 'state/bans.json', 'state/usage.json'],
      exclude: ['log', 'runtime', 'state/ledger.sqlite', 'state/statistics.json', 'state/token-use.json'],
    },
    logs: [{ id: 'ftp', label: { en: 'FTP log', ru: 'Журнал FTP' }, folder: 'log' }],
    security: { contact: 'docs/SECURITY.md', policy: 'docs/SECURITY.md' },
  }
}

function ports(): Manifest['ports'] {
  const { settings: defaults } = settings.parse({})
  const { from, to } = portRange(defaults.passivePorts) ?? { from: 0, to: 0 }
  const { port } = defaults
  return [
    {
      id: 'control',
      protocol: 'tcp',
      from: port,
      to: port,
      purpose: { en: 'Control connections', ru: 'Управляющие соединения' },
    },
    {
      id: 'passive',
      protocol: 'tcp',
      from,
      to,
      purpose: { en: 'Passive data connections', ru: 'Пассивные соединения данных' },
    },
  ]
}
