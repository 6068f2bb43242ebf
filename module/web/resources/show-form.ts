/** Shows the form of a resource, with everything that was typed, what is wrong with it, and what others changed meanwhile. */
import { RIGHTS } from '../../ftp/backend.ts'
import { ALL_RIGHTS, READ_RIGHTS } from '../../resources/rights.ts'
import type { Problem } from '../../settings/problems.ts'
import type { WebContext } from '../context.ts'
import type { WebParts } from '../parts.ts'
import { problemText } from '../problem-text.ts'
import { render } from '../views.ts'
import { FILE_RIGHTS, FOLDER_RIGHTS, LEVELS, type ResourceForm, type RightsTable } from './form.ts'
import { placed } from './input.ts'
import { effectivePath, resourcePath } from './links.ts'
import { resourcePartText, resourceValueText } from './value-text.ts'
import type { SaveResult } from './save.ts'
import { kindOf, people } from './who.ts'

export interface ShownForm {
  readonly form: ResourceForm
  /** The name under which it is stored; empty for a new one. */
  readonly original: string
  readonly revision: string
  readonly problems?: readonly Problem[]
  /** What somebody else has done to it meanwhile. */
  readonly overtaken?: Extract<SaveResult, { kind: 'overtaken' }>
  /** Whether something in it is not saved. */
  readonly changed?: boolean
  /** The table that has just got a row: where to go on. */
  readonly focus?: string
}

/** Answers with the page. */
export async function showForm(ctx: WebContext, { shell }: WebParts, shown: ShownForm): Promise<void> {
  const { t } = ctx.state
  const { form, original, problems = [], changed = false, focus = '', revision, overtaken } = shown
  const [roots, everybody] = await Promise.all([shell.storage.roots(), people(shell.users)])
  const { errors, others } = placed(problems, (problem) => problemText(problem, t))
  render(ctx, 'pages/resource', {
    form,
    original,
    revision,
    errors,
    others,
    changed: changed || problems.length > 0,
    focus,
    gone: overtaken?.gone === true,
    changes: overtaken && (overtaken.changes.length > 0 ? changeLines(ctx, overtaken, original) : []),
    action: original === '' ? '/resources/new' : resourcePath(original),
    effective: effectivePath({ path: `/${original}` }),
    roots: rootOptions(ctx, roots, form.root),
    people: everybody,
    levels: LEVELS.map((value) => ({ value, label: t(`resources.levels.${value}`) })),
    boxes: { files: FILE_RIGHTS, folders: FOLDER_RIGHTS },
    checkedRights,
    unknown: (kind: 'user' | 'group', name: string) => kindOf(everybody)(name, kind) !== kind,
    focused: (table: RightsTable, prefix: string, at: number) => focus === prefix && at === table.rows.length - 1,
  })
}

/** The boxes that are ticked in a row: those of its level. */
function checkedRights(level: string, rights: ReadonlySet<string>): Readonly<Record<string, boolean>> {
  const given: ReadonlySet<string> =
    level === 'custom' ? rights : level === 'readWrite' ? ALL_RIGHTS : level === 'read' ? READ_RIGHTS : new Set()
  return Object.fromEntries(RIGHTS.map((right) => [right, given.has(right)]))
}

type Roots = Awaited<ReturnType<WebParts['shell']['storage']['roots']>>

function rootOptions({ state: { t, formats } }: WebContext, roots: Roots, chosen: string) {
  const options = roots.map(({ id, label, readOnly, freeBytes }) => ({
    value: id,
    label: [
      label,
      readOnly && t('resources.readOnly'),
      freeBytes !== undefined && t('resources.free', { amount: formats.bytes(freeBytes) }),
    ]
      .filter(Boolean)
      .join(' – '),
  }))
  const gone = chosen !== '' && !roots.some(({ id }) => id === chosen)
  return gone ? [...options, { value: chosen, label: t('resources.rootGone', { name: chosen }) }] : options
}

/** One line for each thing that others changed. */
function changeLines(
  { state }: WebContext,
  { changes }: Extract<SaveResult, { kind: 'overtaken' }>,
  name: string,
): readonly string[] {
  const { formats, t } = state
  const prefix = `resources[${JSON.stringify(name)}]`
  return changes.flatMap(({ at, by, differences }) =>
    differences.map(({ path, from, to }) => {
      const part = path.slice(prefix.length + 1)
      const text = (value: unknown) => resourceValueText(state, part, value)
      const what = resourcePartText(t, part) || name
      return t('resources.change', { time: formats.time(at), by, what, from: text(from), to: text(to) })
    }),
  )
}
