/** Takes down what failed in a way nobody planned, and does not let attackers who find a way to cause one fill the log with it. */
import type { AuditEntry } from '../shell.ts'

/** Milliseconds in which the same fault is told once. */
const SILENCE = 60_000

export class Faults {
  readonly #audit: (entry: AuditEntry) => void
  readonly #last = new Map<string, { readonly reason: string; readonly at: number }>()

  constructor(audit: (entry: AuditEntry) => void) {
    this.#audit = audit
  }

  tell(what: string, error: unknown): void {
    const reason = reasonOf(error)
    const last = this.#last.get(what)
    const now = performance.now()
    if (last?.reason === reason && now - last.at < SILENCE) return
    this.#last.set(what, { reason, at: now })
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    this.#audit({ level: 'error', event: `fault.${what}`, text })
  }
}

/** The message of an error, or what else was thrown. */
export const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
