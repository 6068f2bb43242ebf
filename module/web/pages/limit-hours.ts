/** Settings → Limits → days and hours: the server's own limits at certain hours. */
import { Router } from '@koa/router'
import { SERVER_HOUR_LIMITS } from '../../settings/schema.ts'
import { zoneOf } from '../accounts/directory.ts'
import {
  editedHours,
  filledRows,
  hoursOf,
  hoursView,
  readHours,
  typedHours,
  type TypedHours,
} from '../accounts/hours-form.ts'
import { saveChange, shownOvertaken, shownProblems, type Overtaken, type ShownProblems } from '../accounts/save.ts'
import { fields } from '../body.ts'
import type { WebContext, WebState } from '../context.ts'
import { redirectWith } from '../flash.ts'
import type { WebParts } from '../parts.ts'
import { settingsNavigation } from '../settings/page-view.ts'
import { requires } from '../steps/identity.ts'
import { render } from '../views.ts'

const PATH = '/settings/limits/hours'

interface Shown {
  readonly rows: readonly TypedHours[]
  readonly revision: string
  readonly problems?: ShownProblems
  readonly overtaken?: Overtaken
  readonly changed?: boolean
}

export function limitHours({ service, shell }: WebParts): Router<WebState> {
  const router = new Router<WebState>()

  router.get(PATH, (ctx) => {
    const rows = typedHours(service.settings().settings.limits.hours, ctx.state.t)
    show(ctx, { rows, revision: service.revision() })
  })

  router.post(PATH, requires('manage'), async (ctx) => {
    const { do: button = 'save', revision = '' } = fields(ctx)
    const typed = readHours(ctx, SERVER_HOUR_LIMITS)
    const edited = editedHours(typed, button)
    if (edited) return show(ctx, { rows: edited, revision, changed: true })
    const rows = filledRows(typed)
    const { value, problems } = hoursOf(rows, ctx.state.t)
    const patch = { settings: { limits: { hours: value } } }
    const result =
      problems.length > 0
        ? ({ kind: 'refused', problems } as const)
        : await saveChange(service, patch, revision, ctx.state.identity.name)
    if (result.kind === 'saved') return redirectWith(ctx, PATH, 'layout.saved')
    ctx.status = result.kind === 'refused' ? 422 : 409
    if (result.kind === 'overtaken') {
      return show(ctx, { rows, revision: service.revision(), overtaken: result, changed: true })
    }
    show(ctx, { rows, revision, problems: shownProblems(result.problems, 'settings.limits.', inHours, ctx.state.t) })
  })

  function show(ctx: WebContext, { rows, revision, problems, overtaken, changed = false }: Shown): void {
    const { t } = ctx.state
    const label = (name: string) => t(`settings.fields.limits.${name}.label`)
    render(ctx, 'pages/limit-hours', {
      navigation: settingsNavigation('limits'),
      action: PATH,
      revision,
      errors: problems?.errors ?? {},
      others: problems?.others ?? [],
      overtaken: overtaken && shownOvertaken(ctx.state, overtaken),
      changed: changed || problems !== undefined,
      hours: hoursView(rows, SERVER_HOUR_LIMITS, label, t, zoneOf(shell)),
    })
  }

  return router
}

const inHours = (name: string) => name.startsWith('hours.')
