/** Which value holds for one user, and which level it comes from: server, then groups, then the user (product section 2). */
import type { AccountOverlays, InheritedLimit } from './account.ts'
import type { ServerSettings } from './schema.ts'
import type { Limit } from './values.ts'
import { UNLIMITED } from './values.ts'

export interface Effective<Value> {
  readonly value: Value
  readonly level: 'server' | 'group' | 'user'
  /** The group or the user that says so. */
  readonly from?: string
}

/** A user as far as inheritance asks. */
export interface Member {
  readonly name: string
  readonly groups: readonly string[]
}

export type Policy = { readonly settings: ServerSettings; readonly accounts: AccountOverlays }

export interface EffectiveLimits extends Readonly<Record<InheritedLimit, Effective<Limit>>> {
  readonly ftp: Effective<boolean>
  readonly fromOutside: Effective<boolean>
  /** Where a login begins, as clients see it. */
  readonly startFolder: Effective<string>
}

/** The limits of a user. An entry of the user beats those of the groups; of several groups the most generous one wins. */
export function effectiveLimits({ settings, accounts }: Policy, member: Member): EffectiveLimits {
  const { limits, timeouts, logins } = settings
  const limit = (name: InheritedLimit, server: Limit) =>
    inherit(server, member, accounts, (overlay) => overlay.limits[name], moreGenerous)
  return {
    sessions: limit('sessions', limits.sessionsPerLogin),
    sessionsPerHost: limit('sessionsPerHost', limits.sessionsPerLoginAndHost),
    idleSeconds: limit('idleSeconds', timeouts.idle),
    sessionSeconds: limit('sessionSeconds', timeouts.session),
    downloadBytesPerSecond: limit('downloadBytesPerSecond', limits.userDownloadBytesPerSecond),
    uploadBytesPerSecond: limit('uploadBytesPerSecond', limits.userUploadBytesPerSecond),
    quotaBytes: limit('quotaBytes', limits.userQuotaBytes),
    ftp: inherit(logins.ftp, member, accounts, (overlay) => overlay.ftp, either),
    fromOutside: inherit(logins.fromOutside, member, accounts, (overlay) => overlay.fromOutside, either),
    startFolder: inherit('/', member, accounts, (overlay) => overlay.startFolder, first),
  }
}

/** Until when an account is switched off, and who says so; undefined when it is not. Here the strictest entry wins. */
export function disabledUntil({ accounts }: Policy, member: Member, now: number): Effective<string> | undefined {
  const entries: Effective<string>[] = []
  const user = own(accounts.users, member.name)?.disabledUntil
  if (user !== undefined) entries.push({ value: user, level: 'user', from: member.name })
  for (const name of member.groups) {
    const group = own(accounts.groups, name)?.disabledUntil
    if (group !== undefined) entries.push({ value: group, level: 'group', from: name })
  }
  return entries
    .filter(({ value }) => Date.parse(value) > now)
    .sort((a, b) => Date.parse(b.value) - Date.parse(a.value))[0]
}

/** The speed that all members of one group share: of the user's groups that have one, the most generous. */
export function sharedSpeed(
  { accounts }: Policy,
  member: Member,
  direction: 'downloadBytesPerSecond' | 'uploadBytesPerSecond',
): Effective<Limit> | undefined {
  return fromGroups(member, accounts, (overlay) => overlay.together?.[direction], moreGenerous)
}

interface Overlay {
  readonly ftp?: boolean | undefined
  readonly fromOutside?: boolean | undefined
  readonly startFolder?: string | undefined
  readonly limits: Partial<Record<InheritedLimit, Limit | undefined>>
  readonly together?: Partial<Record<'downloadBytesPerSecond' | 'uploadBytesPerSecond', Limit | undefined>>
}

function inherit<Value>(
  server: Value,
  member: Member,
  accounts: AccountOverlays,
  read: (overlay: Overlay) => Value | undefined,
  choose: (one: Value, other: Value) => Value,
): Effective<Value> {
  const overlay = own(accounts.users, member.name)
  const user = overlay && read(overlay)
  if (user !== undefined) return { value: user, level: 'user', from: member.name }
  return fromGroups(member, accounts, read, choose) ?? { value: server, level: 'server' }
}

function fromGroups<Value>(
  member: Member,
  accounts: AccountOverlays,
  read: (overlay: Overlay) => Value | undefined,
  choose: (one: Value, other: Value) => Value,
): Effective<Value> | undefined {
  let best: Effective<Value> | undefined
  for (const name of member.groups) {
    const overlay = own(accounts.groups, name)
    const value = overlay && read(overlay)
    if (value === undefined) continue
    if (!best || (value !== best.value && choose(value, best.value) === value))
      best = { value, level: 'group', from: name }
  }
  return best
}

function moreGenerous(one: Limit, other: Limit): Limit {
  if (one === UNLIMITED || other === UNLIMITED) return UNLIMITED
  return Math.max(one, other)
}

const either = (one: boolean, other: boolean) => one || other

/** No folder is better than another: the first group that names one decides. */
const first = (_one: string, other: string) => other

/** The entry of that name: a user called "constructor" must not find what every object has. */
function own<Value>(entries: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(entries, name) ? entries[name] : undefined
}
