/** The folder picker: one level of a storage root, or of a resource's own folder, and what its buttons do. */
import { FilesError } from '../../ftp/backend.ts'
import type { Explorer } from '../../service/explorer.ts'
import type { Resource } from '../../settings/resource.ts'
import type { StorageRoot } from '../../shell.ts'
import type { Fields } from '../body.ts'
import type { ResourceForm } from './form.ts'

/** What is being picked and where the picker stands. */
export interface PickerPlace {
  /** The input that gets the choice: `folder`, `exceptions.2.path` or `exceptions.add.path`. */
  readonly target: string
  readonly root: string
  /** The folder that cannot be left upwards; empty for the whole root. */
  readonly base: string
  /** Below the base. */
  readonly at: string
}

/** What the page shows. */
export interface PickerLevel extends PickerPlace {
  readonly folders: readonly { readonly name: string; readonly path: string }[]
  /** From the top to the parent of this folder. */
  readonly trail: readonly { readonly name: string; readonly path: string }[]
  readonly name: string
  readonly freeBytes: number | undefined
  readonly truncated: boolean
  /** Key of a text that says what went wrong, behind `resources.picker.problems.` */
  readonly problem: string | undefined
  readonly readOnly: boolean
}

/** Reads where the picker stands; it comes either from the form of the resource or from itself. */
export function pickerPlace(sent: Fields, roots: readonly StorageRoot[]): PickerPlace {
  const target = sent['pick'] ?? 'folder'
  const wanted = sent['pick.openRoot'] ?? sent['pick.root'] ?? sent['root'] ?? ''
  const root = roots.some(({ id }) => id === wanted) ? wanted : (roots[0]?.id ?? '')
  const base = sent['pick.base'] ?? (target === 'folder' ? '' : tidy(sent['folder'] ?? ''))
  const typed = target === 'folder' ? aboveUsers(sent['folder'] ?? '') : (sent[target] ?? '')
  const at = sent['pick.openRoot'] === undefined ? (sent['pick.open'] ?? sent['pick.at'] ?? typed) : ''
  return { target, root, base, at: tidy(at) }
}

/** Looks at the level; where the folder is not there (yet), at the nearest one above that is. */
export async function pickerLevel(
  explorer: Explorer,
  place: PickerPlace,
  roots: readonly StorageRoot[],
  problem?: string,
): Promise<PickerLevel> {
  const root = roots.find(({ id }) => id === place.root)
  const shown = { ...place, name: nameOf(place.at) || nameOf(place.base) || (root?.label ?? ''), readOnly: false }
  const nothing = { ...shown, folders: [], trail: [], freeBytes: undefined, truncated: false }
  if (place.base.includes('%USER%')) return { ...nothing, problem: 'private' }
  try {
    const level = await explorer.folders(place.root, join(place.base, place.at))
    if (!level) return { ...nothing, problem: 'no-storage' }
    return {
      ...shown,
      folders: level.folders.map((name) => ({ name, path: join(place.at, name) })),
      trail: trailOf(place, root?.label ?? ''),
      freeBytes: level.freeBytes,
      truncated: level.truncated,
      problem,
      readOnly: root?.readOnly === true,
    }
  } catch (error) {
    if (!(error instanceof FilesError)) return { ...nothing, problem: 'unreadable' }
    if (place.at === '') return { ...nothing, problem: error.kind === 'missing' ? 'missing' : 'unreadable' }
    return pickerLevel(
      explorer,
      { ...place, at: place.at.split('/').slice(0, -1).join('/') },
      roots,
      problem ?? 'missing',
    )
  }
}

/** Makes a folder where the picker stands; answers where to go on, or the text of what went wrong. */
export async function makeFolder(
  explorer: Explorer,
  place: PickerPlace,
  typed: string,
  by: string,
): Promise<{ readonly place: PickerPlace; readonly problem?: string }> {
  const name = typed.trim()
  try {
    await explorer.createFolder(place.root, join(place.base, place.at), name, by)
    return { place: { ...place, at: join(place.at, name) } }
  } catch (error) {
    if (!(error instanceof FilesError)) throw error
    const known = ['exists', 'name', 'refused', 'no-space'].includes(error.kind)
    return { place, problem: known ? error.kind : 'unreadable' }
  }
}

/** Makes what is missing of a folder, as far as it is the same for all users; what cannot be made stays away. */
export async function makeFolders(
  explorer: Explorer,
  { root, folder }: Pick<Resource, 'root' | 'folder'>,
  by: string,
): Promise<void> {
  const parts = tidy(aboveUsers(folder)).split('/').filter(Boolean)
  for (const [depth, name] of parts.entries()) {
    try {
      await explorer.createFolder(root, parts.slice(0, depth).join('/'), name, by)
    } catch (error) {
      if (!(error instanceof FilesError)) throw error
      if (error.kind !== 'exists') return
    }
  }
}

/** The form with the choice in it. */
export function withChoice(form: ResourceForm, { target, root, at }: PickerPlace): ResourceForm {
  if (target === 'folder') return { ...form, root, folder: at }
  if (target === 'exceptions.add.path') return { ...form, addException: at }
  const index = Number(/^exceptions\.(\d+)\.path$/.exec(target)?.[1] ?? -1)
  return { ...form, exceptions: form.exceptions.map((one, each) => (each === index ? { ...one, path: at } : one)) }
}

/** What the script puts into which inputs of the form that is open behind the dialog. */
export function choiceOf({ target, root, at }: PickerPlace): string {
  const id = `f-${target.replaceAll('.', '-')}`
  return JSON.stringify(target === 'folder' ? { 'f-root': root, [id]: at } : { [id]: at })
}

function trailOf({ base, at }: PickerPlace, label: string): PickerLevel['trail'] {
  if (at === '') return []
  const parts = at.split('/').slice(0, -1)
  const top = { name: nameOf(base) || label, path: '' }
  return [top, ...parts.map((name, index) => ({ name, path: parts.slice(0, index + 1).join('/') }))]
}

/** The part of a folder above all private ones. */
function aboveUsers(folder: string): string {
  const parts = folder.split('/')
  const at = parts.findIndex((part) => part.includes('%USER%'))
  return at < 0 ? folder : parts.slice(0, at).join('/')
}

const tidy = (path: string) => path.trim().split('/').filter(Boolean).join('/')
const join = (...parts: readonly string[]) => parts.filter(Boolean).join('/')
const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1)
