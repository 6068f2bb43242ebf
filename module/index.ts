/** The package's face: an FTP module for a shell to mount. */
import { createFtpService } from './service.ts'
import type { OwnedFtpService } from './service.ts'
import { backupOf, restorationOf } from './service/backup.ts'
import { manifest } from './service/manifest.ts'
import { recentLines } from './service/recent-lines.ts'
import { referencesOf } from './service/references.ts'
import { VERSION } from './service/version.ts'
import { wipe } from './service/wipe.ts'
import type { ApplianceModule, ApplianceShell, RestoreReport } from './shell.ts'
import { createWeb } from './web/app.ts'

export type * from './shell.ts'
export { manifest, VERSION }

export interface FtpModuleOptions {
  /** What is stored where nothing is stored yet: `enabled`, `settings`, `accounts`, `resources`, `tokens` as in a preset. */
  readonly initial?: unknown
}

/** Who the log names for what the shell does through the contract. */
const SHELL = 'shell'

/**
 * Makes the module for a shell; nothing listens before `start`. Rejects with `SettingsError` when stored settings cannot be used and
 * there is no version before them. It installs no signal handlers and never ends the process.
 */
export async function createFtpModule(shell: ApplianceShell, options: FtpModuleOptions = {}): Promise<ApplianceModule> {
  const service = await createFtpService(shell, options.initial)
  let disposed: Promise<void> | undefined
  const ends: (() => void)[] = []
  const dispose = () => {
    for (const end of ends.splice(0)) end()
    return (disposed ??= service.dispose())
  }
  return {
    manifest: manifest(),
    ...(shell.web ? { web: createWeb({ shell, host: shell.web, service }, ends) } : {}),
    start: () => service.start(),
    stop: (how) => service.stop(how),
    reload: () => service.reload(),
    status: () => service.status(),
    health: async () => service.health(),
    firewallNeeds: () => service.firewallNeeds(),
    references: () => referencesOf(service.settings()),
    backup: async () => backupOf(service.settings(), shell.product),
    restore: (backup, { dryRun }) => restore(service, backup, dryRun),
    record: (entry) => service.record(entry),
    logs: (id, { limit }) => (id === 'ftp' ? recentLines(service.journal, limit) : Promise.resolve([])),
    wipe: async (how) => {
      await dispose()
      await wipe(shell.paths, how)
    },
    dispose,
  }
}

async function restore(service: OwnedFtpService, backup: unknown, dryRun: boolean): Promise<RestoreReport> {
  const { differences, patch } = restorationOf(JSON.stringify(backup) ?? '', service.settings())
  if (!dryRun) await service.change(patch, SHELL, { revision: service.revision() })
  return { changes: differences.map(({ path }) => path) }
}
