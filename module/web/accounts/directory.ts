/** The users and groups of the shell beside the entries that the module keeps for them. */
import type { Member } from '../../settings/inheritance.ts'
import { machineZone } from '../../settings/inheritance.ts'
import type { AccountOverlays } from '../../settings/account.ts'
import type { ApplianceShell, DirectoryUser } from '../../shell.ts'

/** A user or a group, as the list of accounts shows it. */
export interface Listed extends Member {
  readonly enabled: boolean
  /** There is only an entry: the shell knows no such account any more. */
  readonly gone: boolean
}

/** Everybody of a kind, in the order of the directory. Rejects when the directory cannot be asked. */
export async function everybody(
  kind: 'user' | 'group',
  { users }: Pick<ApplianceShell, 'users'>,
  accounts: AccountOverlays,
): Promise<readonly Listed[]> {
  const known: readonly (Omit<DirectoryUser, 'enabled'> & { readonly enabled?: boolean })[] =
    kind === 'user' ? await users.list() : (await users.groups()).map(({ name }) => ({ name, groups: [] }))
  const names = new Set(known.map(({ name }) => name))
  const gone = Object.keys(kind === 'user' ? accounts.users : accounts.groups).filter((name) => !names.has(name))
  return [
    ...known.map(({ name, groups, enabled = true }) => ({ name, groups, enabled, gone: false })),
    ...gone.map((name) => ({ name, groups: [], enabled: true, gone: true })),
  ]
}

/** By name, as people expect: `user 9` before `user 10`. */
export function sorted(accounts: readonly Listed[]): readonly Listed[] {
  return accounts.toSorted((one, other) => collator.compare(one.name, other.name))
}

/** Whether a part of the name or of a group is this text. */
export function matching(search: string): (account: Listed) => boolean {
  const wanted = search.trim().toLowerCase()
  return ({ name, groups }) => [name, ...groups].some((text) => text.toLowerCase().includes(wanted))
}

const collator = new Intl.Collator(undefined, { numeric: true })

/** The zone whose clock the hours of limits go by. */
export function zoneOf(shell: Pick<ApplianceShell, 'timeZone'>): string {
  return shell.timeZone?.() ?? machineZone()
}

/** Pages of one user or group, below the base. */
export function accountPath(kind: 'user' | 'group', name: string): string {
  return `/access/accounts/${kind}/${encodeURIComponent(name)}`
}
