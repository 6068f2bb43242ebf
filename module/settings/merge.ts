/** Changes as JSON merge patches (RFC 7396): what is named changes, null takes away and so brings back what is inherited. */

/** A copy of the target with the patch worked in; neither is changed. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!plain(patch)) return patch
  const merged: Record<string, unknown> = Object.create(null)
  if (plain(target)) for (const [key, value] of Object.entries(target)) merged[key] = value
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key]
    else if (value !== undefined) merged[key] = mergePatch(merged[key], value)
  }
  // Without a prototype "__proto__" was an ordinary key above; as entries it stays one.
  return Object.fromEntries(Object.entries(merged))
}

/** The patch that makes one value of the other: what is to go is named with null. */
export function patchBetween(from: unknown, to: unknown): unknown {
  if (!plain(from) || !plain(to)) return to
  const gone = Object.keys(from).filter((key) => !Object.hasOwn(to, key) || to[key] === undefined)
  return Object.fromEntries([
    ...gone.map((key) => [key, null] as const),
    ...Object.entries(to).map(([key, value]) => [
      key,
      Object.hasOwn(from, key) ? patchBetween(from[key], value) : value,
    ]),
  ])
}

function plain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
