/** The question before an access rule is deleted, with what the list without it would have done. */
import { Router } from '@koa/router'
import { printable } from '../../ftp/printable.ts'
import { rulesPatch, type RulePlace } from '../../settings/rule-lists.ts'
import { LIST_ROUTE, placeIn, placePage, placePath } from '../access/place.ts'
import { position } from '../access/position.ts'
import { onTrial, saveRules } from '../access/save.ts'
import { fields } from '../body.ts'
import type { WebContext, WebState } from '../context.ts'
import type { WebParts } from '../parts.ts'
import { answersPart, asksReplay, replayView, type ReplayView } from '../replay/view.ts'
import { requires } from '../steps/identity.ts'
import { render } from '../views.ts'

export function accessDelete({ service }: WebParts): Router<WebState> {
  const router = new Router<WebState>()

  const show = (ctx: WebContext, place: RulePlace, at: number, replay?: ReplayView): void => {
    const { rules, revision } = service.rules.list(place) ?? ctx.throw(404)
    render(ctx, 'pages/access-rule-delete', {
      at,
      // Of the list that the question was made from: what has changed since is not deleted by its number.
      revision: fields(ctx)['revision'] ?? revision,
      action: rules[at]?.action,
      mask: rules[at]?.mask,
      note: printable(rules[at]?.note ?? ''),
      path: placePath(place),
      back: placePage(place),
      onTrial: onTrial(ctx),
      replay,
    })
  }

  router.get(`${LIST_ROUTE}/delete`, requires('manage'), (ctx) => {
    const place = placeIn(ctx, service.settings())
    const { rules } = service.rules.list(place) ?? ctx.throw(404)
    show(ctx, place, position(ctx, ctx.query['at'], rules))
  })

  router.post(`${LIST_ROUTE}/delete`, requires('manage'), async (ctx) => {
    const place = placeIn(ctx, service.settings())
    const { rules } = service.rules.list(place) ?? ctx.throw(404)
    const at = position(ctx, fields(ctx)['at'], rules)
    const next = rules.toSpliced(at, 1)
    if (asksReplay(ctx)) {
      const replay = await replayView(ctx, service, rulesPatch(service.settings(), place, next))
      return answersPart(ctx, replay) ? undefined : show(ctx, place, at, replay)
    }
    const values = { mask: rules[at]?.mask ?? '' }
    await saveRules(service, ctx, { place, rules: next, done: 'access.rules.deleted', values })
  })

  return router
}
