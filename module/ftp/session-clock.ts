/** The clocks of a session: login, idle, whole session (RFC 1123 section 4.1.3.2). One timer each session, set anew only when it rings. */
import type { CloseReason } from './events.ts'
import type { Session } from './session.ts'
import { refusedBy } from './verdict.ts'
import type { Verdict } from './verdict.ts'

/** The longest that a timer of Node can wait, milliseconds. */
const LONGEST = 2 ** 31 - 1

/** How a session ends whose time is over. */
export interface End {
  readonly reason: CloseReason
  readonly text: string
  readonly verdict: Verdict
}

/** Who ends a session whose time is over. */
export interface Expiring {
  expire(end: End): void
}

export class SessionClock {
  readonly #session: Session
  readonly #expiring: Expiring
  #timer: NodeJS.Timeout

  constructor(session: Session, expiring: Expiring) {
    this.#session = session
    this.#expiring = expiring
    this.#timer = this.#next()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  /** Looks at the options again, which may have changed. */
  check(): void {
    clearTimeout(this.#timer)
    const due = this.#due()
    if (due.left > 0) this.#timer = this.#next()
    else this.#expiring.expire(due)
  }

  #next(): NodeJS.Timeout {
    const wait = Math.min(LONGEST, Math.ceil(this.#due().left) + 1)
    return setTimeout(checkAgain, wait, this).unref()
  }

  /** What runs out next, and in how many milliseconds. The idle clock stands still while a transfer or a digest keeps the client waiting. */
  #due(): End & { left: number } {
    const { timeouts } = this.#session.options
    const own = this.#session.login?.account.limits()
    const now = performance.now()
    const age = now - this.#session.opened
    const whole = (own?.sessionSeconds ?? timeouts.session) * 1000 - age
    const session = {
      left: whole,
      reason: 'session-timeout',
      text: 'The time allowed for a session is over.',
      verdict: limit('sessionSeconds', own?.sessionSeconds, timeouts.session),
    } as const
    if (!this.#session.login) {
      const left = timeouts.login * 1000 - (now - this.#session.vacant)
      const verdict = limit('loginSeconds', undefined, timeouts.login)
      return left < whole
        ? { left, reason: 'login-timeout', text: 'Nobody logged in, closing the connection.', verdict }
        : session
    }
    const idle = (own?.idleSeconds ?? timeouts.idle) * 1000
    const left = this.#session.working ? idle : idle - (now - this.#session.lastActivity)
    const verdict = limit('idleSeconds', own?.idleSeconds, timeouts.idle)
    return left < whole
      ? { left, reason: 'idle-timeout', text: 'Idle for too long, closing the connection.', verdict }
      : session
  }
}

/** One function for all: a closure for each session would be a hundred octets. */
function checkAgain(clock: SessionClock): void {
  clock.check()
}

/** Which time was over: the account's own, where it has one, else the server's. */
function limit(name: string, own: number | undefined, server: number): Verdict {
  return refusedBy(`limit.${name}`, own === undefined || own === server ? 'server' : 'user', String(own ?? server))
}
