/** The navigation inside the tab "Access": one entry for each of its pages. */

export interface AccessEntry {
  /** The key of its name, `access.pages.<id>`. */
  readonly id: 'rules' | 'blocked' | 'hammering' | 'accounts'
  /** Below the base path. */
  readonly path: string
}

/** In their order. */
const ENTRIES: readonly AccessEntry[] = [
  { id: 'rules', path: '/access' },
  { id: 'blocked', path: '/access/blocked' },
  { id: 'hammering', path: '/access/hammering' },
  { id: 'accounts', path: '/access/accounts' },
]

/** What `partials/access-navigation.njk` shows. */
export function accessNavigation(current: AccessEntry['id']): readonly (AccessEntry & { readonly current: boolean })[] {
  return ENTRIES.map((entry) => ({ ...entry, current: entry.id === current }))
}
