/** Puts the embedded shell's web side together and serves it. */
import { setTimeout as pause } from 'node:timers/promises'
import { systemTiming, type Timing } from '../../../service/probation.ts'
import type { ApplianceModule, AuditEntry } from '../../../shell.ts'
import type { EmbeddedShell } from '../embedded-shell.ts'
import { createShellApp } from './app.ts'
import { LoginGuard } from './login-guard.ts'
import type { ShellParts } from './parts.ts'
import { WebPlace } from './place.ts'
import { WebServer } from './server.ts'
import { SetupCode } from './setup-code.ts'

/** The pages as they are served. */
export interface EmbeddedWeb {
  /** Where browsers find them, such as `http://127.0.0.1:8080/`. */
  readonly url: string
  /** What the first visitor has to type; undefined once there is an administrator. */
  readonly setupCode: SetupCode | undefined
  close(): Promise<void>
}

/** What tests put in place of clocks. */
export interface WebClocks {
  /** Monotonic, milliseconds. */
  readonly clock?: () => number
  readonly pause?: (time: number) => Promise<void>
  /** The clock and the timer of a new place on trial. */
  readonly timing?: Timing
}

/** Serves the shell's pages and the module's. Rejects with `WebListenError` when nothing can listen there. */
export async function openWeb(
  shell: EmbeddedShell,
  module: ApplianceModule,
  clocks: WebClocks = {},
): Promise<EmbeddedWeb> {
  const setup = {
    code: shell.administrators.list().length === 0 ? await SetupCode.make(shell.paths.runtime) : undefined,
  }
  // A certificate that cannot be loaded gives way to our own: the page to put that right must be reachable.
  const certificate = (id: string | undefined) => shell.certificates.load(id).catch(() => shell.certificates.load())
  const server = new WebServer(() => app, certificate)
  const audit = (entry: AuditEntry) => {
    shell.audit(entry)
    module.record(entry)
  }
  const place = new WebPlace({
    server,
    file: shell.file,
    timing: clocks.timing ?? systemTiming,
    audit,
  })
  const parts: ShellParts = {
    shell,
    module,
    guard: new LoginGuard(clocks.clock),
    setup,
    audit,
    pause: clocks.pause ?? (async (time) => pause(time)),
    place,
    recertify: (id) => server.renew(id),
  }
  const app = createShellApp(parts, () => server.trusted)
  const renew = () => server.renew(shell.webAddress.certificate).catch(() => undefined)
  const unsubscribe = shell.on('certificates-changed', renew)
  await server.listen(shell.webAddress)
  return {
    get url() {
      return server.url
    },
    get setupCode() {
      return setup.code
    },
    close: async () => {
      unsubscribe()
      place.close()
      server.close()
      await setup.code?.remove()
    },
  }
}
