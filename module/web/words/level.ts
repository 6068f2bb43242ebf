/** For whom commands and texts are set: the server, or a domain that says otherwise. */
import type { Domain } from '../../settings/domain.ts'
import type { Settings } from '../../settings/schema.ts'

/** Undefined = the server. */
export type Level = Domain | undefined

export interface LevelLink {
  /** Empty for the server. */
  readonly name: string
  readonly path: string
  readonly current: boolean
}

/** The domain of an id; undefined when there is none. */
export function domainOf({ domains }: Settings, id: string | undefined): Domain | undefined {
  return domains.find((domain) => domain.id === id)
}

/** Where a page is for a level: `page` is that of the server. */
export function pathOf(page: string, level: Level): string {
  return level ? `${page}/domain/${encodeURIComponent(level.id)}` : page
}

/** The same page for the server and for each domain; empty where there are no domains. */
export function levelLinks({ domains }: Settings, page: string, level: Level): readonly LevelLink[] {
  if (domains.length === 0) return []
  return [undefined, ...domains].map((each) => ({
    name: each?.name ?? '',
    path: pathOf(page, each),
    current: each?.id === level?.id,
  }))
}

/** A merge patch that changes one part of a level; `edit` answers the part as it has to be. */
export function patchLevel<Part extends 'commands' | 'messages'>(
  { domains }: Settings,
  level: Domain,
  part: Part,
  edit: (stored: Domain[Part]) => Domain[Part],
): object {
  // A list is stored as a whole.
  return { domains: domains.map((each) => (each.id === level.id ? { ...each, [part]: edit(each[part]) } : each)) }
}
