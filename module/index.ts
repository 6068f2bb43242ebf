/** The package's face: an FTP module for a shell to mount. */
import { createFtpService } from './service.ts'
import { VERSION } from './service/version.ts'
import type { ApplianceModule, ApplianceShell } from './shell.ts'

export type * from './shell.ts'
export { VERSION }

export interface FtpModuleOptions {
  /** What is stored where nothing is stored yet: `enabled`, `settings`, `accounts` and `resources` as in a preset. */
  readonly initial?: unknown
}

/**
 * Makes the module for a shell; nothing listens before `start`. Rejects with `SettingsError` when stored settings cannot be used and
 * there is no version before them. It installs no signal handlers and never ends the process.
 */
export async function createFtpModule(shell: ApplianceShell, options: FtpModuleOptions = {}): Promise<ApplianceModule> {
  const service = await createFtpService(shell, options.initial)
  return {
    id: 'ftp',
    version: VERSION,
    start: () => service.start(),
    stop: (how) => service.stop(how),
    status: () => service.status(),
    dispose: () => service.dispose(),
  }
}
