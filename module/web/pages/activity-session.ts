/** One session: what it does, live; its whole log and the conversation with the client. */
import { Router } from '@koa/router'
import { LONGEST_MESSAGE, messageText } from '../../activity/chat.ts'
import type { SessionDetails } from '../../activity/registry.ts'
import { followSession, seenOf, sessionData, sessionPath } from '../activity/session-page.ts'
import { fields } from '../body.ts'
import type { WebContext, WebState } from '../context.ts'
import { lastEventId, live } from '../live.ts'
import type { WebParts } from '../parts.ts'
import { requires } from '../steps/identity.ts'
import { render } from '../views.ts'

export function activitySession({ service }: WebParts): Router<WebState> {
  const router = new Router<WebState>()
  const found = (ctx: WebContext & { params: { id?: string } }): SessionDetails =>
    service.activity.details(ctx.params.id ?? '') ?? ctx.throw(404)

  router.get('/activity/:id', (ctx) => {
    render(ctx, 'pages/activity-session', sessionData(ctx, service, found(ctx), false))
  })

  router.get('/activity/:id/spy', (ctx) => {
    render(ctx, 'pages/activity-session', sessionData(ctx, service, found(ctx), true))
  })

  router.get('/activity/:id/live', (ctx) => {
    const { row } = found(ctx)
    const { after } = ctx.query
    const seen = typeof after === 'string' ? seenOf(lastEventId(ctx) || after) : undefined
    live(ctx, (signal) => followSession(ctx, service, row.id, { seen, signal }))
  })

  router.post('/activity/:id/message', requires('operate'), (ctx) => {
    const details = found(ctx)
    const { text = '' } = fields(ctx)
    const { t, base, identity } = ctx.state
    const { id } = details.row
    const problem =
      wrongWith(text, t) ?? (service.supervisor.message(id, text, identity.name) ? '' : t('activity.chat.full'))
    if (problem !== '') {
      ctx.status = 422
      return render(ctx, 'pages/activity-session', {
        ...sessionData(ctx, service, details, true),
        typed: text,
        problem,
      })
    }
    ctx.status = 303
    ctx.redirect(`${base}${sessionPath(id)}/spy`)
  })

  return router
}

function wrongWith(text: string, t: WebState['t']): string | undefined {
  if (messageText(text) === '') return t('activity.chat.empty')
  return text.trim().length > LONGEST_MESSAGE ? t('activity.chat.tooLong', { count: LONGEST_MESSAGE }) : undefined
}
