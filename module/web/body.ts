/** The fields of a posted form, as texts. */
import type { WebContext } from './context.ts'

export type Fields = Readonly<Record<string, string>>

/** Fields by name; of a name that was sent several times the last. Names such as `__proto__` are names like others. */
export function fields(ctx: WebContext): Fields {
  const { body } = ctx.request
  const found: Record<string, string> = Object.create(null)
  if (typeof body !== 'object' || body === null) return found
  for (const [name, value] of Object.entries(body)) {
    const last: unknown = Array.isArray(value) ? value.at(-1) : value
    if (typeof last === 'string') found[name] = last
  }
  return found
}

/** All values of one field. */
export function values(ctx: WebContext, name: string): readonly string[] {
  const { body } = ctx.request
  const value: unknown =
    typeof body === 'object' && body !== null && Object.hasOwn(body, name) ? Reflect.get(body, name) : undefined
  return [value].flat().filter((each) => typeof each === 'string')
}
