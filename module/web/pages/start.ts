/** The FTP server tab: how it is, what goes on, what needs attention, and the one button. */
import { Router } from '@koa/router'
import { moverKind } from '../../ftp/data/chosen-mover.ts'
import { fields } from '../body.ts'
import type { WebContext, WebState } from '../context.ts'
import { redirectWith } from '../flash.ts'
import { live } from '../live.ts'
import type { WebParts } from '../parts.ts'
import { lastEntries } from '../start/last-entries.ts'
import { liveParts } from '../start/live-parts.ts'
import * as view from '../start/parts.ts'
import { endOf, PAUSES, pauseOf } from '../start/pause.ts'
import { requires } from '../steps/identity.ts'
import { render } from '../views.ts'

export function start(parts: WebParts): Router<WebState> {
  const { service } = parts
  const router = new Router<WebState>()

  router.get('/', async (ctx) => {
    const entries = await lastEntries(service.journal, view.ENTRIES)
    render(ctx, 'pages/start', {
      status: view.statusPart(ctx, parts),
      figures: view.figuresPart(ctx, parts),
      throughput: view.throughputPart(ctx, parts),
      samples: JSON.stringify(view.points(service.statistics.samples())),
      mover: moverKind(),
      addresses: view.addressesPart(parts),
      warnings: view.warningsPart(ctx, parts),
      log: view.logPart(ctx, entries),
    })
  })

  router.get('/live', (ctx) => live(ctx, (signal) => liveParts(ctx, parts, signal)))

  router.get('/turn-off', requires('operate'), (ctx) => {
    const { timeZone } = ctx.state.presentation
    const pauses = PAUSES.map((pause) => {
      const end = endOf(pause, timeZone)
      return { pause, until: end === undefined ? '' : ctx.state.formats.dateTime(end) }
    })
    const { sessions, transfers } = service.statistics
    render(ctx, 'pages/turn-off', { pauses, sessions, transfers })
  })

  router.post('/turn', requires('operate'), async (ctx) => {
    const { to, for: length = 'always' } = fields(ctx)
    if (to === 'on') await turnOn(ctx, parts)
    else if (to === 'off') await turnOff(ctx, parts, length)
    else ctx.throw(400)
  })

  return router
}

async function turnOn(ctx: WebContext, { service }: WebParts): Promise<void> {
  try {
    await service.change({ enabled: true, pausedUntil: null }, ctx.state.identity.name)
  } catch (error) {
    // The page says why; anything else is a fault of ours.
    if (service.status().state !== 'failed') throw error
    ctx.status = 303
    ctx.redirect(`${ctx.state.base}/`)
    return
  }
  redirectWith(ctx, '/', 'start.turnedOn')
}

async function turnOff(ctx: WebContext, { service }: WebParts, length: string): Promise<void> {
  const { identity, presentation, formats } = ctx.state
  const pause = pauseOf(length) ?? ctx.throw(400)
  const end = endOf(pause, presentation.timeZone)
  if (end === undefined) {
    await service.change({ enabled: false, pausedUntil: null }, identity.name)
    return redirectWith(ctx, '/', 'start.turnedOff')
  }
  await service.change({ enabled: true, pausedUntil: new Date(end).toISOString() }, identity.name)
  redirectWith(ctx, '/', 'start.pausedUntil', { time: formats.dateTime(end) })
}
