/** What stands in the inputs of a field: made of a stored value, read from a posted form, and turned back into a value. */
import type { FormField } from './field.ts'
import { bestMultiple, inBytes, inMultiple, multiplesOf } from './unit.ts'

/** One row of a table: text by column; `on` or nothing for a check box. */
export type TypedRow = Readonly<Record<string, string>>

/** Always of the kind that belongs to the field. */
export type Typed =
  | { readonly text: string; readonly multiple?: string }
  | { readonly checked: boolean }
  | { readonly chosen: readonly string[] }
  | { readonly rows: readonly TypedRow[] }

/** All values of an input of the posted form, by its name. */
export type Posted = (name: string) => readonly string[]

/** Rows that a posted table may have; more are not read. */
const MOST_ROWS = 500

/** The inputs as they are for a stored value; undefined = nothing is stored. */
export function typedOf(field: FormField, value: unknown): Typed {
  switch (field.kind) {
    case 'checkbox':
      return { checked: value === true }
    case 'choices':
      return { chosen: listOf(value).map(String) }
    case 'lines':
      return { text: listOf(value).join('\n') }
    case 'rows':
      return { rows: listOf(value).map((row) => rowOf(field, row)) }
    case 'pairs':
      return { rows: Object.entries(value ?? {}).map(([key, text]) => ({ key, value: String(text) })) }
    default:
      return amountOf(field, value)
  }
}

/** The inputs as they were posted. Rows in which nothing was typed are left out. */
export function typedFrom(field: FormField, posted: Posted): Typed {
  const text = (posted(field.path).at(-1) ?? '').replaceAll('\r\n', '\n')
  switch (field.kind) {
    case 'checkbox':
      return { checked: text === 'on' }
    case 'choices':
      return { chosen: posted(field.path) }
    case 'rows':
    case 'pairs':
      return { rows: postedRows(field, posted) }
    default: {
      const multiple = posted(`${field.path}:unit`).at(-1)
      return multiplesOf(field.unit).length > 0 ? { text, multiple: multiple ?? '' } : { text }
    }
  }
}

/** The value that the inputs stand for; undefined = none. What is no value of the kind stays a text, for the schema to refuse. */
export function valueOf(field: FormField, typed: Typed): unknown {
  if ('checked' in typed) return typed.checked
  if ('chosen' in typed) return typed.chosen
  if ('rows' in typed) return field.kind === 'pairs' ? pairs(typed.rows) : typed.rows.map((row) => rowValue(field, row))
  if (field.kind === 'area') return typed.text
  if (field.kind === 'lines') {
    const lines = linesOf(typed.text)
    return lines.length === 0 && field.default === undefined ? undefined : lines
  }
  const text = typed.text.trim()
  if (text === '' && field.word !== undefined) return field.word
  // Where the schema has a default, nothing typed is no way to ask for it: the schema decides whether nothing is possible.
  if (text === '') return field.default === undefined ? undefined : ''
  return field.kind === 'number' ? numberOf(text, typed.multiple) : text
}

/** The entries of a list that is typed as lines. */
export function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

/** The name of an input of a table. */
export function cellName(path: string, row: number, column: string): string {
  return `${path}.${row}.${column}`
}

function amountOf(field: FormField, value: unknown): Typed {
  const choice = multiplesOf(field.unit)
  const nothing = value === undefined || value === field.word
  if (choice.length === 0 || !field.unit) return { text: nothing ? '' : plain(value) }
  if (typeof value !== 'number') return { text: '', multiple: choice[0] ?? '' }
  const multiple = bestMultiple(field.unit, value)
  return { text: String(inMultiple(value, multiple)), multiple }
}

/** A number as people type it, with spaces between thousands and a point or a comma; what is none stays as it is. */
function numberOf(text: string, multiple: string | undefined): unknown {
  const plain = text.replaceAll(/[\s\u00a0\u202f]/g, '').replace(',', '.')
  if (!/^-?\d{1,15}(\.\d{1,6})?$/.test(plain)) return text
  return multiple === undefined ? Number(plain) : inBytes(Number(plain), multiple)
}

function rowOf({ columns = [] }: FormField, row: unknown): TypedRow {
  return Object.fromEntries(
    columns.map((column) => {
      const typed = typedOf(column, typeof row === 'object' && row !== null ? Reflect.get(row, column.path) : undefined)
      return [column.path, 'checked' in typed ? (typed.checked ? 'on' : '') : 'text' in typed ? typed.text : '']
    }),
  )
}

function rowValue({ columns = [] }: FormField, row: TypedRow): Record<string, unknown> {
  const cells = columns.map((column) => [column.path, valueOf(column, cellTyped(column, row))] as const)
  // Nothing typed = what the schema says where nothing is said.
  return Object.fromEntries(cells.filter(([, value]) => value !== undefined && value !== ''))
}

function cellTyped(column: FormField, row: TypedRow): Typed {
  const text = row[column.path] ?? ''
  return column.kind === 'checkbox' ? { checked: text === 'on' } : { text }
}

function pairs(rows: readonly TypedRow[]): Record<string, string> {
  return Object.fromEntries(rows.map(({ key = '', value = '' }) => [key.trim(), value.trim()]))
}

function postedRows({ path, columns = [] }: FormField, posted: Posted): readonly TypedRow[] {
  const rows: TypedRow[] = []
  for (let at = 0; at < MOST_ROWS; at++) {
    const cells = columns.map((column) => [column, posted(cellName(path, at, column.path)).at(-1)] as const)
    const first = cells.find(([{ kind }]) => kind !== 'checkbox')
    // Text inputs are sent even when they are empty: where there is none the table ends.
    if (first?.[1] === undefined) break
    const typed = cells.some(([{ kind }, text = '']) => kind !== 'checkbox' && text.trim() !== '')
    if (typed) rows.push(Object.fromEntries(cells.map(([column, text = '']) => [column.path, text])))
  }
  return rows
}

/** A value that is no list and no object, as text. */
const plain = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
