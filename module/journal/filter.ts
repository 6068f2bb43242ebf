/** Which entries a page shows: one day, narrowed by kind, user, session and a substring. */
import { KINDS } from './entry.ts'
import type { CleanEntry, Entry, Kind } from './entry.ts'
import { BETWEEN_FIELDS } from './run.ts'

export interface Filter {
  /** `2026-10-25`, in the journal's time zone. */
  readonly day: string
  /** Only these; absent or empty = all. */
  readonly kinds?: readonly Kind[]
  /** The whole name, as shown in entries. */
  readonly user?: string
  /** The session's id. */
  readonly session?: string
  /** Part of user, address, path or text, without regard to case; every character stands for itself. Empty = all. */
  readonly search?: string
}

export interface PageRequest {
  /** From 1, the oldest; beyond the end means the last. */
  readonly page: number | 'last'
  /** Entries on a page, 1 to 1,000; absent = 100. */
  readonly size?: number
}

export interface Page {
  /** Oldest first. */
  readonly entries: readonly Entry[]
  readonly page: number
  /** At least 1. */
  readonly pages: number
  /** Entries that match the filter. */
  readonly total: number
  /** The id of the newest entry that was looked at, 0 for none: a follower that subscribed before shows only later ones. */
  readonly through: number
}

/** Text for searching: in small letters, and an accent is part of its letter, however a client has written it. */
export function foldText(text: string): string {
  return text.normalize('NFC').toLowerCase()
}

/** What a search looks through. */
function searchLine({ user = '', address = '', path = '', text }: CleanEntry): string {
  return foldText([user, address, path, text].join(BETWEEN_FIELDS))
}

/** The folded form of what somebody looks for; undefined = nothing is looked for. */
export function searchTerm(filter: Filter): string | undefined {
  return filter.search ? foldText(filter.search) : undefined
}

/** Whether a term could be found at all: fields hold no control characters. */
export function findable(term: string): boolean {
  // oxlint-disable-next-line no-control-regex
  return !/[\0-\x1f\x7f]/.test(term)
}

/** Which codes of {@link KINDS} a filter lets pass, as 1; undefined = all. */
export function wantedKinds(filter: Filter): Uint8Array | undefined {
  const { kinds } = filter
  return kinds && kinds.length > 0 ? Uint8Array.from(KINDS, (kind) => Number(kinds.includes(kind))) : undefined
}

/** Whether an entry of the filter's day is shown; what followers ask of new entries. */
export function matches(filter: Filter, entry: CleanEntry): boolean {
  if (filter.kinds && filter.kinds.length > 0 && !filter.kinds.includes(entry.kind)) return false
  if (filter.user !== undefined && filter.user !== entry.user) return false
  if (filter.session !== undefined && filter.session !== entry.session) return false
  const term = searchTerm(filter)
  return term === undefined || (findable(term) && searchLine(entry).includes(term))
}
