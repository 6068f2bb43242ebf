/** Where the pages of a resource are. */

/** Pages beside those of the resources; a resource of such a name is reached the longer way. */
const TAKEN: ReadonlySet<string> = new Set(['new', 'effective', 'folders', 'named'])

/** The form of a resource, behind the base path. */
export function resourcePath(name: string): string {
  // A name from a damaged file must not break the list.
  const part = encodeURIComponent(name.toWellFormed())
  return TAKEN.has(name) ? `/resources/named/${part}` : `/resources/${part}`
}

/** The rights of somebody at a path. */
export function effectivePath(query: Readonly<Record<string, string>>): string {
  const wellFormed = Object.entries(query).map(([name, value]) => [name, value.toWellFormed()] as [string, string])
  return `/resources/effective?${new URLSearchParams(wellFormed).toString()}`
}
