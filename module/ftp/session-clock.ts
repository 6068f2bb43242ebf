/** The clocks of a session: login, idle, whole session (RFC 1123 section 4.1.3.2). One timer each session, set anew only when it rings. */
import type { CloseReason } from './events.ts'
import type { Session } from './session.ts'

/** The longest that a timer of Node can wait, milliseconds. */
const LONGEST = 2 ** 31 - 1

export class SessionClock {
  readonly #session: Session
  readonly #expired: (reason: CloseReason, text: string) => void
  #timer: NodeJS.Timeout

  constructor(session: Session, expired: (reason: CloseReason, text: string) => void) {
    this.#session = session
    this.#expired = expired
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
    else this.#expired(due.reason, due.text)
  }

  #next(): NodeJS.Timeout {
    const wait = Math.min(LONGEST, Math.ceil(this.#due().left) + 1)
    return setTimeout(() => this.check(), wait).unref()
  }

  /** What runs out next, and in how many milliseconds. The idle clock stands still while a transfer runs. */
  #due(): { left: number; reason: CloseReason; text: string } {
    const { timeouts } = this.#session.options
    const own = this.#session.login?.account.limits()
    const now = performance.now()
    const age = now - this.#session.opened
    const whole = (own?.sessionSeconds ?? timeouts.session) * 1000 - age
    const session = { left: whole, reason: 'session-timeout', text: 'The time allowed for a session is over.' } as const
    if (!this.#session.login) {
      const left = timeouts.login * 1000 - age
      return left < whole
        ? { left, reason: 'login-timeout', text: 'Nobody logged in, closing the connection.' }
        : session
    }
    const idle = (own?.idleSeconds ?? timeouts.idle) * 1000
    const left = this.#session.transfer ? idle : idle - (now - this.#session.lastActivity)
    return left < whole ? { left, reason: 'idle-timeout', text: 'Idle for too long, closing the connection.' } : session
  }
}
