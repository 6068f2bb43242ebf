/**
 * Checks passwords: costly for who guesses, cheap for who has logged in before. A password found right is remembered in memory
 * under a keyed hash, so that the many connections of one client cost one derivation.
 */
import { hash as oneHash, randomBytes } from 'node:crypto'
import { matches } from './password-hash.ts'
import type { PasswordHash } from './password-hash.ts'
import { WaitingRoom } from './waiting-room.ts'

// scrypt runs on libuv's four threads; two stay free for files.
const AT_ONCE = 2
const WAITING = 64
const REMEMBERED = 1000

export class PasswordCheck {
  /** Known to this process alone: what is remembered is of no use to who reads the memory later, or the disk. */
  readonly #key = randomBytes(32)
  readonly #room = new WaitingRoom(AT_ONCE, WAITING)
  /** Keyed hashes of right passwords and whose they are; the longest unused comes first. */
  readonly #remembered = new Map<string, string>()
  readonly #checking = new Map<string, Promise<boolean>>()

  /**
   * Whether the password belongs to the hash. An unknown user is checked the same way against an impossible hash. Rejects with
   * `WaitingRoomFull` when too many wait.
   */
  async verify(user: string, password: string, hash: PasswordHash): Promise<boolean> {
    const tag = this.#tag(user, password, hash)
    if (this.#remembered.delete(tag)) {
      this.#remember(tag, user)
      return true
    }
    const running = this.#checking.get(tag)
    if (running) return running
    const checking = this.#room.run(() => matches(password, hash))
    this.#checking.set(tag, checking)
    try {
      const right = await checking
      if (right) this.#remember(tag, user)
      return right
    } finally {
      this.#checking.delete(tag)
    }
  }

  /** Forgets what is remembered of a user, as soon as anything about the user changes. */
  forget(user: string): void {
    for (const [tag, owner] of this.#remembered) if (owner === user) this.#remembered.delete(tag)
  }

  #remember(tag: string, user: string): void {
    this.#remembered.set(tag, user)
    const [oldest] = this.#remembered.keys()
    if (oldest !== undefined && this.#remembered.size > REMEMBERED) this.#remembered.delete(oldest)
  }

  /** Lengths go in too, or parts could be shifted between the fields. The salt changes with each new password. */
  #tag(user: string, password: string, { salt, hash }: PasswordHash): string {
    const parts: Uint8Array[] = [this.#key]
    for (const part of [Buffer.from(user), salt, hash, Buffer.from(password)])
      parts.push(Buffer.from(`${part.length}:`), part)
    // A tenth of what createHmac costs, and as hard to continue as a HMAC: what is told is only half of the state.
    return oneHash('sha512-256', Buffer.concat(parts), 'base64')
  }
}
