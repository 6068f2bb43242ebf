/** What is wrong with a value that came from outside, for people: where it stands and what is allowed there. */
import type { z } from 'zod'

export interface Problem {
  /** As one would write it: `settings.passivePorts`, `resources[0].name`; empty for the whole. */
  readonly path: string
  /** What is allowed, beginning with "must" or "is". */
  readonly text: string
  /** What was there instead, shortened; absent for secrets. */
  readonly got?: string
}

/** Thrown for input that is refused; every problem is named. */
export class SettingsError extends Error {
  readonly problems: readonly Problem[]
  constructor(problems: readonly Problem[], source?: string) {
    super(problems.map((problem) => problemLine(problem, source)).join('\n'))
    this.name = 'SettingsError'
    this.problems = problems
  }
}

/** One clear line: `preset.json: settings.port: must be … (got "x")`. */
export function problemLine({ path, text, got }: Problem, source?: string): string {
  const place = [source, path].filter(Boolean).join(': ')
  return `${place}${place && ': '}${text}${got === undefined ? '' : ` (got ${got})`}`
}

/** The value as the schema makes it, or a {@link SettingsError} that names every problem. `source` is where it came from. */
export function checked<Schema extends z.ZodType>(schema: Schema, input: unknown, source?: string): z.output<Schema> {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  throw new SettingsError(
    result.error.issues.flatMap((issue) => problemsOf(issue, input)),
    source,
  )
}

const NOTHING = 'nothing'

type Issue = z.core.$ZodIssue

function problemsOf(issue: Issue, input: unknown): readonly Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: pathText([...issue.path, key]), text: 'is not a known setting' }))
  }
  // The key of a record is at fault, not its value.
  if (issue.code === 'invalid_key') {
    return [{ path: pathText(issue.path), text: `has a name that ${issue.issues.map(allowed).join(' and ')}` }]
  }
  const path = pathText(issue.path)
  const got = shown(issue.path, input)
  // What breaks a rule by its default was not written by anybody.
  if (issue.code === 'custom' && got === NOTHING) return [{ path, text: allowed(issue) }]
  return [got === undefined ? { path, text: allowed(issue) } : { path, text: allowed(issue), got }]
}

/** What is allowed, as text. Our own messages of the schema begin with "must", "needs" or the like; zod's never do. */
function allowed(issue: Issue): string {
  switch (issue.code) {
    case 'custom':
      return issue.message
    case 'invalid_type':
      return own(issue.message) ?? `must be ${article(issue.expected)}`
    case 'invalid_value':
      return own(issue.message) ?? `must be ${orList(issue.values.map((value) => JSON.stringify(value)))}`
    case 'too_small':
      return (
        own(issue.message) ??
        `must be ${issue.inclusive === false ? 'more than' : 'at least'} ${amount(issue.origin, issue.minimum)}`
      )
    case 'too_big':
      return (
        own(issue.message) ??
        `must be ${issue.inclusive === false ? 'less than' : 'at most'} ${amount(issue.origin, issue.maximum)}`
      )
    case 'invalid_union':
      return (
        own(issue.message) ??
        `must be ${orList(issue.errors.flatMap((errors) => errors.slice(0, 1).map(allowed)).map(bare))}`
      )
    case 'invalid_format':
      return own(issue.message) ?? `must be a valid ${issue.format}`
    default:
      return own(issue.message) ?? 'is not possible here'
  }
}

const own = (message: string) => (/^(must|needs|has|is|rights) /.test(message) ? message : undefined)
const bare = (text: string) => text.replace(/^must be /, '')

function article(type: string): string {
  const words: Record<string, string> = {
    int: 'a whole number',
    object: 'an object',
    array: 'a list',
    record: 'an object',
  }
  return words[type] ?? (type === 'boolean' ? 'true or false' : `a ${type}`)
}

function amount(origin: string, bound: number | bigint): string {
  if (origin === 'string') return `${bound} characters long`
  return origin === 'array' ? `${bound} entries long` : String(bound)
}

function orList(values: readonly string[]): string {
  const different = [...new Set(values)]
  return different.length < 2 ? different.join('') : `${different.slice(0, -1).join(', ')} or ${different.at(-1)}`
}

/** A place as one would write it: `resources[0].name`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part) =>
      typeof part === 'number'
        ? `[${part}]`
        : /^[\w-]+$/.test(String(part))
          ? `.${String(part)}`
          : `[${JSON.stringify(part)}]`,
    )
    .join('')
    .replace(/^\./, '')
}

/** What stands at the path, as short JSON. Never what may be a secret, nor a whole object. */
function shown(path: readonly PropertyKey[], input: unknown): string | undefined {
  if (path.some((part) => /password|secret|key|token/i.test(String(part)))) return undefined
  let value = input
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return NOTHING
    value = Reflect.get(value, part)
  }
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object'
  const text = JSON.stringify(value) ?? NOTHING
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}
