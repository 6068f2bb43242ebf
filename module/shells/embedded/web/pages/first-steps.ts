/** What to do on a machine that has just been set up, and what of it is done. */
import { Router } from '@koa/router'
import type { WebState } from '../../../../web/context.ts'
import { render } from '../../../../web/views.ts'
import type { ShellParts } from '../parts.ts'
import { hasResources } from '../show-first-steps.ts'

export function firstSteps({ shell, module }: ShellParts): Router<WebState> {
  const router = new Router<WebState>()
  router.get('/appliance/first-steps', async (ctx) => {
    const users = (await shell.users.list()).length > 0
    const resources = hasResources(module)
    const on = module.status().state === 'on'
    render(ctx, 'shell/first-steps', { done: { users, resources, on } })
  })
  return router
}
