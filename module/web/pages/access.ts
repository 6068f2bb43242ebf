/** The tab "Access": the IP access rules of the whole server. */
import { Router } from '@koa/router'
import { accessNavigation } from '../access/navigation.ts'
import type { WebState } from '../context.ts'
import type { WebParts } from '../parts.ts'
import { render } from '../views.ts'

export function access({ service }: WebParts): Router<WebState> {
  const router = new Router<WebState>()

  router.get('/access', (ctx) => {
    const { rules } = service.settings().settings.access
    render(ctx, 'pages/access', { navigation: accessNavigation('rules'), rules })
  })

  return router
}
