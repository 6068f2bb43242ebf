/** Which value holds for one user now, and which level says so: server, domain, groups, then the user (product section 2). */
import type { AccountOverlays, InheritedLimit } from './account.ts'
import { localTime, saidNow } from './hours.ts'
import type { Hours, LocalTime, Said } from './hours.ts'
import type { ServerSettings } from './schema.ts'
import type { Limit } from './values.ts'
import { UNLIMITED } from './values.ts'

export interface Effective<Value> {
  readonly value: Value
  readonly level: 'server' | 'domain' | 'group' | 'user'
  /** The domain (its id), the group or the user that says so. */
  readonly from?: string
  /** The row of that level's hours that says so, from 0; absent = the level says so at any time. */
  readonly hours?: number
}

/** A user as far as inheritance asks. */
export interface Member {
  readonly name: string
  readonly groups: readonly string[]
}

/** What a level says of the limits of each login. */
export interface LevelLimits {
  readonly limits: Partial<Record<InheritedLimit, Limit | undefined>>
  readonly hours?: readonly (Hours & { readonly limits: Partial<Record<InheritedLimit, Limit | undefined>> })[]
}

export interface Policy {
  readonly settings: ServerSettings
  readonly accounts: AccountOverlays
  readonly domains?: readonly (LevelLimits & { readonly id: string; readonly resources?: 'all' | readonly string[] })[]
}

/** Where somebody is logged in, and when. */
export interface When {
  /** Id of the domain; absent = the default one, which is the server itself. */
  readonly domain?: string
  /** Milliseconds since 1970; absent = now. */
  readonly at?: number
  /** IANA name of the zone whose clock the hours go by; absent = that of the machine. */
  readonly timeZone?: string
}

export interface EffectiveLimits extends Readonly<Record<InheritedLimit, Effective<Limit>>> {
  readonly ftp: Effective<boolean>
  readonly fromOutside: Effective<boolean>
  /** Where a login begins, as clients see it. */
  readonly startFolder: Effective<string>
}

/** What limits of each login are called among those of the server; the others are its timeouts. */
const AT_SERVER = {
  sessions: 'sessionsPerLogin',
  sessionsPerHost: 'sessionsPerLoginAndHost',
  downloadBytesPerSecond: 'userDownloadBytesPerSecond',
  uploadBytesPerSecond: 'userUploadBytesPerSecond',
  quotaBytes: 'userQuotaBytes',
} as const

/** Milliseconds for which the zone of the machine is not asked again: that costs as much as a command. */
const SAME_ZONE = 10_000
let zone = ''
let asked = -Infinity

/** The zone of the machine. */
export function machineZone(): string {
  const now = performance.now()
  if (now - asked >= SAME_ZONE) {
    zone = new Intl.DateTimeFormat().resolvedOptions().timeZone
    asked = now
  }
  return zone
}

/**
 * The limits of a user. An entry of the user beats those of the groups and these that of the domain; of several groups the most
 * generous one wins. At each level the hours beat what it says at any time.
 */
export function effectiveLimits(policy: Policy, member: Member, when: When = {}): EffectiveLimits {
  const { settings, accounts } = policy
  const { logins } = settings
  const now = localTime(when.at ?? Date.now(), when.timeZone ?? machineZone())
  const limit = (name: InheritedLimit) =>
    inherit(() => above(policy, when.domain, name, now), member, accounts, limitIn(name, now), moreGenerous)
  return {
    sessions: limit('sessions'),
    sessionsPerHost: limit('sessionsPerHost'),
    idleSeconds: limit('idleSeconds'),
    sessionSeconds: limit('sessionSeconds'),
    downloadBytesPerSecond: limit('downloadBytesPerSecond'),
    uploadBytesPerSecond: limit('uploadBytesPerSecond'),
    quotaBytes: limit('quotaBytes'),
    ftp: inherit(server(logins.ftp), member, accounts, (overlay) => spoken(overlay.ftp), either),
    fromOutside: inherit(
      server(logins.fromOutside),
      member,
      accounts,
      (overlay) => spoken(overlay.fromOutside),
      either,
    ),
    startFolder: inherit(server('/'), member, accounts, (overlay) => spoken(overlay.startFolder), first),
  }
}

/** What the server says of something that domains say nothing of. */
const server =
  <Value>(value: Value) =>
  (): Effective<Value> => ({ value, level: 'server' })

/** What a domain or, where it is silent, the server says of a limit of each login. */
function above(policy: Policy, id: string | undefined, name: InheritedLimit, now: LocalTime): Effective<Limit> {
  const domain = policy.domains?.find((each) => each.id === id)
  const said = domain && saidNow(domain.limits, domain.hours ?? [], name, now)
  if (domain && said) return { ...said, level: 'domain', from: domain.id }
  return { ...atServer(policy.settings, name, now), level: 'server' }
}

function atServer({ limits, timeouts }: ServerSettings, name: InheritedLimit, now: LocalTime): Said<Limit> {
  if (name === 'idleSeconds') return { value: timeouts.idle }
  if (name === 'sessionSeconds') return { value: timeouts.session }
  const called = AT_SERVER[name]
  return saidNow<ServerLimit, Limit>(limits, limits.hours, called, now) ?? { value: limits[called] }
}

/** The limits of the server that hours may change. */
type ServerLimit = keyof ServerSettings['limits']['hours'][number]['limits']

/** Until when an account is switched off, and who says so; undefined when it is not. Here the strictest entry wins. */
export function disabledUntil({ accounts }: Policy, member: Member, now: number): Effective<string> | undefined {
  let latest: Effective<string> | undefined
  let end = now
  const hear = (value: string | undefined, level: 'user' | 'group', from: string) => {
    if (value === undefined || !(Date.parse(value) > end)) return
    end = Date.parse(value)
    latest = { value, level, from }
  }
  hear(own(accounts.users, member.name)?.disabledUntil, 'user', member.name)
  for (const name of member.groups) hear(own(accounts.groups, name)?.disabledUntil, 'group', name)
  return latest
}

/** The speed that all members of one group share: of the user's groups that have one, the most generous. */
export function sharedSpeed(
  { accounts }: Policy,
  member: Member,
  direction: 'downloadBytesPerSecond' | 'uploadBytesPerSecond',
): Effective<Limit> | undefined {
  return fromGroups(member, accounts, (overlay) => spoken(overlay.together?.[direction]), moreGenerous)
}

interface Overlay extends LevelLimits {
  readonly ftp?: boolean | undefined
  readonly fromOutside?: boolean | undefined
  readonly startFolder?: string | undefined
  readonly together?: Partial<Record<'downloadBytesPerSecond' | 'uploadBytesPerSecond', Limit | undefined>>
}

type Reader<Value> = (overlay: Overlay) => Said<Value> | undefined

const spoken = <Value>(value: Value | undefined): Said<Value> | undefined =>
  value === undefined ? undefined : { value }

const limitIn =
  (name: InheritedLimit, now: LocalTime): Reader<Limit> =>
  (overlay) =>
    saidNow(overlay.limits, overlay.hours ?? [], name, now)

function inherit<Value>(
  outside: () => Effective<Value>,
  member: Member,
  accounts: AccountOverlays,
  read: Reader<Value>,
  choose: (one: Value, other: Value) => Value,
): Effective<Value> {
  const overlay = own(accounts.users, member.name)
  const user = overlay && read(overlay)
  if (user) return { ...user, level: 'user', from: member.name }
  return fromGroups(member, accounts, read, choose) ?? outside()
}

function fromGroups<Value>(
  member: Member,
  accounts: AccountOverlays,
  read: Reader<Value>,
  choose: (one: Value, other: Value) => Value,
): Effective<Value> | undefined {
  let best: Effective<Value> | undefined
  for (const name of member.groups) {
    const overlay = own(accounts.groups, name)
    const said = overlay && read(overlay)
    if (!said) continue
    if (!best || (said.value !== best.value && choose(said.value, best.value) === said.value))
      best = { ...said, level: 'group', from: name }
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
