/** Why a transfer was cut: what its abort signal carries. */
import type { AbortReason } from '../session.ts'

export class Aborted extends Error {
  readonly reason: AbortReason
  constructor(reason: AbortReason) {
    super(`aborted: ${reason}`)
    this.name = 'Aborted'
    this.reason = reason
  }
}
