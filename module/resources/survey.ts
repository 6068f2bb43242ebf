/** Walking through the folder of a resource: counts its bytes and removes what uploads of dead processes left behind. */
import type { Stats } from 'node:fs'
import type { Confinement } from './confinement.ts'
import { removeIn, statIn, type Folder } from './folder.ts'
import { below } from './real-path.ts'
import { namesIn, type Name } from './listing.ts'
import { leftOver, reservedName } from './temporary.ts'

export interface SurveyRequest {
  /** The bytes that a file counts; absent = only names are looked at, as by a sweep after an orderly stop. */
  readonly measure?: (file: Stats) => number
  /** Told of every name. */
  readonly met?: (name: string) => void
  readonly signal: AbortSignal
}

/** The bytes of all files below a real root (0 unless measured). Links are not followed; what cannot be read, and temporaries of living uploads, are left out. */
export async function survey(confinement: Confinement, root: string, request: SurveyRequest): Promise<number> {
  let bytes = 0
  const waiting = ['']
  for (let relative = waiting.pop(); relative !== undefined; relative = waiting.pop()) {
    request.signal.throwIfAborted()
    try {
      using folder = await confinement.folder(root, relative)
      // A link was put in the place of a folder: not ours to walk through.
      if (folder.real !== below(root, relative)) continue
      for await (const names of namesIn(folder)) {
        request.signal.throwIfAborted()
        for (const { name, kind } of names) {
          request.met?.(name)
          if (kind === 'directory') waiting.push(relative === '' ? name : `${relative}/${name}`)
        }
        bytes += await visitFiles(folder, names, request.measure)
      }
    } catch {
      // Removed meanwhile or not readable.
    }
  }
  request.signal.throwIfAborted()
  return bytes
}

/** What an upload will count when it ends. */
const living = (name: string): boolean => reservedName(name) && !leftOver(name)

async function visitFiles(folder: Folder, names: readonly Name[], measure: SurveyRequest['measure']): Promise<number> {
  const files = names.filter(({ name, kind }) => kind === 'file' && (measure ? !living(name) : leftOver(name)))
  const sizes = await Promise.all(
    files.map(async ({ name }) => {
      try {
        if (leftOver(name)) {
          await removeIn(folder, name)
          return 0
        }
        const stats = await statIn(folder, name)
        return stats?.isFile() ? (measure?.(stats) ?? 0) : 0
      } catch {
        return 0
      }
    }),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
