/** Whether somebody is still logged in: asked by the script before it sends a form, and shown to who has just come back. */
import { Router } from '@koa/router'
import type { WebState } from '../context.ts'
import { render } from '../views.ts'

export function session(): Router<WebState> {
  const router = new Router<WebState>()

  router.get('/session', (ctx) => {
    if (ctx.accepts('html', 'json') === 'json') ctx.body = { token: ctx.state.csrf }
    else render(ctx, 'pages/session')
  })

  return router
}
