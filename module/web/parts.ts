/** What the pages are made of: the service they show and the shell they live in. */
import type { FtpService } from '../service.ts'
import type { ApplianceShell, WebHost } from '../shell.ts'

export interface WebParts {
  readonly shell: ApplianceShell
  readonly host: WebHost
  readonly service: FtpService
}
