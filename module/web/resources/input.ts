/** What the form of a resource means as settings, and where the problems with it belong on the page. */
import { RIGHTS } from '../../ftp/backend.ts'
import type { Problem } from '../../settings/problems.ts'
import type { Resource } from '../../settings/resource.ts'
import { parseSize } from '../size.ts'
import type { ResourceForm, RightsTable } from './form.ts'

/** Input for the schema, and what cannot even be read. */
export interface ResourceInput {
  readonly input: unknown
  readonly problems: readonly Problem[]
}

/** `before` is the stored resource, whose folder stays in the first root of the shell if it named none. */
export function resourceInput(form: ResourceForm, firstRoot: string, before: Resource | undefined): ResourceInput {
  const problems: Problem[] = []
  const { maximumFileBytes, maximumBytes, stopAtDiskPercent, ...options } = form.options
  const bytes = (path: string, text: string) => {
    const size = text === '' ? undefined : parseSize(text)
    if (text !== '' && size === undefined) {
      problems.push({ path: `options.${path}`, text: 'must be a size such as 500 MB or 10 GB' })
    }
    return size === undefined ? {} : { [path]: size }
  }
  const percent = /^\d{1,9}$/.test(stopAtDiskPercent) ? Number(stopAtDiskPercent) : undefined
  if (percent === undefined) problems.push({ path: 'options.stopAtDiskPercent', text: 'must be a whole number' })
  const input = {
    name: form.name,
    description: form.description,
    ...(form.root === '' || (form.root === firstRoot && before && before.root === undefined)
      ? {}
      : { root: form.root }),
    folder: form.folder.replace(/\/+$/, ''),
    enabled: form.enabled,
    rights: entries(form.rights),
    exceptions: form.exceptions.map(({ path, rights }) => ({
      path: path.replaceAll(/^\/+|\/+$/g, ''),
      rights: entries(rights),
    })),
    guests: { ...form.guests, networks: list(form.guests.networks, /[\s,;]+/) },
    options: {
      ...options,
      ...bytes('maximumFileBytes', maximumFileBytes),
      ...bytes('maximumBytes', maximumBytes),
      ...(percent === undefined ? {} : { stopAtDiskPercent: percent }),
      hiddenNames: list(form.options.hiddenNames, /\n/),
      refusedNames: list(form.options.refusedNames, /\n/),
    },
  }
  return { input, problems: [...problems, ...unfinished(form)] }
}

/** Names that are still in a line for adding when it comes to saving: nobody of that name is known, or it is there twice. */
function unfinished(form: ResourceForm): readonly Problem[] {
  const tables = [
    { table: form.rights, path: 'rights' },
    ...form.exceptions.map(({ rights }, at) => ({ table: rights, path: `exceptions[${at}].rights` })),
  ]
  return tables.flatMap(({ table, path }) => {
    if (table.addName === '') return []
    const there = table.rows.some(({ kind, name }) => kind === table.addKind && name === table.addName)
    const unknown = table.addKind === 'group' ? 'must be a group of the appliance' : 'must be a user of the appliance'
    return [{ path: `${path}.add.name`, text: there ? 'is in the table already' : unknown }]
  })
}

function entries({ rows }: RightsTable): unknown {
  return rows.map(({ kind, name, level, rights }) => ({
    [kind]: name,
    level,
    ...(level === 'custom' ? { rights: RIGHTS.filter((right) => rights.has(right)) } : {}),
  }))
}

function list(text: string, between: RegExp): readonly string[] {
  return text
    .split(between)
    .map((each) => each.trim())
    .filter(Boolean)
}

/** Inputs of the form that show a problem beside them; a problem deeper inside belongs to the nearest. */
const PLACES =
  /^(?:name|description|root|folder|guests\.\w+|options\.\w+|(?:exceptions\.\d+\.)?rights\.(?:\d+|add\.name)|exceptions\.\d+\.(?:path|rights)|rights)/

export interface PlacedProblems {
  /** Texts by the name of the input. */
  readonly errors: Readonly<Record<string, string>>
  /** What belongs to no input. */
  readonly others: readonly string[]
}

/** Puts problems where they belong; `text` says them in the language of the page. */
export function placed(problems: readonly Problem[], text: (problem: Problem) => string): PlacedProblems {
  const errors: Record<string, string> = {}
  const others: string[] = []
  for (const problem of problems) {
    const path = problem.path.replace(/^resources\[\d+\]\.?/, '').replaceAll(/\[(\d+)\]/g, '.$1')
    const place = PLACES.exec(path)?.[0]
    const said = text(problem)
    if (place === undefined) others.push(said)
    else errors[place] = [...new Set([errors[place], said].filter(Boolean))].join(' ')
  }
  return { errors, others }
}
