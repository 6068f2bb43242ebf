/** A resource as its form holds it: everything as it was typed, so that nothing is lost when it is refused. */
import type { Right } from '../../ftp/backend.ts'
import { rightsOf } from '../../resources/rights.ts'
import type { Resource, RightsEntry } from '../../settings/resource.ts'
import type { Translate } from '../locale.ts'
import { sizeText } from '../size.ts'

/** One row of a table of rights. */
export interface RightsRow {
  readonly kind: 'user' | 'group'
  readonly name: string
  readonly level: string
  /** The boxes; they count with level `custom`. */
  readonly rights: ReadonlySet<string>
}

/** A table of rights, with what stands in the line for adding. */
export interface RightsTable {
  readonly rows: readonly RightsRow[]
  readonly addKind: string
  readonly addName: string
}

export interface ExceptionForm {
  readonly path: string
  readonly rights: RightsTable
}

export interface ResourceForm {
  readonly name: string
  readonly description: string
  /** Id of a storage root. */
  readonly root: string
  readonly folder: string
  /** Whether saving makes the folder where it is missing. */
  readonly makeFolder: boolean
  readonly enabled: boolean
  readonly rights: RightsTable
  readonly exceptions: readonly ExceptionForm[]
  /** Path in the line for adding an exception. */
  readonly addException: string
  readonly guests: { readonly profile: string; readonly from: string; readonly networks: string }
  readonly options: {
    readonly atomicUploads: boolean
    readonly partialUploads: string
    readonly durable: boolean
    readonly maximumFileBytes: string
    readonly maximumBytes: string
    readonly stopAtDiskPercent: string
    /** One pattern on each line. */
    readonly hiddenNames: string
    readonly refusedNames: string
  }
}

export const LEVELS = ['none', 'read', 'readWrite', 'custom'] as const

/** The boxes, as the rights window groups them. */
export const FILE_RIGHTS: readonly Right[] = ['download', 'upload', 'overwrite', 'append', 'rename', 'delete']
export const FOLDER_RIGHTS: readonly Right[] = ['list', 'createDirectory', 'renameDirectory', 'removeDirectory']

/** The form of a resource. */
export function formOf(resource: Resource, firstRoot: string, t: Translate): ResourceForm {
  const { name, description, root, folder, enabled, guests, options } = resource
  return {
    name,
    description,
    root: root ?? firstRoot,
    folder,
    makeFolder: false,
    enabled,
    rights: table(resource.rights),
    exceptions: resource.exceptions.map(({ path, rights }) => ({ path, rights: table(rights) })),
    addException: '',
    guests: { profile: guests.profile, from: guests.from, networks: guests.networks.join('\n') },
    options: {
      ...options,
      maximumFileBytes: size(options.maximumFileBytes, t),
      maximumBytes: size(options.maximumBytes, t),
      stopAtDiskPercent: String(options.stopAtDiskPercent),
      hiddenNames: options.hiddenNames.join('\n'),
      refusedNames: options.refusedNames.join('\n'),
    },
  }
}

export function tableOf(rows: readonly RightsRow[]): RightsTable {
  return { rows, addKind: 'user', addName: '' }
}

function table(entries: readonly RightsEntry[]): RightsTable {
  return tableOf(
    entries.map((entry) => ({
      kind: entry.user === undefined ? 'group' : 'user',
      name: entry.user ?? entry.group ?? '',
      level: entry.level,
      rights: rightsOf(entry),
    })),
  )
}

function size(bytes: number | undefined, t: Translate): string {
  return bytes === undefined ? '' : sizeText(bytes, t)
}
