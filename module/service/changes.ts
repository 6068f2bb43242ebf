/** Who changed the settings and when: so that nobody overwrites what he has not seen. */
import { createHash } from 'node:crypto'
import { differences } from '../settings/differences.ts'
import type { Difference } from '../settings/differences.ts'
import type { Settings } from '../settings/schema.ts'

/** Changes remembered since the start. */
const REMEMBERED = 50

/** A change that somebody made. */
export interface SettingsChange {
  /** Milliseconds since 1970. */
  readonly at: number
  /** The administrator's name. */
  readonly by: string
  readonly differences: readonly Difference[]
}

/** Thrown when somebody else has changed meanwhile what was to be changed; nothing has been saved. */
export class ChangedMeanwhile extends Error {
  override readonly name = 'ChangedMeanwhile'
  /** Oldest first; empty when it is not known any more. */
  readonly changes: readonly SettingsChange[]
  constructor(changes: readonly SettingsChange[]) {
    const who = [...new Set(changes.map(({ by }) => by))].join(', ') || 'somebody'
    super(`The settings have been changed by ${who} meanwhile.`)
    this.changes = changes
  }
}

/** Names a state of the settings; the same content has the same name, also after a restart. */
export function revisionOf(settings: Settings): string {
  const known = revisions.get(settings)
  if (known !== undefined) return known
  const revision = createHash('sha256').update(JSON.stringify(settings)).digest('base64url').slice(0, 16)
  revisions.set(settings, revision)
  return revision
}

const revisions = new WeakMap<Settings, string>()

export class ChangeHistory {
  readonly #changes: (SettingsChange & { readonly before: string })[] = []

  /** Takes down a change; answers what it changed. */
  add(before: Settings, after: Settings, by: string): readonly Difference[] {
    const different = differences(before, after)
    this.#changes.push({ at: Date.now(), by, differences: different, before: revisionOf(before) })
    if (this.#changes.length > REMEMBERED) this.#changes.shift()
    return different
  }

  /**
   * Throws {@link ChangedMeanwhile} if something has changed since a revision that the patch names as well: what only stands
   * beside it is not overwritten.
   */
  check(revision: string, current: Settings, patch: unknown): void {
    if (revision === revisionOf(current)) return
    const since = this.#changes.findLastIndex(({ before }) => before === revision)
    if (since < 0) throw new ChangedMeanwhile([])
    const named = pathsOf(patch)
    const changes = this.#changes
      .slice(since)
      .map(({ at, by, differences: all }) => ({ at, by, differences: all.filter(({ path }) => touches(named, path)) }))
      .filter((change) => change.differences.length > 0)
    if (changes.length > 0) throw new ChangedMeanwhile(changes)
  }
}

/** The paths of a patch that say something, as differences have them. */
function pathsOf(patch: unknown, path = ''): readonly string[] {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return [path]
  return Object.entries(patch).flatMap(([key, value]) => pathsOf(value, path ? `${path}.${key}` : key))
}

function touches(named: readonly string[], path: string): boolean {
  return named.some((one) => one === '' || inside(path, one) || inside(one, path))
}

const inside = (path: string, outer: string) => path.startsWith(outer) && /^(?:[.[]|$)/.test(path.slice(outer.length))
