/** A posted form as a change of the settings: only what this administrator touched, and what others touched meanwhile. */
import { isDeepStrictEqual } from 'node:util'
import { patchBetween } from '../../settings/merge.ts'
import type { FormField } from './field.ts'
import type { Posted, Typed } from './typed.ts'
import { typedFrom, typedOf, valueOf } from './typed.ts'

/** What stands in the inputs of a form, by the path of the field. */
export type Inputs = ReadonlyMap<string, Typed>

/** The inputs for stored settings. */
export function inputsOf(fields: readonly FormField[], settings: unknown): Inputs {
  return new Map(fields.map((field) => [field.path, typedOf(field, at(settings, field.path) ?? partDefault(field))]))
}

/** The inputs as posted. Whatever else was sent is not looked at. */
export function inputsFrom(fields: readonly FormField[], posted: Posted): Inputs {
  return new Map(fields.map((field) => [field.path, typedFrom(field, posted)]))
}

/** The inputs as a text for a hidden input, so that the form remembers what it was made from. */
export function remembered(inputs: Inputs): string {
  return JSON.stringify(Object.fromEntries(inputs))
}

/** Reads back what {@link remembered} wrote; what is nothing of the kind is left out. */
export function recalled(fields: readonly FormField[], text: string): Inputs {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return new Map()
  }
  const inputs = new Map<string, Typed>()
  for (const field of fields) {
    const typed = own(value, field.path)
    if (fits(typed, typedOf(field, undefined))) inputs.set(field.path, typed)
  }
  return inputs
}

/** The fields that were not filled in so before; those that were not there are among them. */
export function touchedFields(fields: readonly FormField[], before: Inputs, after: Inputs): readonly FormField[] {
  return fields.filter(({ path }) => !isDeepStrictEqual(before.get(path), after.get(path)))
}

/**
 * A merge patch of the settings that brings the changed ones of the fields to what stands in the inputs. What belongs to an object that
 * may be absent goes as a whole.
 */
export function patchFor(
  fields: readonly FormField[],
  changed: readonly FormField[],
  inputs: Inputs,
  settings: unknown,
): Record<string, unknown> {
  const patch: Record<string, unknown> = {}
  const parts = new Map(changed.flatMap(({ part }) => (part ? [[part.path, part] as const] : [])))
  const wanted = fields.filter((field) => changed.includes(field) || (field.part && parts.has(field.part.path)))
  for (const field of wanted) put(patch, field.path, changeTo(field, valueIn(inputs, field), at(settings, field.path)))
  for (const { path, required } of parts.values()) {
    const key = fields.find((field) => field.path === required)
    if (key && isNothing(valueIn(inputs, key))) put(patch, path, null)
  }
  return patch
}

/** The value at a dotted path; undefined where there is none. */
export function at(settings: unknown, path: string): unknown {
  return path.split('.').reduce(own, settings)
}

function own(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined
}

/** Whether something has the form of other inputs of the same field. */
function fits(typed: unknown, like: Typed): typed is Typed {
  if (typeof typed !== 'object' || typed === null) return false
  const texts = (value: unknown): boolean =>
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    (typeof value === 'object' && value !== null && Object.values(value).every(texts))
  return Object.entries(like).every(([name, value]) => {
    const given = own(typed, name)
    return typeof given === typeof value && Array.isArray(given) === Array.isArray(value) && texts(given)
  })
}

/** What belongs to an object that is not there is offered as it would be. */
const partDefault = (field: FormField) => (field.part ? field.default : undefined)

const isNothing = (value: unknown) => value === undefined || value === ''

function valueIn(inputs: Inputs, field: FormField): unknown {
  const typed = inputs.get(field.path)
  return typed && valueOf(field, typed)
}

function changeTo(field: FormField, value: unknown, stored: unknown): unknown {
  // A merge patch adds to an object: what is to go must be named.
  return field.kind === 'pairs' ? patchBetween(stored, value) : (value ?? null)
}

function put(patch: Record<string, unknown>, path: string, value: unknown): void {
  const [name = '', ...rest] = path.split('.')
  if (rest.length === 0) patch[name] = value
  else {
    const inner = (patch[name] ??= {})
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- made in the line above
    put(inner as Record<string, unknown>, rest.join('.'), value)
  }
}
