/** Rights: what the levels stand for and which entry decides for a visitor (product section 3). */
import { RIGHTS, type Right } from '../ftp/backend.ts'
import { allowedBy, refusedBy, type Level, type Verdict } from '../ftp/verdict.ts'
import type { GuestAccess, RightsEntry } from '../settings/resource.ts'

/** Who looks at the resources. */
export interface Visitor {
  readonly name: string
  readonly groups: readonly string[]
  readonly guest: boolean
  /** Canonical text of the client's address. */
  readonly address: string
  /** Whether the address lies in a network of the LAN. */
  readonly lan: boolean
  /** Bytes that all files of this user may take together; absent = unlimited. */
  readonly quotaBytes?: number
  /** Names of the resources that there are where the visitor has logged in; absent = all. One set as long as they stay the same. */
  readonly shown?: ReadonlySet<string>
}

export const NO_RIGHTS: ReadonlySet<Right> = new Set()
export const READ_RIGHTS: ReadonlySet<Right> = new Set(['download', 'list'])
export const ALL_RIGHTS: ReadonlySet<Right> = new Set(RIGHTS)
const DROP_BOX_RIGHTS: ReadonlySet<Right> = new Set(['upload'])

const LEVELS = { none: NO_RIGHTS, read: READ_RIGHTS, readWrite: ALL_RIGHTS }

/** What an entry gives. */
export function rightsOf(entry: RightsEntry): ReadonlySet<Right> {
  return entry.level === 'custom' ? new Set(entry.rights) : LEVELS[entry.level]
}

/** What one list of entries means to one visitor. */
export interface Grant {
  readonly rights: ReadonlySet<Right>
  readonly level: Level
  /** *No access* on the user: only a deeper entry for the user ends it. */
  readonly barred: boolean
  /** The verdict on one right: which entry gave it, or which entries did not. */
  verdict(right: Right): Verdict
}

/** The grant of a list, `undefined` when no entry of it is about the visitor. The order of the entries means nothing. */
export function grantOf(entries: readonly RightsEntry[], visitor: Visitor, where: string): Grant | undefined {
  const place = where === '' ? '' : ` in ${where}`
  const own = entries.filter((entry) => entry.user === visitor.name)
  const decisive =
    own.length > 0 ? own : entries.filter((entry) => entry.group !== undefined && visitor.groups.includes(entry.group))
  if (decisive.length === 0) return undefined
  const barred = own.some((entry) => entry.level === 'none')
  const rights = new Set<Right>()
  if (!barred) for (const entry of decisive) for (const right of rightsOf(entry)) rights.add(right)
  const level = own.length > 0 ? 'user' : 'group'
  const named = (some: readonly RightsEntry[]): string =>
    level === 'user'
      ? `user ${visitor.name}${place}`
      : `group ${[...new Set(some.map((entry) => entry.group ?? ''))].sort((a, b) => (a < b ? -1 : 1)).join(', ')}${place}`
  const verdictOn = (right: Right): Verdict =>
    rights.has(right)
      ? allowedBy(`right.${right}`, level, named(decisive.filter((entry) => rightsOf(entry).has(right))))
      : refusedBy(`right.${right}`, level, named(decisive))
  const verdicts = new Map<Right, Verdict>()
  return {
    rights,
    level,
    barred,
    verdict(right) {
      // Every command asks, and the answers are few.
      const verdict = verdicts.get(right) ?? verdictOn(right)
      verdicts.set(right, verdict)
      return verdict
    },
  }
}

/** A grant of fixed rights that no entry of the list made. */
export function fixedGrant(rights: ReadonlySet<Right>, detail: string): Grant {
  return {
    rights,
    level: 'resource',
    barred: false,
    verdict: (right) => (rights.has(right) ? allowedBy : refusedBy)(`right.${right}`, 'resource', detail),
  }
}

/** What a guest profile gives. */
export function guestGrant(profile: GuestAccess['profile']): Grant {
  const rights = { off: NO_RIGHTS, read: READ_RIGHTS, dropBox: DROP_BOX_RIGHTS, readWrite: ALL_RIGHTS }[profile]
  return fixedGrant(rights, `guests ${profile}`)
}
