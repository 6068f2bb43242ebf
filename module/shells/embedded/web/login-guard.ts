/**
 * Slows down who guesses: each failure from an address makes it wait longer before its next attempt, and each failure for a name
 * makes the answer later. Nobody is ever shut out: the longest wait is a minute, and another address need not wait at all.
 */
import { hash } from 'node:crypto'

import { BoundedMap } from '../../../access/bounded-map.ts'
import { originOf } from './origin.ts'

/** Failures without a wait: people mistype. */
const FREE = 3
/** Milliseconds: the first wait, doubled by each further failure, and the longest. */
const FIRST = 1000
const LONGEST = 60_000
/** Milliseconds after which failures are forgotten. */
const MEMORY = 10 * 60_000
/** Milliseconds before the answer to a failure, for each that went before it for the same name, and the most there is. */
const NAME_STEP = 200
const NAME_LONGEST = 2000
/** Addresses and names that are remembered. */
const REMEMBERED = 10_000

interface Failures {
  readonly count: number
  readonly at: number
}

/** An attempt that may be made; it counts as failed until it is said to be right. */
export interface Attempt {
  /** Milliseconds to wait before a failure is answered; the same whether the name is known or not. */
  readonly delay: number
  succeeded(): void
}

export class LoginGuard {
  readonly #clock: () => number
  readonly #addresses = new BoundedMap<string, Failures>(REMEMBERED)
  readonly #names = new BoundedMap<string, Failures>(REMEMBERED)

  /** `clock` is monotonic, milliseconds. */
  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock
  }

  /** An attempt, or the seconds until the next one may be made from this address. */
  begin(address: string, name: string): Attempt | number {
    const now = this.#clock()
    const origin = originOf(address)
    const before = this.#recent(this.#addresses, origin, now)
    const until = (before?.at ?? 0) + waitAfter(before?.count ?? 0)
    if (before && until > now) return Math.ceil((until - now) / 1000)
    // Counted before it is checked, or many attempts at once would all be free.
    this.#addresses.set(origin, { count: (before?.count ?? 0) + 1, at: now })
    const key = hash('sha256', name, 'base64url')
    const forName = this.#recent(this.#names, key, now)?.count ?? 0
    this.#names.set(key, { count: forName + 1, at: now })
    return {
      delay: Math.min(forName * NAME_STEP, NAME_LONGEST),
      succeeded: () => {
        this.#addresses.delete(origin)
        this.#names.delete(key)
      },
    }
  }

  #recent(from: BoundedMap<string, Failures>, key: string, now: number): Failures | undefined {
    const found = from.get(key)
    return found && now - found.at < MEMORY ? found : undefined
  }
}

function waitAfter(failures: number): number {
  return failures < FREE ? 0 : Math.min(LONGEST, FIRST * 2 ** (failures - FREE))
}
