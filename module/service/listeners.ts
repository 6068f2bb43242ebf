/** Who wants to be told that something has changed. */
import type { FtpEvent } from '../ftp/events.ts'
import type { Unsubscribe } from '../shell.ts'

export type Topic = 'status' | 'sessions' | 'settings' | 'log'

export class Listeners {
  readonly #listeners = new Set<(topic: Topic) => void>()

  add(listener: (topic: Topic) => void): Unsubscribe {
    // The same function may be given twice and is then told twice.
    const own = (topic: Topic) => listener(topic)
    this.#listeners.add(own)
    return () => this.#listeners.delete(own)
  }

  tell(topic: Topic): void {
    for (const listener of this.#listeners) {
      try {
        listener(topic)
      } catch {
        // One that fails must not keep the others from being told.
      }
    }
  }
}

/** What changes the numbers and names that pages show of sessions. */
export const SESSION_EVENTS: ReadonlySet<FtpEvent['kind']> = new Set([
  'session-opened',
  'session-closed',
  'login',
  'logout',
  'transfer-started',
  'transfer-ended',
])
