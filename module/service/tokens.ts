/** Tokens of the API: made, shown once, known again by their hash, revoked. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import { DurableFile } from '../settings/durable-file.ts'
import { checked, SettingsError } from '../settings/problems.ts'
import type { StoredToken } from '../settings/token.ts'
import { tokenRequest } from '../settings/token.ts'
import type { Permission } from '../shell.ts'

/** Tells programs that look for secrets in the wrong places what they have found. */
const PREFIX = 'ftpmodule_'
/** Octets of chance in a token: 256 bits cannot be guessed, so a plain hash is enough. */
const SECRET = 32
const MOST = 100
/** Milliseconds between two writings of when tokens were used: flash wears out. */
const WRITE = 10 * 60_000

/** A token as it is shown. */
export interface TokenView {
  readonly id: string
  readonly note: string
  readonly permission: Permission
  /** These are milliseconds since 1970. */
  readonly created?: number
  readonly expires?: number
  readonly lastUsed?: number
  readonly expired: boolean
}

/** A new token with its text, which nobody can ever be told again. */
export interface NewToken extends TokenView {
  readonly token: string
}

export interface TokenParts {
  readonly stored: () => readonly StoredToken[]
  readonly store: (tokens: readonly StoredToken[], by: string) => Promise<unknown>
  readonly stateFolder: string
  /** Takes down that a token was made or revoked. */
  readonly audit: (event: string, text: string, by: string) => void
}

const uses = z.record(z.string(), z.number())

export class Tokens {
  readonly #parts: TokenParts
  readonly #file: DurableFile
  readonly #used = new Map<string, number>()
  #written = performance.now()
  #changing: Promise<unknown> = Promise.resolve()

  constructor(parts: TokenParts) {
    this.#parts = parts
    this.#file = new DurableFile(join(parts.stateFolder, 'token-use.json'), { compact: true })
  }

  /** Takes over when tokens were used before; what cannot be read is no loss. */
  async load(): Promise<void> {
    const found = uses.safeParse(await this.#file.read().catch(() => null))
    for (const [id, time] of Object.entries(found.data ?? {})) this.#used.set(id, time)
  }

  list(): readonly TokenView[] {
    return this.#parts.stored().map((token) => this.#view(token))
  }

  /** Makes a token from a note, a permission and perhaps an end. Rejects with `SettingsError`. */
  create(request: unknown, by: string): Promise<NewToken> {
    return this.#inTurn(async () => {
      const { note, permission, expires } = checked(tokenRequest, request)
      if (expires !== undefined && Date.parse(expires) <= Date.now()) {
        throw new SettingsError([{ path: 'expires', text: 'must be a time to come' }])
      }
      if (this.#parts.stored().length >= MOST) {
        throw new SettingsError([{ path: '', text: `has room for ${MOST} tokens: revoke one that is not needed` }])
      }
      const token = PREFIX + randomBytes(SECRET).toString('base64url')
      const made: StoredToken = {
        id: randomBytes(6).toString('hex'),
        note,
        permission,
        ...(expires === undefined ? {} : { expires }),
        created: new Date().toISOString(),
        hash: hashOf(token).toString('hex'),
      }
      await this.#parts.store([...this.#parts.stored(), made], by)
      this.#parts.audit('token.created', `Token ${made.id} (${note}) may ${permission}.`, by)
      return { ...this.#view(made), token }
    })
  }

  /** False when there is no such token. */
  revoke(id: string, by: string): Promise<boolean> {
    return this.#inTurn(async () => {
      const token = this.#parts.stored().find((each) => each.id === id)
      if (!token) return false
      await this.#parts.store(
        this.#parts.stored().filter((each) => each.id !== id),
        by,
      )
      this.#used.delete(id)
      this.#parts.audit('token.revoked', `Token ${id} (${token.note}) is no longer accepted.`, by)
      return true
    })
  }

  /** Whose token this is; undefined for one that is unknown, revoked or past its end, after the same time. */
  find(token: string, now = Date.now()): TokenView | undefined {
    const hash = hashOf(token)
    let found: StoredToken | undefined
    // All are compared, each whole: the time says nothing about which one is nearly right.
    for (const each of this.#parts.stored()) {
      if (timingSafeEqual(hash, Buffer.from(each.hash, 'hex'))) found = each
    }
    if (!found || this.#view(found, now).expired) return undefined
    this.#used.set(found.id, now)
    if (performance.now() - this.#written > WRITE) void this.#write()
    return this.#view(found, now)
  }

  /** Writes for the last time. */
  async close(): Promise<void> {
    await this.#changing
    if (this.#used.size > 0) await this.#write()
  }

  #view({ id, note, permission, created, expires }: StoredToken, now = Date.now()): TokenView {
    const lastUsed = this.#used.get(id)
    return {
      id,
      note,
      permission,
      ...(created === undefined ? {} : { created: Date.parse(created) }),
      ...(expires === undefined ? {} : { expires: Date.parse(expires) }),
      ...(lastUsed === undefined ? {} : { lastUsed }),
      expired: expires !== undefined && Date.parse(expires) <= now,
    }
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#changing.then(work)
    this.#changing = done.catch(() => undefined)
    return done
  }

  #write(): Promise<void> {
    this.#written = performance.now()
    const known = new Set(this.#parts.stored().map(({ id }) => id))
    const rows = [...this.#used].filter(([id]) => known.has(id))
    // A time for people to look at: a disk that cannot be written to is told of elsewhere.
    return this.#file.write(Object.fromEntries(rows)).catch(() => undefined)
  }
}

/** What is stored of a token: also how a preset can carry one. */
function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
