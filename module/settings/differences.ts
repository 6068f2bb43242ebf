/** What a change of the settings changed, for the log. */
import { isDeepStrictEqual } from 'node:util'

export interface Difference {
  /** As in problems: `settings.tls.policy`. */
  readonly path: string
  /** Undefined where there was, or is, nothing. */
  readonly from: unknown
  readonly to: unknown
}

/** The values that differ, the deepest ones of objects; lists are compared as a whole. */
export function differences(from: unknown, to: unknown, path = ''): readonly Difference[] {
  if (isDeepStrictEqual(from, to)) return []
  if (!plain(from) || !plain(to)) return [{ path, from, to }]
  const keys = new Set([...Object.keys(from), ...Object.keys(to)])
  return [...keys].flatMap((key) => differences(from[key], to[key], path ? `${path}.${key}` : key))
}

function plain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
