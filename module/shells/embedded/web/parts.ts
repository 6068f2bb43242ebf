/** What the shell's own pages are made of. */
import type { WebAddress } from '../../../settings/preset.ts'
import type { ApplianceModule } from '../../../shell.ts'
import type { EmbeddedShell } from '../embedded-shell.ts'
import type { LoginGuard } from './login-guard.ts'
import type { SetupCode } from './setup-code.ts'

export interface ShellParts {
  readonly shell: EmbeddedShell
  readonly module: ApplianceModule
  readonly guard: LoginGuard
  /** The code of the first start, as long as there is no administrator. */
  readonly setup: { code: SetupCode | undefined }
  /** Waits before a failure is answered; milliseconds. */
  pause(time: number): Promise<void>
  /** Where the pages are served: an address for browsers. */
  at(): string
  /** Serves the pages elsewhere from now on and answers where. Rejects when nothing can listen there; then nothing has changed. */
  move(next: WebAddress): Promise<string>
}
