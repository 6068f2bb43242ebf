/** A new place of the pages that is on trial: every page says so, and at the new place how to keep it. */
import type { Middleware } from 'koa'
import type { ShellParts } from './parts.ts'

export function showPlace({ place }: Pick<ShellParts, 'place'>): Middleware {
  return async (ctx, next) => {
    const { trial } = place
    if (trial) {
      const { url, by, secondsLeft } = trial
      const link = new URL('/appliance/system', url).href
      ctx.state['above'] = { view: 'shell/web-trial.njk', link, url, by, secondsLeft, here: place.onTrial(ctx.req) }
    }
    await next()
  }
}
