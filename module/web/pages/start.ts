/** The FTP server tab: how it is, and the one button. */
import { Router } from '@koa/router'
import { fields } from '../body.ts'
import type { WebState } from '../context.ts'
import { redirectWith } from '../flash.ts'
import type { WebParts } from '../parts.ts'
import { requires } from '../steps/identity.ts'
import { render } from '../views.ts'

export function start({ service }: WebParts): Router<WebState> {
  const router = new Router<WebState>()

  router.get('/', (ctx) => render(ctx, 'pages/start', { status: service.status() }))

  router.post('/turn', requires('operate'), async (ctx) => {
    const on = fields(ctx)['to'] === 'on'
    await service.change({ enabled: on }, ctx.state.identity.name)
    redirectWith(ctx, '/', on ? 'start.turnedOn' : 'start.turnedOff')
  })

  return router
}
