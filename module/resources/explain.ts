/** The effective rights of a visitor at a path, each with the rule that decided, and what the operating system would refuse. */
import { access, constants } from 'node:fs/promises'
import { RIGHTS, type Right } from '../ftp/backend.ts'
import type { VirtualPath } from '../ftp/pathname.ts'
import { refusedBy, type Verdict } from '../ftp/verdict.ts'
import { lookAt, type AccountTree } from './account-tree.ts'
import { errnoOf } from './errno.ts'
import type { Pace } from './pace.ts'
import type { View } from './views.ts'

/** Why somebody may or may not do something at a path. */
export interface RightsExplanation {
  readonly path: VirtualPath
  /** The resource the path lies in, `undefined` when the visitor sees none of that name. */
  readonly resource?: string
  /** Whether the visitor may know of the path at all. */
  readonly visible: boolean
  /** Whether something is there now. */
  readonly exists: boolean
  /** One verdict for each right, in the order of the rights dialog; level `system` where the disk is what refuses. */
  readonly rights: readonly { readonly right: Right; readonly verdict: Verdict }[]
}

/** Rights that change the content of the file itself; the others that write change the folder around the name. */
const ON_FILE: ReadonlySet<Right> = new Set(['overwrite', 'append'])
const IN_FOLDER: ReadonlySet<Right> = new Set(['upload', 'createDirectory'])

/** Explains; makes no private folder and opens nothing. */
export async function explainRights(tree: AccountTree, path: VirtualPath): Promise<RightsExplanation> {
  const own = RIGHTS.map((right) => ({ right, verdict: tree.may([right], path) }))
  const visible = own.some(({ verdict }) => verdict.allowed)
  const at = visible && path !== '/' ? tree.locate(path) : undefined
  if (!at) return { path, visible, exists: path === '/', rights: own }
  const refusals = await systemRefusals(tree, at.view, path)
  return {
    path,
    resource: at.view.share.resource.name,
    visible,
    exists: refusals.exists,
    rights: own.map(({ right, verdict }) => ({
      right,
      verdict: verdict.allowed ? (refusals.of(right) ?? verdict) : verdict,
    })),
  }
}

interface Refusals {
  readonly exists: boolean
  of(right: Right): Verdict | undefined
}

async function systemRefusals(tree: AccountTree, view: View, path: VirtualPath): Promise<Refusals> {
  try {
    const { relative } = tree.locate(path)
    if (relative === '') return await ofResource(tree, path)
    using spot = await tree.spot(path)
    const stats = await lookAt(spot)
    const { pace } = spot.folder
    const folder = await refusal(pace, spot.folder.path, constants.W_OK | constants.X_OK)
    if (!stats) return { exists: false, of: (right) => (right === 'download' || right === 'list' ? undefined : folder) }
    const target = spot.folder.at(spot.name)
    const readable = await refusal(pace, target, stats.isDirectory() ? constants.R_OK | constants.X_OK : constants.R_OK)
    const writable = await refusal(pace, target, stats.isDirectory() ? constants.W_OK | constants.X_OK : constants.W_OK)
    return {
      exists: true,
      of: (right) => {
        if (right === 'download' || right === 'list') return readable
        if (stats.isDirectory() && IN_FOLDER.has(right)) return writable
        // With atomic uploads a new file takes the place of the old one, so the folder decides.
        return ON_FILE.has(right) && !(right === 'overwrite' && view.share.resource.options.atomicUploads)
          ? writable
          : folder
      },
    }
  } catch (error) {
    const verdict = refusedBy('resource.unreachable', 'system', errnoOf(error))
    return { exists: false, of: () => verdict }
  }
}

async function ofResource(tree: AccountTree, path: VirtualPath): Promise<Refusals> {
  const { folder } = await tree.folder(path)
  using open = folder
  const readable = await refusal(open.pace, open.path, constants.R_OK | constants.X_OK)
  const writable = await refusal(open.pace, open.path, constants.W_OK | constants.X_OK)
  return { exists: true, of: (right) => (right === 'download' || right === 'list' ? readable : writable) }
}

async function refusal(pace: Pace, path: string | Buffer, mode: number): Promise<Verdict | undefined> {
  try {
    await pace.threaded(() => access(path, mode))
    return undefined
  } catch (error) {
    return refusedBy('system.refused', 'system', errnoOf(error))
  }
}
