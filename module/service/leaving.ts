/** Letting go of a storage root before it is unmounted: nothing of it is to be open any more. */
import { setTimeout as pause } from 'node:timers/promises'
import type { FtpServer } from '../ftp/server.ts'
import type { Resource } from '../settings/resource.ts'
import type { StorageRoot } from '../shell.ts'

/** Milliseconds between two looks, and how often transfers are looked for that have not ended yet. */
const LOOK = 20
const LOOKS = 250

/**
 * The resources and roots as they are without the roots that are leaving. A resource that names no root keeps the one it had: it
 * must not appear in another.
 */
export function withoutRoots(
  resources: readonly Resource[],
  roots: readonly StorageRoot[],
  leaving: ReadonlySet<string>,
): { readonly resources: readonly Resource[]; readonly roots: readonly StorageRoot[] } {
  if (leaving.size === 0) return { resources, roots }
  const [first] = roots
  return {
    resources: resources.map((each) => (each.root === undefined && first ? { ...each, root: first.id } : each)),
    roots: roots.filter(({ id }) => !leaving.has(id)),
  }
}

/** Names of the resources that lie on a root. */
export function resourcesOn(
  root: string,
  resources: readonly Resource[],
  roots: readonly StorageRoot[],
): readonly string[] {
  return resources.filter((each) => (each.root ?? roots[0]?.id) === root).map(({ name }) => name)
}

/** Ends the transfers of these resources; resolves when they have ended, at the latest after five seconds. */
export async function endTransfers(server: FtpServer, resources: readonly string[]): Promise<void> {
  for (let look = 0; look < LOOKS; look += 1) {
    const busy = server.sessions().filter(({ transfer }) => resources.some((name) => below(transfer?.path, name)))
    if (busy.length === 0) return
    for (const { id } of busy) server.abortTransfer(id)
    await pause(LOOK)
  }
}

const below = (path: string | undefined, name: string) => path === `/${name}` || path?.startsWith(`/${name}/`) === true
