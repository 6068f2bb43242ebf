/** What `npm start` prints: where the server listens, what it uses, and what to do next. */
import type { ServiceStatus } from '../../shell.ts'
import type { EmbeddedShell } from './embedded-shell.ts'

/** Lines for the console; never a secret. `preset` says whether one was named at this start. */
export async function startReport(shell: EmbeddedShell, status: ServiceStatus, preset: boolean): Promise<string> {
  const users = await shell.users.list()
  return [
    `${shell.product.name} ${shell.product.version}`,
    ...listening(status),
    `Storage: ${shell.storageFolder}`,
    ...(status.fingerprint ? [`Certificate SHA-256: ${status.fingerprint}`] : []),
    ...[...shell.notices, ...status.warnings.map(({ text }) => text)].map((text) => `Note: ${text}`),
    ...(preset && !shell.factoryStart ? ['Note: the preset was left aside, there are settings already.'] : []),
    ...(users.length === 0 ? nobody(shell) : []),
  ].join('\n')
}

function listening({ state, addresses }: ServiceStatus): readonly string[] {
  if (state === 'off') return ['FTP is switched off.']
  return addresses.map(({ address, port, implicitTls }) => {
    const host = address.includes(':') ? `[${address}]` : address
    return `Listening: ${implicitTls ? 'ftps' : 'ftp'}://${host}:${port}`
  })
}

function nobody(shell: EmbeddedShell): readonly string[] {
  const example = JSON.stringify({
    enabled: true,
    users: [{ name: 'anna', password: '…' }],
    resources: [{ name: 'Files', folder: 'files', rights: [{ user: 'anna', level: 'readWrite' }] }],
  })
  return [
    'There is no user yet. Stop the server, write a file such as first.json,',
    `  ${example}`,
    'and start with it; this works as long as nothing is stored in the data folder:',
    '  npm start -- --preset first.json',
    `Data folder: ${shell.paths.config}`,
  ]
}
