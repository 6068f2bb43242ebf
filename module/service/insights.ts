/** Explanations: why something happens, and what other settings would have done. */
import type { FtpServer } from '../ftp/server.ts'
import type { FtpService } from '../service.ts'
import type { ApplianceShell } from '../shell.ts'
import type { Entrance } from './entrance.ts'
import { Why } from './why.ts'

interface InsightParts {
  readonly service: Pick<FtpService, 'settings' | 'status'>
  readonly shell: Pick<ApplianceShell, 'users'>
  readonly entrance: () => Entrance
  readonly engine: () => FtpServer | undefined
}

export class Insights {
  readonly why: Why

  constructor({ service, shell, entrance, engine }: InsightParts) {
    this.why = new Why({
      users: shell.users,
      settings: () => service.settings(),
      status: () => service.status(),
      entrance,
      rehearsal: (scene) => engine()?.rehearsal(scene),
    })
  }
}
