/** Ending a session or only its transfer: both ask first, and disconnecting offers what may come with it. */
import { Router } from '@koa/router'
import type { SessionRow } from '../../activity/session-record.ts'
import { isOwn, KickRefused, type KickOutcome } from '../../service/kick.ts'
import { DEFAULT_DOMAIN } from '../../settings/domain.ts'
import { rulesAt, SERVER_RULES } from '../../settings/rule-lists.ts'
import { errorsOf, orderOf, refusedAt, typedOf, UNTOUCHED, type Errors, type Typed } from '../activity/kick-form.ts'
import { progressText, sinceText } from '../activity/rows.ts'
import { nameOf, sessionPath } from '../activity/session-page.ts'
import { fields } from '../body.ts'
import type { WebContext, WebState } from '../context.ts'
import { redirectWith, setFlash } from '../flash.ts'
import type { WebParts } from '../parts.ts'
import { may } from '../permission.ts'
import { requires } from '../steps/identity.ts'
import { render } from '../views.ts'

export function activityDisconnect({ service }: WebParts): Router<WebState> {
  const router = new Router<WebState>()
  const found = (ctx: WebContext & { params: { id?: string } }): SessionRow =>
    service.activity.details(ctx.params.id ?? '')?.row ?? ctx.throw(404)

  router.get('/activity/:id/disconnect', requires('operate'), (ctx) => {
    show(ctx, service, found(ctx), UNTOUCHED, {})
  })

  router.post('/activity/:id/disconnect', requires('operate'), async (ctx) => {
    const row = found(ctx)
    const typed = typedOf(fields(ctx))
    if ((typed.after === 'block' || typed.disable) && !may(ctx.state.identity, 'manage')) ctx.throw(403)
    const errors = errorsOf(ctx, row, typed)
    if (Object.keys(errors).length > 0) return refuse(ctx, service, row, typed, errors)
    try {
      const by = { name: ctx.state.identity.name, address: ctx.ip, confirm: typed.confirm }
      tell(ctx, row, await service.supervisor.kick(row.id, orderOf(typed), by))
    } catch (error) {
      if (!(error instanceof KickRefused)) throw error
      if (error.problem === 'gone') return gone(ctx)
      refuse(ctx, service, row, typed, refusedAt(ctx, row, error.problem))
    }
  })

  router.get('/activity/:id/abort', requires('operate'), (ctx) => {
    const row = found(ctx)
    const transfer = row.transfer?.path ?? ''
    const data = { path: sessionPath(row.id), name: nameOf(ctx, row), transfer, progress: progressText(ctx, row) }
    render(ctx, 'pages/activity-abort', data)
  })

  router.post('/activity/:id/abort', requires('operate'), (ctx) => {
    const { id } = found(ctx)
    const done = service.supervisor.abortTransfer(id, ctx.state.identity.name)
    redirectWith(ctx, sessionPath(id), done ? 'activity.abort.done' : 'activity.abort.none')
  })

  return router
}

type Service = WebParts['service']

function refuse(ctx: WebContext, service: Service, row: SessionRow, typed: Typed, errors: Errors): void {
  ctx.status = 422
  show(ctx, service, row, typed, errors)
}

function show(ctx: WebContext, service: Service, row: SessionRow, typed: Typed, errors: Errors): void {
  if (row.ended) return gone(ctx)
  const settings = service.settings()
  const domain = row.domain === DEFAULT_DOMAIN ? undefined : settings.domains.find(({ id }) => id === row.domain)
  render(ctx, 'pages/activity-disconnect', {
    path: sessionPath(row.id),
    name: nameOf(ctx, row),
    address: row.address,
    since: sinceText(ctx, row.since),
    transfer: row.transfer?.path ?? '',
    others: service.activity.othersOf(row.address, row.id).length,
    account: row.guest ? '' : (row.user ?? ''),
    domain: domain?.name ?? '',
    emptyRules: rulesAt(settings, SERVER_RULES)?.length === 0,
    domainEmptyRules: domain?.access.rules.length === 0,
    own: isOwn(row.address, ctx.ip),
    typed,
    errors: { minutes: '', confirm: '', message: '', after: '', ...errors },
  })
}

function gone(ctx: WebContext): void {
  setFlash(ctx, { kind: 'warning', key: 'activity.kick.problems.gone', values: {} })
  ctx.status = 303
  ctx.redirect(`${ctx.state.base}/activity`)
}

function tell(ctx: WebContext, row: SessionRow, { sessions, banned, blocked, address, disabled }: KickOutcome): void {
  const { t } = ctx.state
  const also = [
    ...(sessions > 1 ? [t('activity.kick.done.others', { count: sessions - 1 })] : []),
    ...(banned ? [t('activity.kick.done.banned', { address })] : []),
    ...(blocked ? [t('activity.kick.done.blocked', { address })] : []),
    ...(disabled === undefined ? [] : [t('activity.kick.done.disabled', { name: disabled })]),
  ]
  redirectWith(ctx, '/activity', 'activity.kick.done.all', { name: nameOf(ctx, row), also: also.join(' ') })
}
