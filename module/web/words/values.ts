/** A page of commands or texts as names and values: what was typed, what it was made from, and what was touched. */
import type { WebContext } from '../context.ts'
import { fields } from '../body.ts'

/** Values of inputs by their names; what is absent is empty. */
export type Values = ReadonlyMap<string, string>

/** What was posted for these names; names that were not in the form stay as they were. */
export function posted(ctx: WebContext, names: readonly string[], was: Values): Values {
  const sent = fields(ctx)
  return new Map(names.map((name) => [name, textOf(sent[name]) ?? was.get(name) ?? '']))
}

/** Forms send every end of line as CR LF. */
const textOf = (text: string | undefined) => text?.replaceAll('\r\n', '\n')

/** For a hidden input, so that the page remembers what it was made from. */
export function remembered(values: Values): string {
  return JSON.stringify(Object.fromEntries(values))
}

/** Reads back what {@link remembered} wrote; of anything else nothing. */
export function recalled(text: string | undefined, names: readonly string[]): Values {
  let value: unknown
  try {
    value = JSON.parse(text ?? '')
  } catch {
    return new Map()
  }
  if (typeof value !== 'object' || value === null) return new Map()
  const known = new Set(names)
  return new Map(Object.entries(value).filter(([name, each]) => known.has(name) && typeof each === 'string'))
}

/** What differs between two states, as it is in the second. */
export function touched(before: Values, after: Values): Values {
  return new Map([...after].filter(([name, value]) => (before.get(name) ?? '') !== value))
}
