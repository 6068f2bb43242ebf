/** The settings as a Markdown table for the README, derived from the schema. */
import { z } from 'zod'
import { domain } from './domain.ts'
import { serverSettings } from './schema.ts'

interface Node {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly const?: string | number | boolean
  readonly enum?: readonly (string | number)[]
  readonly minimum?: number
  readonly maximum?: number
  readonly anyOf?: readonly Node[]
  readonly properties?: Readonly<Record<string, Node>>
}

/** One line for each setting: name, what it takes, what it is where nothing is said, what it does. */
export function settingsTable(): string {
  return tableOf(serverSettings)
}

/** The same for one of the `domains`. */
export function domainTable(): string {
  return tableOf(domain)
}

function tableOf(described: z.ZodType): string {
  // What zod writes is the JSON Schema that the interface above describes a part of.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const schema = z.toJSONSchema(described, { io: 'input' }) as Node
  const lines = rows(schema, '').map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
  return ['| setting | values | default | what it does |', '| --- | --- | --- | --- |', ...lines].join('\n')
}

function rows(node: Node, prefix: string): readonly (readonly string[])[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const path = prefix + name
    if (child.type === 'object' && child.properties) return rows(child, `${path}.`)
    return [[`\`${path}\``, values(child), fallback(child), child.description ?? '']]
  })
}

function values(node: Node): string {
  if (node.anyOf) return [...new Set(node.anyOf.map(values))].join(', ')
  if (node.const !== undefined) return `\`${String(node.const)}\``
  if (node.enum) return node.enum.map((value) => `\`${String(value)}\``).join(', ')
  if (node.type === 'integer' || node.type === 'number') return numbers(node)
  if (node.type === 'boolean') return '`true`, `false`'
  return { array: 'list', object: 'object' }[node.type ?? ''] ?? 'text'
}

function numbers({ minimum, maximum }: Node): string {
  return maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER
    ? `from ${minimum ?? 0}`
    : `${minimum} to ${maximum}`
}

function fallback(node: Node): string {
  return node.default === undefined ? '–' : `\`${JSON.stringify(node.default)}\``
}
