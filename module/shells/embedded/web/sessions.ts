/** Logins of administrators: in memory alone, so that a restart ends them, and only as hashes of what the browsers hold. */
import { hash, randomBytes } from 'node:crypto'
import { BoundedMap } from '../../../access/bounded-map.ts'

/** Milliseconds without a request, and in all, after which a login ends (ASVS 7.3). */
const IDLE = 15 * 60_000
const WHOLE = 8 * 3_600_000

/** Logins at once; beyond, the one that is oldest ends. */
const AT_ONCE = 1000

interface Login {
  readonly name: string
  readonly since: number
  seen: number
}

/** A login that holds. */
export interface Session {
  readonly name: string
  /** Stands for the login where its secret must not: in form tokens and events. */
  readonly key: string
}

export class Sessions {
  readonly #logins = new BoundedMap<string, Login>(AT_ONCE)
  readonly #clock: () => number
  readonly #ended: (key: string) => void

  /** `clock` is monotonic, milliseconds; `ended` is told the key of each session that ends before its time. */
  constructor(ended: (key: string) => void = () => undefined, clock: () => number = () => performance.now()) {
    this.#ended = ended
    this.#clock = clock
  }

  /** A new session and its secret, 256 random bits. */
  begin(name: string): string {
    const id = randomBytes(32).toString('base64url')
    const now = this.#clock()
    this.#logins.set(keyOf(id), { name, since: now, seen: now })
    return id
  }

  /** The session of a secret; undefined when there is none any more. `touch`: somebody is there, it is not idle. */
  find(id: string, touch: boolean): Session | undefined {
    const key = keyOf(id)
    const login = this.#logins.get(key)
    if (!login) return undefined
    const now = this.#clock()
    if (now - login.seen >= IDLE || now - login.since >= WHOLE) {
      this.#end(key)
      return undefined
    }
    if (touch) login.seen = now
    return { name: login.name, key }
  }

  end(id: string): void {
    this.#end(keyOf(id))
  }

  /** Ends every session of an administrator. */
  endAllOf(name: string): void {
    const all = Array.from(this.#logins.keys())
    for (const key of all) if (this.#logins.get(key)?.name === name) this.#end(key)
  }

  #end(key: string): void {
    if (this.#logins.get(key) === undefined) return
    this.#logins.delete(key)
    this.#ended(key)
  }
}

const keyOf = (id: string) => hash('sha256', id, 'base64url')
