/** What events of a session leave unsaid: who is logged in, and in which domain. */
import type { FtpEvent } from '../ftp/events.ts'

export interface Who {
  readonly user?: string
  readonly domain?: string
}

/** Sessions remembered; more do not live at once, and one that was never closed is forgotten. */
const SESSIONS = 20_000

export class SessionContext {
  readonly #sessions = new Map<string, Who>()

  /** What is known of the event's session at this event; learns from the event. */
  of(event: FtpEvent): Who {
    const id = event.session?.id
    if (id === undefined) return {}
    const before = this.#sessions.get(id) ?? {}
    const now = learnt(before, event)
    if (event.kind === 'session-closed') this.#sessions.delete(id)
    else if (now !== before) this.#remember(id, now)
    return event.kind === 'logout' ? before : now
  }

  #remember(id: string, who: Who): void {
    this.#sessions.set(id, who)
    const [oldest] = this.#sessions.keys()
    if (this.#sessions.size > SESSIONS && oldest !== undefined) this.#sessions.delete(oldest)
  }
}

function learnt(who: Who, event: FtpEvent): Who {
  switch (event.kind) {
    case 'session-opened':
    case 'domain-chosen':
      return { ...who, domain: event.domain }
    case 'login':
      return { ...who, user: event.user }
    case 'logout':
      return who.domain === undefined ? {} : { domain: who.domain }
    default:
      return who
  }
}
