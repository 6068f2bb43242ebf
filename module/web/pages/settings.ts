/** The tab "Settings": a page for each part of the settings, all of them forms made of the schema. */
import { Router } from '@koa/router'
import { accessNavigation } from '../access/navigation.ts'
import { fields, values } from '../body.ts'
import type { WebContext, WebState } from '../context.ts'
import { redirectWith } from '../flash.ts'
import type { FormField } from '../form/field.ts'
import { inputsFrom, inputsOf, recalled } from '../form/form.ts'
import { withoutRow, withRow } from '../form/rows.ts'
import type { WebParts } from '../parts.ts'
import { answersPart, asksReplay, replayView } from '../replay/view.ts'
import { certificateInUse } from '../settings/certificates.ts'
import { groupsOf, SETTINGS_PAGES, type FilledGroup, type SettingsPage } from '../settings/layout.ts'
import { pageView, settingsNavigation, type Shown } from '../settings/page-view.ts'
import { passivePlaces } from '../settings/passive-places.ts'
import { patchPosted, savePage } from '../settings/saving.ts'
import { waysIn } from '../settings/summary.ts'
import { requires } from '../steps/identity.ts'
import { render } from '../views.ts'

export function settings(parts: WebParts): Router<WebState> {
  const router = new Router<WebState>()

  router.get('/settings/connection/places', (ctx) => {
    // A part of the page, and no page of its own.
    if (ctx.get('HX-Request') !== 'true') return ctx.redirect(`${ctx.state.base}/settings`)
    const { connections } = parts.service.settings().settings.limits
    render(ctx, 'partials/settings-places', {
      places: passivePlaces(ctx.state.t, asked(ctx, 'passivePorts'), connections),
    })
  })

  for (const page of SETTINGS_PAGES) {
    router.get(page.path, async (ctx) => {
      const groups = await groupsOf(page, parts.shell)
      const stored = inputsOf(fieldsIn(groups), parts.service.settings().settings)
      // A picker without script comes back with what was chosen.
      const chosen = page.id === 'encryption' ? asked(ctx, 'certificate') : ''
      const inputs = chosen === '' ? stored : new Map([...stored, ['tls.certificate', { text: chosen }]])
      const revision = parts.service.revision()
      await show(parts, ctx, page, groups, { inputs, stored, revision, unsaved: chosen !== '' })
    })

    router.post(page.path, requires('manage'), (ctx) => save(parts, ctx, page))
  }

  return router
}

async function save(parts: WebParts, ctx: WebContext, page: SettingsPage): Promise<void> {
  const { service, shell } = parts
  const groups = await groupsOf(page, shell)
  const all = fieldsIn(groups)
  const sent = fields(ctx)
  const inputs = inputsFrom(all, (name) => values(ctx, name))
  const was = recalled(all, sent['_was'] ?? '')
  const revision = sent['_revision'] ?? ''
  const { _add: add, _remove: remove } = sent
  if (add !== undefined || remove !== undefined) {
    const shown = add === undefined ? withoutRow(inputs, remove ?? '') : withRow(inputs, add)
    return show(parts, ctx, page, groups, { inputs: shown, stored: was, revision, unsaved: true })
  }
  if (asksReplay(ctx)) {
    const replay = await replayView(ctx, service, patchPosted(service, { fields: all, inputs, was }))
    if (!answersPart(ctx, replay)) {
      await show(parts, ctx, page, groups, { inputs, stored: was, revision, unsaved: true, replay })
    }
    return undefined
  }
  const saved = await savePage(service, { fields: all, inputs, was, revision }, ctx.state.identity.name)
  switch (saved.kind) {
    case 'saved':
      return redirectWith(ctx, page.path, 'layout.saved')
    case 'unchanged':
      return redirectWith(ctx, page.path, 'settings.unchanged')
    case 'refused':
      ctx.status = 422
      return show(parts, ctx, page, groups, { ...saved, inputs, stored: was, revision, unsaved: true })
    default: {
      ctx.status = 409
      const stored = inputsOf(all, service.settings().settings)
      return show(parts, ctx, page, groups, { ...saved, stored, revision: service.revision(), unsaved: true })
    }
  }
}

async function show(
  { service, shell }: WebParts,
  ctx: WebContext,
  page: SettingsPage,
  groups: readonly FilledGroup[],
  shown: Shown,
): Promise<void> {
  const { settings: current } = service.settings()
  const ports = shown.inputs.get('passivePorts')
  render(ctx, 'pages/settings', {
    page,
    tab: page.tab ?? 'settings',
    navigation: page.tab === 'access' ? accessNavigation('hammering') : settingsNavigation(page.id),
    ...pageView(ctx, groups, shown),
    replayed: REPLAYED.get(page.id) ?? '',
    replay: shown.replay,
    hourRows: current.limits.hours.length,
    ways: page.id === 'connection' ? waysIn(current, service.status(), ctx.hostname) : [],
    places: passivePlaces(ctx.state.t, ports && 'text' in ports ? ports.text : '', current.limits.connections),
    certificate: page.id === 'encryption' ? await certificateInUse(shell.certificates, current.tls) : undefined,
  })
}

/** Pages with settings that decide who gets in and which commands there are, each with the group that has them. */
const REPLAYED: ReadonlyMap<string, string> = new Map([
  ['connection', 'passive'],
  ['encryption', 'tls'],
  ['hammering', 'hammering'],
])

const fieldsIn = (groups: readonly FilledGroup[]): readonly FormField[] => groups.flatMap((group) => group.fields)

function asked(ctx: WebContext, name: string): string {
  const value = ctx.query[name]
  return typeof value === 'string' ? value : ''
}
