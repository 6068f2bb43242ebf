/** What the views need of a page of settings. */
import type { Problem } from '../../settings/problems.ts'
import type { WebContext } from '../context.ts'
import type { FieldError } from '../form/errors.ts'
import { fieldView } from '../form/field-view.ts'
import { remembered, type Inputs } from '../form/form.ts'
import { problemText } from '../problem-text.ts'
import type { ReplayView } from '../replay/view.ts'
import { differenceRows } from './difference-rows.ts'
import { SETTINGS_NAVIGATION, type FilledGroup } from './layout.ts'
import { problemLine } from './problem-place.ts'
import type { Meanwhile } from './saving.ts'

/** What is shown in the inputs, and what is said of it. */
export interface Shown {
  readonly inputs: Inputs
  /** What is stored: the page remembers that it was made from this. */
  readonly stored: Inputs
  readonly revision: string
  readonly errors?: readonly FieldError[]
  readonly other?: readonly Problem[]
  readonly meanwhile?: Meanwhile
  /** Whether there is something that is not saved. */
  readonly unsaved?: boolean
  /** What the change would have done, where somebody asked. */
  readonly replay?: ReplayView
}

export function pageView(ctx: WebContext, groups: readonly FilledGroup[], shown: Shown): object {
  const { t } = ctx.state
  const { inputs, errors = [], other = [], meanwhile } = shown
  const errorText = ({ entry, problem }: FieldError) => {
    const text = problemText(problem, t)
    return entry === undefined ? text : t('settings.entryProblem', { entry, text })
  }
  return {
    groups: groups.map(({ id, fields }) => ({
      id,
      fields: fields.map((field) =>
        fieldView(ctx.state, field, inputs.get(field.path) ?? { text: '' }, errors, errorText),
      ),
    })),
    was: remembered(shown.stored),
    revision: shown.revision,
    refused: errors.length + other.length,
    other: other.map((problem) => problemLine(ctx.state, problem)),
    meanwhile: meanwhile && {
      names: meanwhile.names.join(', '),
      rows: differenceRows(ctx.state, meanwhile.differences),
    },
    unsaved: shown.unsaved ?? false,
  }
}

/** The navigation inside the tab. */
export function settingsNavigation(current: string): readonly { id: string; path: string; current: boolean }[] {
  return SETTINGS_NAVIGATION.map(({ id, path }) => ({ id, path, current: id === current }))
}
