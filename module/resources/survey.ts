/** Walking through the folder of a resource: counts its bytes and removes what uploads of dead processes left behind. */
import type { Confinement } from './confinement.ts'
import { removeIn, statIn, type Folder } from './folder.ts'
import { below } from './real-path.ts'
import { namesIn, type Name } from './listing.ts'
import { leftOver } from './temporary.ts'

export interface SurveyRequest {
  /** Whether files are measured; a sweep after an orderly stop only looks at names. */
  readonly measure: boolean
  readonly signal: AbortSignal
}

/** The bytes of all files below a real root (0 unless measured). Links are not followed; what cannot be read is left out. */
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

async function visitFiles(folder: Folder, names: readonly Name[], measure: boolean): Promise<number> {
  const files = names.filter(({ name, kind }) => kind === 'file' && (measure || leftOver(name)))
  const sizes = await Promise.all(
    files.map(async ({ name }) => {
      try {
        if (leftOver(name)) {
          await removeIn(folder, name)
          return 0
        }
        const stats = await statIn(folder, name)
        return stats?.isFile() ? stats.size : 0
      } catch {
        return 0
      }
    }),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
