/** The content of a folder in batches: bounded memory and bounded work at a time, however many names there are. */
import type { Dir, Stats } from 'node:fs'
import { opendir } from 'node:fs/promises'
import type { Entry } from '../ftp/backend.ts'
import { decodeOctets } from '../ftp/octets.ts'
import { shownName } from './account-tree.ts'
import type { Confinement } from './confinement.ts'
import { statIn, type Folder } from './folder.ts'
import { relativeTo } from './real-path.ts'
import { entryOf } from './entry.ts'
import { holdsReservedName } from './temporary.ts'
import { rightsWithin } from './tree.ts'
import type { View } from './views.ts'

/** Names looked at side by side. */
const BATCH = 64
/** Names that one call to the operating system brings. */
const READ_AHEAD = 256

/** A name in a directory with what the directory says it is. */
export interface Name {
  readonly name: string
  readonly kind: 'file' | 'directory' | 'link' | 'other'
}

/** The names of an open folder in the order of the disk, in batches. */
export async function* namesIn(folder: Folder): AsyncGenerator<readonly Name[]> {
  // Octets, not text: a name that is not UTF-8 must come through unchanged.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const options = { encoding: 'buffer' as BufferEncoding, bufferSize: READ_AHEAD }
  const { pace } = folder
  const directory = await pace.threaded(() => opendir(folder.path, options))
  try {
    for (;;) {
      const batch = await pace.threaded(() => nextNames(directory))
      if (batch.length > 0) yield batch
      if (batch.length < BATCH) return
    }
  } finally {
    await pace.threaded(() => directory.close())
  }
}

/** The next names of a directory that was opened for octets; fewer than a batch at its end. */
async function nextNames(directory: Dir): Promise<readonly Name[]> {
  const batch: Name[] = []
  while (batch.length < BATCH) {
    const found = await directory.read()
    if (!found) break
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    const name = decodeOctets(found.name as unknown as Buffer)
    const kind = found.isFile() ? 'file' : found.isDirectory() ? 'directory' : found.isSymbolicLink() ? 'link' : 'other'
    batch.push({ name, kind })
  }
  return batch
}

/** The entries of an open folder that lies at `relative` in the resource whose real root is given. */
export async function* entriesIn(
  confinement: Confinement,
  view: View,
  root: string,
  folder: Folder,
  relative: string,
): AsyncGenerator<readonly Entry[]> {
  const within = view.tree.within(relative)
  const entry = async ({ name, kind }: Name): Promise<Entry | undefined> => {
    if (kind === 'other' || !shownName(view, name)) return undefined
    const rights = rightsWithin(within, name)
    if (rights.size === 0) return undefined
    try {
      const stats = await statIn(folder, name)
      if (!stats) return undefined
      return stats.isSymbolicLink() ? await linked(confinement, view, root, folder, name) : entryOf(name, stats, rights)
    } catch {
      // Gone meanwhile, a link that leads nowhere or out, or the operating system refuses: nothing clients could use.
      return undefined
    }
  }
  for await (const names of namesIn(folder)) {
    const entries = (await Promise.all(names.map(entry))).filter((found) => found !== undefined)
    if (entries.length > 0) yield entries
  }
}

/** The entry of what a link leads to, under the link's name and with the rights that hold there. */
export async function linked(
  confinement: Confinement,
  view: View,
  root: string,
  folder: Folder,
  name: string,
): Promise<Entry | undefined> {
  const end: { real: string; stats: Stats } = await confinement.follow(root, folder, name)
  const relative = relativeTo(root, end.real)
  if (holdsReservedName(relative) || view.share.hidden.matchPath(relative)) return undefined
  const rights = view.tree.at(relative)
  return rights.size === 0 ? undefined : entryOf(name, end.stats, rights)
}
