/** Explanations: why something happens, and what other settings would have done. */
import type { FtpServer } from '../ftp/server.ts'
import type { FtpService } from '../service.ts'
import type { ApplianceShell } from '../shell.ts'
import type { Entrance } from './entrance.ts'
import { Replay } from './replay.ts'
import { Why } from './why.ts'

interface InsightParts {
  readonly service: Pick<FtpService, 'settings' | 'status' | 'journal'>
  readonly shell: Pick<ApplianceShell, 'users' | 'network'>
  readonly entrance: () => Entrance
  readonly engine: () => FtpServer | undefined
}

export class Insights {
  readonly why: Why
  readonly replay: Replay

  constructor({ service, shell, entrance, engine }: InsightParts) {
    this.replay = new Replay({ shell, journal: () => service.journal, settings: () => service.settings() })
    this.why = new Why({
      users: shell.users,
      settings: () => service.settings(),
      status: () => service.status(),
      entrance,
      rehearsal: (scene) => engine()?.rehearsal(scene),
    })
  }
}
