/** The form of one access rule: a new one, or one of a list. */
import { Router } from '@koa/router'
import type { RulePlace } from '../../settings/rule-lists.ts'
import { accessNavigation } from '../access/navigation.ts'
import { newPosition } from '../access/position.ts'
import { LIST_ROUTE, placeIn, placeName, placePage, placePath } from '../access/place.ts'
import { maskText } from '../access/mask-text.ts'
import { PAGE, queryText } from '../access/rows.ts'
import { ruleOf, typedIn, typedOf, type RuleErrors, type RuleTyped } from '../access/rule-input.ts'
import { onTrial, saveRules } from '../access/save.ts'
import { answersPart, asksReplay, replayView, type ReplayView } from '../replay/view.ts'
import { rulesPatch } from '../../settings/rule-lists.ts'
import { fields } from '../body.ts'
import type { WebContext, WebState } from '../context.ts'
import type { WebParts } from '../parts.ts'
import { requires } from '../steps/identity.ts'
import { render } from '../views.ts'

interface Shown {
  readonly place: RulePlace
  readonly typed: RuleTyped
  /** Position of the rule that is changed, from 0; absent for a new one. */
  readonly at?: number | undefined
  readonly revision: string
  readonly errors?: RuleErrors
  readonly overtaken?: boolean
  /** What the rule would have done, where somebody asked. */
  readonly replay?: ReplayView
}

export function accessRule({ service }: WebParts): Router<WebState> {
  const router = new Router<WebState>()

  const show = (
    ctx: WebContext,
    { place, typed, at, revision, errors = {}, overtaken = false, replay }: Shown,
  ): void => {
    const { rules } = service.rules.list(place) ?? ctx.throw(404)
    render(ctx, 'pages/access-rule', {
      navigation: accessNavigation('rules'),
      name: placeName(ctx.state.t, place, service.settings()),
      path: placePath(place),
      back: placePage(place),
      typed,
      editing: at !== undefined,
      at,
      most: rules.length + (at === undefined ? 1 : 0),
      revision,
      errors,
      overtaken,
      replay,
      onTrial: onTrial(ctx),
      mask: typed.mask === '' ? undefined : maskText(ctx.state, typed.mask),
    })
  }

  router.get(`${LIST_ROUTE}/rule`, requires('manage'), (ctx) => {
    const place = placeIn(ctx, service.settings())
    const { rules, revision } = service.rules.list(place) ?? ctx.throw(404)
    const { at: asked, mask = '', action = 'allow' } = ctx.query
    if (asked === undefined) {
      const typed = typedIn({ mask: String(mask), action: String(action), position: String(newPosition(rules)) })
      return show(ctx, { place, typed, revision })
    }
    const at = Number(asked)
    const rule = rules[at] ?? ctx.throw(404)
    show(ctx, { place, typed: typedOf(rule, at, ctx.state), at, revision })
  })

  router.post(`${LIST_ROUTE}/rule`, requires('manage'), async (ctx) => {
    const place = placeIn(ctx, service.settings())
    const { rules, revision: current } = service.rules.list(place) ?? ctx.throw(404)
    const sent = fields(ctx)
    const { revision = '' } = sent
    const old = sent['at'] === undefined || sent['at'] === '' ? undefined : Number(sent['at'])
    const typed = typedIn(sent)
    if (revision !== current && !asksReplay(ctx)) {
      // What was typed stays; as the list has changed its position may mean another rule, so it becomes a new one.
      ctx.status = 409
      return show(ctx, { place, typed, revision: current, overtaken: true })
    }
    const rest = old === undefined ? rules : rules.toSpliced(old, 1)
    const read = ruleOf(ctx.state, typed, rest.length + 1, old === undefined ? undefined : rules[old])
    if ('errors' in read) {
      if (asksReplay(ctx) && answersPart(ctx, { problems: Object.values(read.errors) })) return undefined
      ctx.status = 422
      return show(ctx, { place, typed, at: old, revision, errors: read.errors })
    }
    const next = rest.toSpliced(read.at, 0, read.rule)
    if (asksReplay(ctx)) {
      const replay = await replayView(ctx, service, rulesPatch(service.settings(), place, next))
      return answersPart(ctx, replay) ? undefined : show(ctx, { place, typed, at: old, revision, replay })
    }
    const query = queryText({ search: '', sorted: false, page: Math.floor(read.at / PAGE) + 1 })
    const done = old === undefined ? 'access.rule.added' : 'access.rule.changed'
    const values = { mask: read.rule.mask }
    await saveRules(service, ctx, { place, rules: next, done, values, query })
  })

  return router
}
