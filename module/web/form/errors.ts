/** What is wrong with posted values, beside the inputs they were typed into. */
import type { Problem } from '../../settings/problems.ts'
import type { FormField } from './field.ts'
import type { Typed, TypedRow } from './typed.ts'
import { cellName, linesOf } from './typed.ts'

export interface FieldError {
  /** The name of the input: a field's, or that of a cell of its table. */
  readonly name: string
  /** The entry of a list that it is about. */
  readonly entry?: string
  readonly problem: Problem
}

export interface SortedProblems {
  readonly errors: readonly FieldError[]
  /** What is about no input of this form. */
  readonly other: readonly Problem[]
}

/** Finds for each problem its input. `prefix` is where in the settings the form begins: `settings.` */
export function sortProblems(
  problems: readonly Problem[],
  fields: readonly FormField[],
  typed: ReadonlyMap<string, Typed>,
  prefix: string,
): SortedProblems {
  const errors: FieldError[] = []
  const other: Problem[] = []
  for (const problem of problems) {
    const path = problem.path.startsWith(prefix) ? problem.path.slice(prefix.length) : undefined
    const field = fields.find((one) => path !== undefined && within(one.path, path))
    const inputs = field && typed.get(field.path)
    if (field && inputs && path !== undefined)
      errors.push(errorAt(field, inputs, path.slice(field.path.length), problem))
    else other.push(problem)
  }
  return { errors, other }
}

/** Tables that name one thing twice: the later one would silently win. */
export function twice(field: FormField, typed: Typed | undefined): readonly FieldError[] {
  if (field.kind !== 'pairs' || !typed || !('rows' in typed)) return []
  const keys = typed.rows.map(keyOf)
  return keys.flatMap((key, at) =>
    keys.indexOf(key) === at
      ? []
      : [{ name: cellName(field.path, at, 'key'), problem: { path: field.path, text: 'must be unique', got: key } }],
  )
}

function errorAt(field: FormField, typed: Typed, rest: string, problem: Problem): FieldError {
  if ('rows' in typed && field.kind === 'rows') {
    const [, row, column] = /^\[(\d+)\](?:\.(\w+))?/.exec(rest) ?? []
    if (row === undefined) return { name: field.path, problem }
    return { name: cellName(field.path, Number(row), column ?? field.columns?.[0]?.path ?? ''), problem }
  }
  if ('rows' in typed) {
    const at = typed.rows.findIndex((row) => [`.${keyOf(row)}`, `[${JSON.stringify(keyOf(row))}]`].includes(rest))
    if (at < 0) return { name: field.path, problem }
    return { name: cellName(field.path, at, problem.text.startsWith('has a name') ? 'key' : 'value'), problem }
  }
  const at = /^\[(\d+)\]/.exec(rest)?.[1]
  const entry =
    field.kind === 'lines' && at !== undefined && 'text' in typed ? linesOf(typed.text)[Number(at)] : undefined
  return { name: field.path, problem, ...(entry === undefined ? {} : { entry }) }
}

const within = (field: string, path: string) =>
  path === field || path.startsWith(`${field}.`) || path.startsWith(`${field}[`)

const keyOf = (row: TypedRow) => (row['key'] ?? '').trim()
