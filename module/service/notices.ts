/** What cannot wait for a visit of the pages: told to the administrator through the shell, once for each time it comes up. */
import type { ApplianceShell, Notice, ServiceStatus } from '../shell.ts'

/** Warnings that are advice about settings somebody chose, and that the pages show well enough. */
const ADVICE = new Set(['clear-logins', 'guests-write', 'domain-resource', 'passive-range', 'passive-range-unlimited'])

export class Notices {
  readonly #shell: Pick<ApplianceShell, 'notify'>
  /** What held at the last look. */
  #told = new Set<string>()

  constructor(shell: Pick<ApplianceShell, 'notify'>) {
    this.#shell = shell
  }

  /** Tells what the status says and did not say at the last look. */
  look({ state, reason, warnings }: ServiceStatus): void {
    const urgent: Notice[] = warnings
      .filter(({ code }) => !ADVICE.has(code))
      .map(({ text }) => ({ level: 'warning', text }))
    if (state === 'failed') urgent.push({ level: 'error', text: `The FTP server is not running: ${reason ?? state}` })
    const before = this.#told
    this.#told = new Set(urgent.map(({ text }) => text))
    for (const notice of urgent) if (!before.has(notice.text)) this.#shell.notify?.(notice)
  }
}
