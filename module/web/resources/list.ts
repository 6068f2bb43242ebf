/** The rows of the list of resources: state, space, and in a few words who has access. */
import type { ResourceState } from '../../resources/resources.ts'
import type { Resource } from '../../settings/resource.ts'
import type { StorageRoot } from '../../shell.ts'
import type { WebContext } from '../context.ts'
import { effectivePath, resourcePath } from './links.ts'

/** Names told of those who have access; the others are counted. */
const NAMED = 3

export interface ResourceRow {
  readonly name: string
  readonly description: string
  readonly path: string
  readonly effectivePath: string
  readonly folder: string
  readonly enabled: boolean
  readonly state: { readonly kind: 'good' | 'bad' | 'plain'; readonly text: string }
  readonly used: string
  readonly free: string
  /** One entry on each line. */
  readonly access: readonly string[]
  readonly guests: { readonly warning: boolean; readonly profile: string; readonly from: string } | undefined
}

/** The rows in the order of the settings. */
export function resourceRows(
  ctx: WebContext,
  resources: readonly Resource[],
  states: readonly ResourceState[],
  roots: readonly StorageRoot[],
): readonly ResourceRow[] {
  const byName = new Map(states.map((state) => [state.name, state]))
  return resources.map((resource) => row(ctx, resource, byName.get(resource.name), roots))
}

/** The rows that hold every word of a search in name, description, folder or access. */
export function found(rows: readonly ResourceRow[], search: string): readonly ResourceRow[] {
  const words = search.toLocaleLowerCase().split(/\s+/).filter(Boolean)
  return rows.filter((one) => {
    const text = [one.name, one.description, one.folder, ...one.access].join('\n').toLocaleLowerCase()
    return words.every((word) => text.includes(word))
  })
}

function row(
  ctx: WebContext,
  resource: Resource,
  state: ResourceState | undefined,
  roots: readonly StorageRoot[],
): ResourceRow {
  const { t, formats } = ctx.state
  const { name, description, enabled, root, folder } = resource
  const label = (root === undefined ? roots[0] : roots.find(({ id }) => id === root))?.label ?? root ?? ''
  return {
    name,
    description,
    path: resourcePath(name),
    effectivePath: effectivePath({ path: `/${name}` }),
    folder: [label, folder].filter(Boolean).join(' / '),
    enabled,
    state: stateOf(ctx, enabled, state),
    used: state?.usedBytes === undefined ? '' : formats.bytes(state.usedBytes),
    free: state?.freeBytes === undefined ? '' : t('resources.free', { amount: formats.bytes(state.freeBytes) }),
    access: accessLines(ctx, resource),
    guests: guestsOf(ctx, resource),
  }
}

function stateOf(
  { state: { t } }: WebContext,
  enabled: boolean,
  state: ResourceState | undefined,
): ResourceRow['state'] {
  if (!enabled) return { kind: 'plain', text: t('resources.states.off') }
  if (!state) return { kind: 'plain', text: t('resources.states.unknown') }
  if (state.silent) return { kind: 'bad', text: t('resources.states.silent') }
  return state.problem === undefined
    ? { kind: 'good', text: t('resources.states.found') }
    : { kind: 'bad', text: t(`resources.states.${state.problem}`) }
}

function accessLines({ state: { t } }: WebContext, { rights, exceptions }: Resource): readonly string[] {
  const named = rights.slice(0, NAMED).map((entry) => {
    const who = entry.user ?? t('resources.groupNamed', { name: entry.group ?? '' })
    return t('resources.hasLevel', { who, level: t(`resources.levels.${entry.level}`) })
  })
  const more = rights.length > NAMED ? [t('resources.more', { count: rights.length - NAMED })] : []
  const inside = exceptions.length > 0 ? [t('resources.exceptionCount', { count: exceptions.length })] : []
  return [...named, ...more, ...inside]
}

function guestsOf({ state: { t } }: WebContext, { guests: { profile, from } }: Resource): ResourceRow['guests'] {
  if (profile === 'off') return undefined
  return {
    warning: profile === 'readWrite' || from === 'everywhere',
    profile: t(`resources.profiles.${profile}`),
    from: t(`resources.from.${from}`),
  }
}
