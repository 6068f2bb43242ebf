/** The embedded shell's users and groups, in `users.json`. */
import { join } from 'node:path'
import { z } from 'zod'
import { DurableFile } from '../../settings/durable-file.ts'
import { checked } from '../../settings/problems.ts'
import { loadDocument } from '../../settings/stored-document.ts'
import type { Loaded } from '../../settings/stored-document.ts'
import { PASSWORD_BYTES } from '../../settings/preset.ts'
import { accountName, userName } from '../../settings/values.ts'
import type { Directory, DirectoryGroup, DirectoryUser, VerifyOrigin } from '../../shell.ts'
import { hashPassword, impossibleHash, parseHash } from './password-hash.ts'
import type { PasswordHash } from './password-hash.ts'
import { PasswordCheck } from './password-check.ts'

const storedUser = z.strictObject({
  name: userName,
  groups: z.array(accountName).max(64),
  enabled: z.boolean(),
  /** Without one nobody can log in as this user. */
  password: z
    .string()
    .refine((text) => parseHash(text) !== undefined, 'must be a password hash')
    .optional(),
})

const document = z.strictObject({
  version: z.literal(1),
  users: z.array(storedUser).max(10_000),
  groups: z.array(accountName).max(1000),
})

type StoredUser = z.infer<typeof storedUser>
type Document = z.infer<typeof document>

/** A user as the administrator or a preset describes it. */
export interface NewUser {
  readonly name: string
  /** Absent: the one the user has stays; a new user has none. */
  readonly password?: string | undefined
  readonly groups: readonly string[]
  readonly enabled: boolean
}

/** Thrown when a new user or group has the name of one that is there. */
export class NameTaken extends Error {
  override readonly name = 'NameTaken'
}

export class UserStore implements Directory {
  readonly notices: readonly string[]
  readonly #file: DurableFile
  readonly #check: PasswordCheck
  /** Stands in for the hash of users that do not exist or are disabled. */
  readonly #nobody = impossibleHash()
  readonly #changed: () => void
  #users = new Map<string, { readonly user: StoredUser; readonly hash: PasswordHash | undefined }>()
  #groups: readonly string[] = []
  #writing: Promise<unknown> = Promise.resolve()

  private constructor(
    file: DurableFile,
    { content, notices }: Loaded<Document>,
    changed: () => void,
    check: PasswordCheck,
  ) {
    this.#file = file
    this.#check = check
    this.#changed = changed
    this.notices = notices
    this.#take(content ?? { version: 1, users: [], groups: [] })
  }

  /** Loads the users; `changed` is called after every change. */
  static async open(folder: string, changed: () => void, check = new PasswordCheck()): Promise<UserStore> {
    const file = new DurableFile(join(folder, 'users.json'))
    const loaded = await loadDocument(file, (content) => checked(document, content))
    return new UserStore(file, loaded, changed, check)
  }

  async list(): Promise<readonly DirectoryUser[]> {
    return [...this.#users.values()].map(({ user }) => visible(user))
  }

  async groups(): Promise<readonly DirectoryGroup[]> {
    return this.#groups.map((name) => ({ name }))
  }

  async find(name: string): Promise<DirectoryUser | undefined> {
    const known = this.#users.get(name)
    return known && visible(known.user)
  }

  async verify(name: string, password: string, _origin: VerifyOrigin): Promise<DirectoryUser | undefined> {
    // Longer ones cannot be anybody's; they are cut, not refused at once, so that they take as long as others.
    const long = Buffer.byteLength(password) > PASSWORD_BYTES
    const known = long ? undefined : this.#users.get(name)
    const admitted = known?.user.enabled ? known : undefined
    const right = await this.#check.verify(name, long ? '' : password, admitted?.hash ?? this.#nobody)
    // The user may have been changed or deleted while the hash was computed.
    if (!right || !admitted?.hash || this.#users.get(name) !== admitted) return undefined
    return visible(admitted.user)
  }

  /** Names of the users who have no password yet. */
  withoutPassword(): ReadonlySet<string> {
    return new Set([...this.#users.values()].filter(({ hash }) => !hash).map(({ user }) => user.name))
  }

  /** Adds users, or replaces those of the same name, and adds groups that are new; all in one write. */
  async put(users: readonly NewUser[], groups: readonly string[] = []): Promise<void> {
    const made = await hashed(users)
    const names = new Set(made.map(({ name }) => name))
    await this.#edit((before) => {
      const old = new Map(before.users.map((user) => [user.name, user]))
      return {
        version: 1,
        users: [
          ...before.users.filter(({ name }) => !names.has(name)),
          ...made.map((user) => ({ ...kept(old.get(user.name)), ...user })),
        ],
        groups: [...new Set([...before.groups, ...groups, ...made.flatMap((user) => user.groups)])],
      }
    })
  }

  /** Adds one user. Rejects with {@link NameTaken}. */
  async add(user: NewUser): Promise<void> {
    const made = await hashed([user])
    await this.#edit((before) => {
      if (before.users.some(({ name }) => name === user.name)) throw new NameTaken(user.name)
      return {
        ...before,
        users: [...before.users, ...made],
        groups: [...new Set([...before.groups, ...user.groups])],
      }
    })
  }

  /** Rejects with {@link NameTaken}. */
  addGroup(name: string): Promise<void> {
    return this.#edit((before) => {
      if (before.groups.includes(name)) throw new NameTaken(name)
      return { ...before, groups: [...before.groups, name] }
    })
  }

  /** Removes a group, also from its members. */
  removeGroup(name: string): Promise<void> {
    const without = (groups: readonly string[]) => groups.filter((group) => group !== name)
    return this.#edit((before) => ({
      version: 1,
      users: before.users.map((user) => ({ ...user, groups: without(user.groups) })),
      groups: without(before.groups),
    }))
  }

  /** Removes a user; nothing happens if there is none of this name. */
  remove(name: string): Promise<void> {
    return this.#edit((stored) => ({ ...stored, users: stored.users.filter((user) => user.name !== name) }))
  }

  /** Lets a user log in, or not. */
  enable(name: string, enabled: boolean): Promise<void> {
    const change = (user: StoredUser) => (user.name === name ? { ...user, enabled } : user)
    return this.#edit((stored) => ({ ...stored, users: stored.users.map(change) }))
  }

  /** Changes wait for each other, are written first and hold then. */
  #edit(change: (stored: Document) => Document): Promise<void> {
    const edited = this.#writing.then(async () => {
      const users = [...this.#users.values()].map(({ user }) => user)
      const next = checked(document, change({ version: 1, users, groups: [...this.#groups] }))
      await this.#file.write(next)
      this.#take(next)
      this.#changed()
    })
    this.#writing = edited.catch(() => undefined)
    return edited
  }

  #take({ users, groups }: Document): void {
    const before = this.#users
    this.#users = new Map()
    this.#groups = groups
    for (const user of users) {
      const old = before.get(user.name)
      before.delete(user.name)
      // An unchanged user keeps its record, by which a running check knows that nothing has happened.
      if (old && JSON.stringify(old.user) === JSON.stringify(user)) this.#users.set(user.name, old)
      else this.#replace(user)
    }
    for (const name of before.keys()) this.#check.forget(name)
  }

  #replace(user: StoredUser): void {
    this.#check.forget(user.name)
    this.#users.set(user.name, { user, hash: user.password === undefined ? undefined : parseHash(user.password) })
  }
}

function visible({ name, groups, enabled }: StoredUser): DirectoryUser {
  return { name, groups, enabled }
}

async function hashed(users: readonly NewUser[]): Promise<StoredUser[]> {
  const made: StoredUser[] = []
  for (const { name, password, groups, enabled } of users) {
    const secret = password === undefined ? {} : { password: await hashPassword(password) }
    made.push({ name, groups: [...groups], enabled, ...secret })
  }
  return made
}

const kept = (user: StoredUser | undefined) => (user?.password === undefined ? {} : { password: user.password })
