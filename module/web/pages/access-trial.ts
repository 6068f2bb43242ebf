/** The two buttons of rules on trial: keep them, or put back at once what was before. */
import { Router } from '@koa/router'
import { fields } from '../body.ts'
import type { WebContext, WebState } from '../context.ts'
import { setFlash } from '../flash.ts'
import type { WebParts } from '../parts.ts'
import { requires } from '../steps/identity.ts'

export function accessTrial({ service }: WebParts): Router<WebState> {
  const router = new Router<WebState>()

  router.post('/access/trial/confirm', requires('manage'), async (ctx) => {
    const kept = await service.rules.confirm(ctx.state.identity.name)
    back(ctx, kept ? 'access.trial.confirmed' : 'access.trial.tooLate', kept)
  })

  router.post('/access/trial/undo', requires('manage'), async (ctx) => {
    const undone = await service.rules.undo(ctx.state.identity.name)
    back(ctx, undone ? 'access.trial.undone' : 'access.trial.tooLate', undone)
  })

  return router
}

/** To the page where the button was pressed; never out of the module. */
function back(ctx: WebContext, key: string, done: boolean): void {
  const { here = '' } = fields(ctx)
  setFlash(ctx, { kind: done ? 'good' : 'warning', key, values: {} })
  ctx.status = 303
  ctx.redirect(ctx.state.base + (/^\/(?![/\\])[^\\\s]*$/.test(here) ? here : '/access'))
}
