/** What the shell's own pages are made of. */
import type { ApplianceModule, AuditEntry } from '../../../shell.ts'
import type { EmbeddedShell } from '../embedded-shell.ts'
import type { LoginGuard } from './login-guard.ts'
import type { WebPlace } from './place.ts'
import type { SetupCode } from './setup-code.ts'

export interface ShellParts {
  readonly shell: EmbeddedShell
  readonly module: ApplianceModule
  readonly guard: LoginGuard
  /** The code of the first start, as long as there is no administrator. */
  readonly setup: { code: SetupCode | undefined }
  /** Tells the console, and takes it down in the log of the module. */
  readonly audit: (entry: AuditEntry) => void
  /** Waits before a failure is answered; milliseconds. */
  pause(time: number): Promise<void>
  /** Where the pages are served, and how they come elsewhere. */
  readonly place: WebPlace
  /** Another certificate for the place where the pages are; absent = the self-signed one. */
  recertify(certificate: string | undefined): Promise<void>
}
