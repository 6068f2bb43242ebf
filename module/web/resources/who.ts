/** The users and groups of the appliance, for the tables of rights. */
import type { Directory } from '../../shell.ts'
import type { KindOf } from './read-form.ts'

export interface People {
  readonly users: readonly string[]
  readonly groups: readonly string[]
  /** Whether the directory could be asked; where it could not, every name is taken as it is. */
  readonly known: boolean
}

/** Asks the directory; one that does not answer makes no page fail. */
export async function people(directory: Directory): Promise<People> {
  try {
    const [users, groups] = await Promise.all([directory.list(), directory.groups()])
    return { users: names(users), groups: names(groups), known: true }
  } catch {
    return { users: [], groups: [], known: false }
  }
}

/** What a typed name means. */
export function kindOf({ users, groups, known }: People): KindOf {
  const sets = { user: new Set(users), group: new Set(groups) }
  return (name, wanted) => {
    if (!known || sets[wanted].has(name)) return wanted
    const other = wanted === 'user' ? 'group' : 'user'
    return sets[other].has(name) ? other : undefined
  }
}

function names(list: readonly { readonly name: string }[]): readonly string[] {
  return list.map(({ name }) => name).sort()
}
