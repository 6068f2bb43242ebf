/** Rule lists as CSV: the export, and the import with what it would change shown before anything does. */
import { Router } from '@koa/router'
import { exportRules, planImport, previewImport, type ImportPreview } from '../../access/csv.ts'
import { printable } from '../../ftp/printable.ts'
import type { AccessRule } from '../../settings/access.ts'
import { rulesPatch, type RulePlace } from '../../settings/rule-lists.ts'
import { LIST_ROUTE, placeIn, placeName, placePage, placePath } from '../access/place.ts'
import { accessNavigation } from '../access/navigation.ts'
import { onTrial, saveRules } from '../access/save.ts'
import { fields } from '../body.ts'
import type { WebContext, WebState } from '../context.ts'
import type { WebParts } from '../parts.ts'
import { problemText } from '../problem-text.ts'
import { answersPart, asksReplay, replayView, type ReplayView } from '../replay/view.ts'
import { PendingRestores } from '../settings/pending-restores.ts'
import { requires } from '../steps/identity.ts'
import { render } from '../views.ts'

/** Rules and problems that the preview shows; the rest is counted. */
const SHOWN = 50

/** The file that waits, and what somebody has chosen to do with it. */
interface Chosen {
  readonly name: string
  readonly mode: 'append' | 'replace'
  readonly replay?: ReplayView
}

export function accessImport({ service }: WebParts): Router<WebState> {
  const router = new Router<WebState>()
  const pending = new PendingRestores()

  router.get(`${LIST_ROUTE}/export`, (ctx) => {
    const place = placeIn(ctx, service.settings())
    const { rules } = service.rules.list(place) ?? ctx.throw(404)
    ctx.attachment(`ip-rules-${place.level}${place.name && '-'}${place.name.replaceAll(/[^\w.-]+/g, '_')}.csv`)
    ctx.type = 'text/csv; charset=utf-8'
    ctx.body = exportRules(rules)
  })

  router.get(`${LIST_ROUTE}/import`, requires('manage'), (ctx) => form(ctx, placeIn(ctx, service.settings())))

  router.post(`${LIST_ROUTE}/import`, requires('manage'), (ctx) => {
    const place = placeIn(ctx, service.settings())
    const { file = '', text = '' } = fields(ctx)
    const content = file.trim() === '' ? text : file
    const read = previewImport(content)
    if (content.trim() === '' || read.problems.length > 0) {
      ctx.status = 422
      return form(ctx, place, text, content.trim() === '' ? undefined : read, content.trim() === '')
    }
    const { revision } = service.rules.list(place) ?? ctx.throw(404)
    const name = pending.put(ctx.state.identity.sessionId, { text: content, revision })
    preview(ctx, place, read, { name, mode: 'append' })
  })

  router.post(`${LIST_ROUTE}/import/confirm`, requires('manage'), async (ctx) => {
    const place = placeIn(ctx, service.settings())
    const { name = '', mode: chosen } = fields(ctx)
    const mode = chosen === 'replace' ? 'replace' : 'append'
    const asks = asksReplay(ctx)
    const waiting = pending[asks ? 'look' : 'take'](ctx.state.identity.sessionId, name)
    if (!waiting) {
      ctx.status = 422
      return form(ctx, place, '', undefined, true)
    }
    const { rules } = service.rules.list(place) ?? ctx.throw(404)
    const read = previewImport(waiting.text)
    const plan = planImport(rules, read, mode)
    if (asks) {
      const replay = await replayView(ctx, service, rulesPatch(service.settings(), place, plan.rules))
      return answersPart(ctx, replay) ? undefined : preview(ctx, place, read, { name, mode, replay })
    }
    // The question, if there is one, needs it once more.
    const again = { name: pending.put(ctx.state.identity.sessionId, waiting) }
    const values = { added: String(plan.added.length), removed: String(plan.removed.length) }
    await saveRules(service, ctx, { place, rules: plan.rules, done: 'access.import.done', values, again })
  })

  function form(ctx: WebContext, place: RulePlace, text = '', read?: ImportPreview, nothing = false): void {
    const problems = read?.problems ?? []
    render(ctx, 'pages/access-import', {
      ...names(ctx, place),
      text,
      nothing,
      total: problems.length,
      problems: problems.slice(0, SHOWN).map(({ line, message, meant }) => ({
        line,
        text: problemText({ text: message }, ctx.state.t),
        meant,
      })),
    })
  }

  function preview(
    ctx: WebContext,
    place: RulePlace,
    read: ImportPreview,
    { name, mode: chosen, replay }: Chosen,
  ): void {
    const { rules, revision } = service.rules.list(place) ?? ctx.throw(404)
    const modes = (['append', 'replace'] as const).map((mode) => {
      const { added, removed, rules: after } = planImport(rules, read, mode)
      return {
        mode,
        chosen: mode === chosen,
        added: shown(added),
        addedCount: added.length,
        removed: shown(removed),
        removedCount: removed.length,
        after: after.length,
      }
    })
    const repeats = read.rules.filter((one) => one.repeats !== undefined).slice(0, SHOWN)
    const normalised = read.rules.filter((one) => one.normalised !== undefined).slice(0, SHOWN)
    const count = read.rules.length
    render(ctx, 'pages/access-import-preview', {
      ...names(ctx, place),
      name,
      revision: fields(ctx)['revision'] ?? revision,
      onTrial: onTrial(ctx),
      replay,
      modes,
      repeats,
      normalised,
      count,
    })
  }

  function names(ctx: WebContext, place: RulePlace) {
    return {
      navigation: accessNavigation('rules'),
      list: placeName(ctx.state.t, place, service.settings()),
      path: placePath(place),
      back: placePage(place),
    }
  }

  return router
}

const shown = (rules: readonly AccessRule[]) =>
  rules.slice(0, SHOWN).map(({ action, mask, note }) => ({ action, mask, note: printable(note) }))
