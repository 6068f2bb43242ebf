/** Rules on trial: every page says so, with the way to keep them, until they are confirmed or undone. */
import type { Middleware } from 'koa'
import type { FtpService } from '../../service.ts'
import { placeName } from '../access/place.ts'
import type { WebContext } from '../context.ts'

/** What the pages show of a trial. */
export interface ShownTrial {
  readonly by: string
  readonly names: string
  readonly secondsLeft: number
  /** When they are undone, for those whose page does not count down. */
  readonly until: string
  /** The page to come back to. */
  readonly here: string
}

export function showTrial({ service }: { readonly service: Pick<FtpService, 'rules' | 'settings'> }): Middleware {
  return async (ctx, next) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the steps before have made it one
    const web = ctx as unknown as WebContext
    const { t, formats } = web.state
    const current = service.rules.trial
    if (current) {
      const settings = service.settings()
      web.state.trial = {
        by: current.by,
        names: current.places.map((place) => placeName(t, place, settings)).join(', '),
        secondsLeft: current.secondsLeft,
        until: formats.time(Date.now() + current.secondsLeft * 1000),
        here: ctx.method === 'GET' ? ctx.path + ctx.search : '/access',
      }
    }
    await next()
  }
}
