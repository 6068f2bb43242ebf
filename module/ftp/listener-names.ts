/** What makes listeners the same before and after a change. */
import type { ListenerOptions } from './options.ts'

/** Listeners by what makes them the same; several on port 0 are told apart by their order. */
export function withNames(listeners: readonly ListenerOptions[]): ReadonlyMap<string, ListenerOptions> {
  const named = new Map<string, ListenerOptions>()
  for (const options of listeners) {
    const place = `${options.address} ${options.port}`
    let name = place
    for (let count = 2; named.has(name); count++) name = `${place} ${count}`
    named.set(name, options)
  }
  return named
}
