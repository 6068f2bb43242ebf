/** Whether a session may stay: looked at when rules or accounts have changed, and told at its next command at the latest. */
import type { Session } from './session.ts'
import { viewOf } from './session-view.ts'
import type { SessionView } from './session-view.ts'
import { refusedBy } from './verdict.ts'
import type { Verdict } from './verdict.ts'

/** What the embedder's rules say of a session that is in already. */
export type Stays = (session: SessionView) => Verdict | Promise<Verdict>

/** Why the session may not go on with a further command, if anything has shut it out since it came. */
export function shutOut(session: Session): Verdict | undefined {
  return session.expelled ?? gone(session)
}

/** Its domain is not there any more, or its account. */
function gone(session: Session): Verdict | undefined {
  const { domain, domainId, login } = session
  if (domain.id !== domainId) return refusedBy('domain.removed', 'domain', domainId)
  const standing = login?.account.standing()
  return standing?.allowed === false ? standing : undefined
}

/** Who ends a session that may not stay. */
export interface Leaving {
  /** Ends it if it has nothing to do now. */
  leaveIfExpelled(): void
}

export class Stay {
  readonly #session: Session
  readonly #leaving: Leaving
  /** The newest question: older answers that come later count no more. */
  #asked: unknown

  constructor(session: Session, leaving: Leaving) {
    this.#session = session
    this.#leaving = leaving
  }

  /** Asks the domain and the account, then the rules. Where the rules wait for a name server the session goes on until they have decided. */
  review(stays: Stays): void {
    const session = this.#session
    const answer = gone(session) ?? stays(viewOf(session))
    this.#asked = answer
    if (!(answer instanceof Promise)) return this.#settle(answer)
    answer.then(
      (verdict) => this.#asked === answer && this.#settle(verdict),
      (error: unknown) => session.emit({ kind: 'fault', session: session.client, error }),
    )
  }

  #settle(verdict: Verdict): void {
    this.#session.expelled = verdict.allowed ? undefined : verdict
    if (!verdict.allowed) this.#leaving.leaveIfExpelled()
  }
}
