/** What `npm start` prints: where the server listens, what it uses, and what to do next. */
import type { ServiceStatus } from '../../shell.ts'
import type { EmbeddedShell } from './embedded-shell.ts'
import type { EmbeddedWeb } from './web/open.ts'

/**
 * Lines for the console; the only secret is the one-time code of the first start, which is there to be read. `preset` says whether
 * one was named at this start.
 */
export async function startReport(
  shell: EmbeddedShell,
  status: ServiceStatus,
  web: Pick<EmbeddedWeb, 'url' | 'setupCode'>,
  preset: boolean,
): Promise<string> {
  return [
    `${shell.product.name} ${shell.product.version}`,
    `Web pages: ${web.url}`,
    ...(web.setupCode ? [`Set-up code: ${web.setupCode.text} (also in ${web.setupCode.path})`] : []),
    ...listening(status),
    `Storage: ${shell.storageFolder}`,
    ...(status.fingerprint ? [`Certificate SHA-256: ${status.fingerprint}`] : []),
    ...[...shell.notices, ...status.warnings.map(({ text }) => text)].map((text) => `Note: ${text}`),
    ...(preset && !shell.factoryStart ? ['Note: the preset was left aside, there are settings already.'] : []),
    ...next(web, (await shell.users.list()).length),
  ].join('\n')
}

function listening({ state, addresses }: ServiceStatus): readonly string[] {
  if (state === 'off') return ['FTP is switched off.']
  return addresses.map(({ address, port, implicitTls }) => {
    const host = address.includes(':') ? `[${address}]` : address
    return `Listening: ${implicitTls ? 'ftps' : 'ftp'}://${host}:${port}`
  })
}

/** What to do next on a fresh machine. */
function next({ url, setupCode }: Pick<EmbeddedWeb, 'url' | 'setupCode'>, users: number): readonly string[] {
  if (setupCode) return [`Nobody administers this server yet: open ${url} and type the set-up code.`]
  return users === 0 ? [`There is no user yet: open ${url} and add one.`] : []
}
