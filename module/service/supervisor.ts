/** What an administrator may do with the sessions of others; each deed comes to the log with his name. */
import type { SessionRow } from '../activity/session-record.ts'
import { messageText } from '../activity/chat.ts'
import { kick, type Kick, type Kicker, type KickOutcome, type KickParts } from './kick.ts'

export class Supervisor {
  readonly #parts: KickParts

  constructor(parts: KickParts) {
    this.#parts = parts
  }

  /** Ends a session and does what was asked for besides; see {@link kick}. */
  kick(id: string, order: Kick, by: Kicker): Promise<KickOutcome> {
    const { message = '', ...rest } = order
    const text = messageText(message)
    return kick(this.#parts, id, { ...rest, ...(text === '' ? {} : { message: text }) }, by)
  }

  /** Cuts the transfer of a session, which goes on. False when there is no such session, or it has no transfer. */
  abortTransfer(id: string, by: string): boolean {
    const row = this.#live(id)
    if (!row || !this.#parts.engine()?.abortTransfer(id)) return false
    const what = row.transfer ? `: ${row.transfer.verb} ${row.transfer.path}` : ''
    this.#record('transfer.aborted', `${nameOf(row)}${what}.`, by)
    return true
  }

  /** Writes to a client. False when there is no such session, nothing was written or too much waits already. */
  message(id: string, text: string, by: string): boolean {
    const row = this.#live(id)
    const line = row && this.#parts.service.activity.send(id, by, text)
    if (line) this.#record('session.messaged', `${nameOf(row)}: ${line.text}`, by)
    return line !== undefined
  }

  /** Writes to the clients of all sessions; answers how many were reached. */
  broadcast(text: string, by: string): number {
    const reached = this.#parts.service.activity.broadcast(by, text)
    if (reached > 0) this.#record('session.messaged', `All ${reached} sessions: ${messageText(text)}`, by)
    return reached
  }

  #live(id: string): SessionRow | undefined {
    const row = this.#parts.service.activity.details(id)?.row
    return row?.ended ? undefined : row
  }

  #record(event: string, text: string, by: string): void {
    this.#parts.audit({ level: 'notice', event, text, by })
  }
}

function nameOf({ id, user, address }: SessionRow): string {
  return `Session ${id} (${user ?? 'nobody logged in'}, ${address})`
}
