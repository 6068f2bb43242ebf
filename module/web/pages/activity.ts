/** The Activity tab: who is connected and what they do, live; those who have gone; a word to everybody. */
import { Router } from '@koa/router'
import { LONGEST_MESSAGE, messageText } from '../../activity/chat.ts'
import { columns } from '../activity/columns.ts'
import { listQuery, listText, LONGEST_WORDS, SHOWN } from '../activity/query.ts'
import { aroundOf, Watch } from '../activity/watch.ts'
import { fields } from '../body.ts'
import type { WebContext, WebState } from '../context.ts'
import { redirectWith } from '../flash.ts'
import { live } from '../live.ts'
import type { WebParts } from '../parts.ts'
import { requires } from '../steps/identity.ts'
import { render } from '../views.ts'

export function activity({ service }: WebParts): Router<WebState> {
  const router = new Router<WebState>()
  const watch = new Watch(service)

  router.get('/activity', (ctx) => {
    const query = listQuery(ctx.querystring)
    const chosen = watch.choose(query, { anew: true })
    const { t } = ctx.state
    render(ctx, 'pages/activity', {
      ...aroundOf(chosen),
      off: ['off', 'failed'].includes(service.status().state),
      query,
      shown: SHOWN,
      longest: LONGEST_WORDS,
      narrowed: query.words !== '' || query.shown !== 'all',
      columns: columns(t, query, watch.severalDomains),
      rows: chosen.rows.map((row) => watch.row(ctx, row).html),
      here: listText({ ...query, page: chosen.page }),
      previous: listText({ ...query, page: chosen.page - 1 }),
      next: listText({ ...query, page: chosen.page + 1 }),
      now: Date.now(),
      durations: JSON.stringify([
        t('units.seconds'),
        t('units.minutesSeconds'),
        t('units.hoursMinutes'),
        t('units.daysHours'),
      ]),
    })
  })

  router.get('/activity/live', (ctx) => {
    const query = listQuery(ctx.querystring)
    live(ctx, (signal) => watch.follow(ctx, query, signal))
  })

  router.get('/activity/finished', (ctx) => {
    const words = listQuery(ctx.querystring).words
    const all = service.activity.finished()
    const rows = all
      .filter(({ user = '', address, program }) =>
        [user, address, program].some((text) => text.toLowerCase().includes(words)),
      )
      .map((row) => finishedRow(ctx, row))
    render(ctx, 'pages/activity-finished', { rows, words, longest: LONGEST_WORDS, kept: all.length })
  })

  router.get('/activity/broadcast', requires('operate'), (ctx) => {
    render(ctx, 'pages/activity-broadcast', {
      sessions: service.activity.picture().sessions.length,
      typed: '',
      problem: '',
    })
  })

  router.post('/activity/broadcast', requires('operate'), (ctx) => {
    const { text = '' } = fields(ctx)
    const { t, identity, formats } = ctx.state
    const reached = text.trim().length > LONGEST_MESSAGE ? 0 : service.supervisor.broadcast(text, identity.name)
    if (reached > 0)
      return redirectWith(ctx, '/activity', 'activity.broadcast.done', { number: formats.number(reached) })
    ctx.status = 422
    const problem =
      messageText(text) === ''
        ? t('activity.chat.empty')
        : text.trim().length > LONGEST_MESSAGE
          ? t('activity.chat.tooLong', { count: LONGEST_MESSAGE })
          : t('activity.broadcast.nobody')
    render(ctx, 'pages/activity-broadcast', {
      sessions: service.activity.picture().sessions.length,
      typed: text,
      problem,
    })
  })

  return router
}

function finishedRow(
  { state: { t, formats } }: WebContext,
  row: ReturnType<WebParts['service']['activity']['finished']>[number],
) {
  const { id, user = '', address, program, ended, downloaded, uploaded } = row
  return {
    id,
    user,
    address,
    program,
    ended: ended ? formats.dateTime(ended.at) : '',
    lasted: ended ? formats.duration(ended.seconds) : '',
    reason: ended ? t(`activity.reasons.${ended.reason}`) : '',
    downloaded: formats.bytes(downloaded),
    uploaded: formats.bytes(uploaded),
  }
}
