/** Moving an access rule: by the buttons of the list, and to a number, with what the new order would have done. */
import { Router } from '@koa/router'
import type { AccessRule } from '../../settings/access.ts'
import { rulesPatch, type RulePlace } from '../../settings/rule-lists.ts'
import { LIST_ROUTE, placeIn, placePage, placePath } from '../access/place.ts'
import { position } from '../access/position.ts'
import { PAGE, queryText } from '../access/rows.ts'
import { onTrial, saveRules } from '../access/save.ts'
import { fields } from '../body.ts'
import type { WebContext, WebState } from '../context.ts'
import type { WebParts } from '../parts.ts'
import { answersPart, asksReplay, replayView, type ReplayView } from '../replay/view.ts'
import { requires } from '../steps/identity.ts'
import { render } from '../views.ts'

interface Shown {
  readonly place: RulePlace
  /** Position of the rule, from 0. */
  readonly from: number
  /** The number that was typed. */
  readonly typed: string
  readonly wrong?: boolean
  readonly replay?: ReplayView
}

export function accessMove({ service }: WebParts): Router<WebState> {
  const router = new Router<WebState>()

  const show = (ctx: WebContext, { place, from, typed, wrong = false, replay }: Shown): void => {
    const { rules, revision } = service.rules.list(place) ?? ctx.throw(404)
    render(ctx, 'pages/access-rule-move', {
      at: from,
      revision: fields(ctx)['revision'] ?? revision,
      rule: rules[from],
      typed,
      most: rules.length,
      wrong,
      path: placePath(place),
      back: placePage(place),
      onTrial: onTrial(ctx),
      replay,
    })
  }

  router.get(`${LIST_ROUTE}/move`, requires('manage'), (ctx) => {
    const place = placeIn(ctx, service.settings())
    const { rules } = service.rules.list(place) ?? ctx.throw(404)
    const from = position(ctx, ctx.query['at'], rules)
    show(ctx, { place, from, typed: String(from + 1) })
  })

  router.post(`${LIST_ROUTE}/move`, requires('manage'), async (ctx) => {
    const place = placeIn(ctx, service.settings())
    const { rules } = service.rules.list(place) ?? ctx.throw(404)
    const { at, to, number, page = '1' } = fields(ctx)
    const from = position(ctx, at, rules)
    const target = number === undefined ? stepped(from, to) : numbered(number)
    const possible = Number.isInteger(target) && target >= 0 && target < rules.length
    if (!possible) {
      if (number === undefined) ctx.throw(400)
      const problem = ctx.state.t('access.rule.positionError', { most: String(rules.length) })
      if (asksReplay(ctx) && answersPart(ctx, { problems: [problem] })) return undefined
      ctx.status = 422
      return show(ctx, { place, from, typed: number ?? '', wrong: true })
    }
    const next = moved(rules, from, target)
    if (asksReplay(ctx)) {
      const replay = await replayView(ctx, service, rulesPatch(service.settings(), place, next))
      const typed = String(target + 1)
      return answersPart(ctx, replay) ? undefined : show(ctx, { place, from, typed, replay })
    }
    const shownPage = number === undefined ? Number(page) || 1 : Math.floor(target / PAGE) + 1
    const query = queryText({ search: '', sorted: false, page: shownPage })
    const values = { number: String(target + 1) }
    await saveRules(service, ctx, { place, rules: next, done: 'access.rules.moved', values, query })
  })

  return router
}

/** Where a button or the script wants it, from 0. */
function stepped(from: number, to = ''): number {
  return to === 'up' ? from - 1 : to === 'down' ? from + 1 : Number(to || Number.NaN)
}

/** The position of a number as people count; NaN for what is none. */
function numbered(typed: string): number {
  return /^\d{1,6}$/.test(typed.trim()) ? Number(typed) - 1 : Number.NaN
}

function moved(rules: readonly AccessRule[], from: number, to: number): readonly AccessRule[] {
  return rules.toSpliced(from, 1).toSpliced(to, 0, ...rules.slice(from, from + 1))
}
