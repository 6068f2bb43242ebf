/** Changes of the list of resources that overwrite nothing that somebody else has changed meanwhile. */
import type { FtpService } from '../../service.ts'
import { ChangedMeanwhile, type SettingsChange } from '../../service/changes.ts'
import { SettingsError, type Problem } from '../../settings/problems.ts'
import type { Domain } from '../../settings/domain.ts'
import type { Resource } from '../../settings/resource.ts'

export type SaveResult =
  | { readonly kind: 'saved' }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] }
  /** Somebody else was first. `gone`: the resource has been deleted or renamed. */
  | { readonly kind: 'overtaken'; readonly gone: boolean; readonly changes: readonly SettingsChange[] }

export interface SaveRequest {
  /** The name under which the resource is stored; undefined for a new one. */
  readonly original: string | undefined
  readonly input: unknown
  /** Of the settings that the form was made from. */
  readonly revision: string
  readonly by: string
}

/** Stores a resource. What others have changed elsewhere in the meantime stays. */
export async function saveResource(service: FtpService, request: SaveRequest): Promise<SaveResult> {
  const { original, input, by } = request
  let { revision } = request
  for (;;) {
    const { resources } = service.settings()
    const at = resources.findIndex(({ name }) => name === original)
    if (original !== undefined && at < 0) return { kind: 'overtaken', gone: true, changes: [] }
    const next = at < 0 ? [...resources, input] : resources.map((one, index) => (index === at ? input : one))
    try {
      await service.change({ resources: next, ...renamedIn(service, original, input) }, by, { revision })
      return { kind: 'saved' }
    } catch (error) {
      if (error instanceof SettingsError) return { kind: 'refused', problems: error.problems }
      if (!(error instanceof ChangedMeanwhile)) throw error
      const changes = original === undefined ? [] : changesOf(original, error.changes)
      const unknown = original !== undefined && error.changes.length === 0
      if (unknown || changes.length > 0) return { kind: 'overtaken', gone: false, changes }
      // Others have changed other resources: theirs are kept and ours is tried again.
      revision = service.revision()
    }
  }
}

/** The domains that show a resource under its old name, with the new one; nothing where there are none. */
function renamedIn(service: FtpService, original: string | undefined, input: unknown): object {
  const name: unknown = typeof input === 'object' && input !== null ? Reflect.get(input, 'name') : undefined
  const { domains } = service.settings()
  const shows = ({ resources }: Domain) => resources !== 'all' && resources.some((one) => one === original)
  if (name === original || original === undefined || !domains.some(shows)) return {}
  const renamed = (one: string) => (one === original ? name : one)
  return {
    domains: domains.map((each) =>
      each.resources === 'all' ? each : { ...each, resources: each.resources.map(renamed) },
    ),
  }
}

/** Changes the list of resources as it is at this moment; answers false when the edit finds nothing to change. */
export async function editResources(
  service: FtpService,
  by: string,
  edit: (resources: readonly Resource[]) => readonly Resource[] | undefined,
): Promise<boolean> {
  for (;;) {
    const next = edit(service.settings().resources)
    if (!next) return false
    try {
      await service.change({ resources: next }, by, { revision: service.revision() })
      return true
    } catch (error) {
      if (!(error instanceof ChangedMeanwhile)) throw error
    }
  }
}

/** What of the changes is about one resource. */
function changesOf(name: string, changes: readonly SettingsChange[]): readonly SettingsChange[] {
  const path = `resources[${JSON.stringify(name)}]`
  return changes
    .map((change) => ({ ...change, differences: change.differences.filter((one) => one.path.startsWith(path)) }))
    .filter(({ differences }) => differences.length > 0)
}
