/** The fields of a form, derived from a zod schema: one for each setting, with its kind, bounds and default. */
import { z } from 'zod'
import type { Unit } from './unit.ts'
import { unitOf } from './unit.ts'

export type FieldKind =
  | 'checkbox'
  | 'select'
  | 'number'
  | 'text'
  | 'area' // a text of several lines
  | 'lines' // a list, one entry in each line
  | 'choices' // a list of some of `options`
  | 'rows' // a list of objects: a table
  | 'pairs' // a record of texts: a table of name and text

export interface FormField {
  /** As in the settings: `limits.connections`; the name of the input and part of the keys of its texts. */
  readonly path: string
  readonly kind: FieldKind
  /** Undefined where the schema has none. */
  readonly default: unknown
  /** The word that an empty input stands for, such as `unlimited`. */
  readonly word?: string
  /** Bounds of a number as it is stored. */
  readonly minimum?: number
  readonly maximum?: number
  readonly unit?: Unit
  /** The values of a select, or of choices. */
  readonly options?: readonly string[]
  /** Labels of options that are no words of ours, such as those of the shell's zones. */
  readonly labels?: ReadonlyMap<string, string>
  /** The columns of a table; their paths are names only. */
  readonly columns?: readonly FormField[]
  /** Where the setting belongs to an object that may be absent as a whole. */
  readonly part?: OptionalPart
}

/** An object that is there when its required value is: `log.syslog` with `log.syslog.host`. */
export interface OptionalPart {
  readonly path: string
  readonly required: string
}

/** What a JSON Schema written by zod says of one value. */
interface Node {
  readonly type?: string
  readonly default?: unknown
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly minimum?: number
  readonly maximum?: number
  readonly maxLength?: number
  readonly anyOf?: readonly Node[]
  readonly items?: Node
  readonly properties?: Readonly<Record<string, Node>>
  readonly required?: readonly string[]
}

/** Characters from which on a text needs more than one line. */
const LONG_TEXT = 1000

/** The names of the columns of a record of texts. */
export const PAIR_COLUMNS = ['key', 'value'] as const

/** Every setting of an object schema, those of objects in it included. */
export function formFields(schema: z.ZodType): readonly FormField[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what zod writes; the interface names a part of it
  return fieldsIn(z.toJSONSchema(schema, { io: 'input' }) as Node, '')
}

/** A list of texts as check boxes: its entries are some of these, each with its label. */
export function withChoices(field: FormField, labels: ReadonlyMap<string, string>): FormField {
  return { ...field, kind: 'choices', options: [...labels.keys()], labels }
}

function fieldsIn(node: Node, prefix: string): readonly FormField[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const path = prefix + name
    if (child.type !== 'object' || !child.properties) return [fieldOf(path, child)]
    const inner = fieldsIn(child, `${path}.`)
    const [required] = child.required ?? []
    if (child.default !== undefined || required === undefined) return inner
    return inner.map((field) => ({ ...field, part: { path, required: `${path}.${required}` } }))
  })
}

function fieldOf(path: string, node: Node): FormField {
  const word = node.anyOf?.find((one) => typeof one.const === 'string')?.const
  const rest = node.anyOf?.filter((one) => one.const === undefined) ?? [node]
  const value = rest[0] ?? node
  const unit = unitOf(path)
  return {
    path,
    ...kindOf(value),
    default: node.default,
    ...(typeof word === 'string' ? { word } : {}),
    ...(value.minimum === undefined ? {} : { minimum: value.minimum }),
    ...(value.maximum === undefined || value.maximum >= Number.MAX_SAFE_INTEGER ? {} : { maximum: value.maximum }),
    ...(unit ? { unit } : {}),
  }
}

function kindOf(node: Node): Pick<FormField, 'kind' | 'options' | 'columns'> {
  if (node.type === 'boolean') return { kind: 'checkbox' }
  if (node.enum) return { kind: 'select', options: node.enum.map(String) }
  if (node.type === 'integer' || node.type === 'number') return { kind: 'number' }
  if (node.type === 'array') {
    return node.items?.properties ? { kind: 'rows', columns: fieldsIn(node.items, '') } : { kind: 'lines' }
  }
  if (node.type === 'object') {
    return { kind: 'pairs', columns: PAIR_COLUMNS.map((path) => ({ path, kind: 'text', default: undefined })) }
  }
  return { kind: (node.maxLength ?? 0) > LONG_TEXT && !node.anyOf && !pathLike(node) ? 'area' : 'text' }
}

/** Long and yet one line: a folder. */
const pathLike = (node: Node) => 'pattern' in node
