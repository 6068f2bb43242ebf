/** Whether a session may stay: looked at when rules or accounts have changed, and told at its next command at the latest. */
import type { Session } from './session.ts'
import { viewOf } from './session-view.ts'
import type { SessionView } from './session-view.ts'
import type { Verdict } from './verdict.ts'

/** What the embedder's rules say of a session that is in already. */
export type Stays = (session: SessionView) => Verdict | Promise<Verdict>

export class Stay {
  readonly #session: Session
  /** Ends the session if it has nothing to do now. */
  readonly #leave: () => void
  /** The newest question: older answers that come later count no more. */
  #asked: unknown

  constructor(session: Session, leave: () => void) {
    this.#session = session
    this.#leave = leave
  }

  /** Asks the account, then the rules. Where the rules wait for a name server the session goes on until they have decided. */
  review(stays: Stays): void {
    const session = this.#session
    const standing = session.login?.account.standing()
    const answer = standing?.allowed === false ? standing : stays(viewOf(session))
    this.#asked = answer
    if (!(answer instanceof Promise)) return this.#settle(answer)
    answer.then(
      (verdict) => this.#asked === answer && this.#settle(verdict),
      (error: unknown) => session.emit({ kind: 'fault', session: session.client, error }),
    )
  }

  #settle(verdict: Verdict): void {
    this.#session.expelled = verdict.allowed ? undefined : verdict
    if (!verdict.allowed) this.#leave()
  }
}
