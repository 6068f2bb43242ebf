/** Backups that were uploaded and wait for their confirmation: a few, for a while, each for the login that brought it. */
import { randomBytes } from 'node:crypto'

/** What somebody has been shown and not yet confirmed. */
export interface PendingRestore {
  readonly text: string
  /** Of the settings that it was compared with. */
  readonly revision: string
}

/** Milliseconds that one waits. */
const PATIENCE = 15 * 60_000

/** How many wait at most; one more takes the place of the oldest. */
const PLACES = 4

export class PendingRestores {
  readonly #waiting = new Map<string, PendingRestore & { readonly owner: string; readonly until: number }>()

  /** Keeps it and answers under which name. `owner` is who may ask for it again. */
  put(owner: string, pending: PendingRestore): string {
    const now = performance.now()
    for (const [name, { until }] of this.#waiting) if (until < now) this.#waiting.delete(name)
    const [oldest] = this.#waiting.keys()
    if (oldest !== undefined && this.#waiting.size >= PLACES) this.#waiting.delete(oldest)
    const name = randomBytes(16).toString('base64url')
    this.#waiting.set(name, { ...pending, owner, until: now + PATIENCE })
    return name
  }

  /** Looks at it and leaves it; undefined as below. */
  look(owner: string, name: string): PendingRestore | undefined {
    const found = this.#waiting.get(name)
    return found && found.owner === owner && found.until >= performance.now() ? found : undefined
  }

  /** Takes it out; undefined when it has waited too long, is not known, or is somebody else's. */
  take(owner: string, name: string): PendingRestore | undefined {
    const found = this.#waiting.get(name)
    if (!found || found.owner !== owner) return undefined
    this.#waiting.delete(name)
    return found.until < performance.now() ? undefined : found
  }
}
