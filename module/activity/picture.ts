/** The live sessions at one moment: cheap to look through, since rows are made only of those that somebody wants to see. */
import type { SessionRecord, SessionRow } from './session-record.ts'

export class Picture {
  readonly sessions: readonly SessionRecord[]
  /** When it was taken, monotonic milliseconds. */
  readonly now: number
  readonly #rows = new Map<SessionRecord, SessionRow>()

  constructor(sessions: readonly SessionRecord[], now: number) {
    this.sessions = sessions
    this.now = now
  }

  /** The row of a session; once made it stays as it is, so that all who look at the picture see the same. */
  row(session: SessionRecord): SessionRow {
    const made = this.#rows.get(session) ?? session.row(this.now)
    this.#rows.set(session, made)
    return made
  }
}
