/** Who administers the machine through the embedded shell's pages, and how their passwords are checked. */
import type { Permission } from '../../shell.ts'
import { hashPassword, impossibleHash, parseHash } from './password-hash.ts'
import type { PasswordCheck } from './password-check.ts'
import type { ShellFile, StoredAdministrator } from './shell-file.ts'
import { PASSWORD_BYTES } from '../../settings/preset.ts'

export interface Administrator {
  readonly name: string
  readonly permission: Permission
}

/** Thrown for a change that would leave nobody who may change anything, or is about somebody who is not there. */
export class AdministratorError extends Error {
  override readonly name = 'AdministratorError'
  readonly kind: 'last' | 'unknown' | 'taken' | 'exists'
  constructor(kind: AdministratorError['kind']) {
    super(kind)
    this.kind = kind
  }
}

export class Administrators {
  readonly #file: ShellFile
  readonly #check: PasswordCheck
  /** Stands in for the hash of names that nobody has. */
  readonly #nobody = impossibleHash()
  readonly #listeners = new Set<(name: string) => void>()

  constructor(file: ShellFile, check: PasswordCheck) {
    this.#file = file
    this.#check = check
  }

  list(): readonly Administrator[] {
    return this.#file.current.administrators.map(({ name, permission }) => ({ name, permission }))
  }

  find(name: string): Administrator | undefined {
    return this.list().find((administrator) => administrator.name === name)
  }

  /** Calls the listener with the name of whoever has a new password or is gone: their sessions must end. */
  onLost(listener: (name: string) => void): void {
    this.#listeners.add(listener)
  }

  /** Undefined for a wrong password and for an unknown name, after the same time. Rejects with `WaitingRoomFull`. */
  async verify(name: string, password: string): Promise<Administrator | undefined> {
    const long = Buffer.byteLength(password) > PASSWORD_BYTES
    const stored = long ? undefined : this.#stored(name)
    const hash = stored && parseHash(stored.password)
    const right = await this.#check.verify(owner(name), long ? '' : password, hash ?? this.#nobody)
    // A new password may have been set while the old one was being checked.
    if (!right || !stored || this.#stored(name)?.password !== stored.password) return undefined
    return { name, permission: stored.permission }
  }

  /** The first of all. Rejects with {@link AdministratorError} `exists` when somebody else was quicker. */
  async addFirst(name: string, password: string): Promise<void> {
    const hashed = await hashPassword(password)
    await this.#edit((all) => {
      if (all.length > 0) throw new AdministratorError('exists')
      return [{ name, password: hashed, permission: 'manage' }]
    })
  }

  async add(name: string, password: string, permission: Permission): Promise<void> {
    const hashed = await hashPassword(password)
    await this.#edit((all) => {
      if (all.some((other) => other.name === name)) throw new AdministratorError('taken')
      return [...all, { name, password: hashed, permission }]
    })
  }

  async setPassword(name: string, password: string): Promise<void> {
    const hashed = await hashPassword(password)
    await this.#change(name, (administrator) => ({ ...administrator, password: hashed }))
    this.#lost(name)
  }

  /** Takes effect at the administrator's next request. */
  setPermission(name: string, permission: Permission): Promise<void> {
    return this.#change(name, (administrator) => ({ ...administrator, permission }))
  }

  async remove(name: string): Promise<void> {
    await this.#edit((all) => {
      if (!all.some((other) => other.name === name)) throw new AdministratorError('unknown')
      return all.filter((other) => other.name !== name)
    })
    this.#lost(name)
  }

  #stored(name: string): StoredAdministrator | undefined {
    return this.#file.current.administrators.find((administrator) => administrator.name === name)
  }

  #change(name: string, change: (administrator: StoredAdministrator) => StoredAdministrator): Promise<void> {
    return this.#edit((all) => {
      if (!all.some((other) => other.name === name)) throw new AdministratorError('unknown')
      return all.map((other) => (other.name === name ? change(other) : other))
    })
  }

  #edit(change: (all: readonly StoredAdministrator[]) => StoredAdministrator[]): Promise<void> {
    return this.#file.edit(({ administrators }) => {
      const next = change(administrators)
      if (!next.some(({ permission }) => permission === 'manage')) throw new AdministratorError('last')
      return { administrators: next }
    })
  }

  #lost(name: string): void {
    this.#check.forget(owner(name))
    for (const listener of this.#listeners) listener(name)
  }
}

/** Keeps an administrator apart from a user of the same name; no user's name holds a slash. */
const owner = (name: string) => `/${name}`
