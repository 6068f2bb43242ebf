/** Whether there are domains, and what they are called: pages that name them do so only once there is a second one. */
import type { Middleware } from 'koa'
import type { FtpService } from '../../service.ts'
import type { WebContext } from '../context.ts'

export function knowDomains({ service }: { readonly service: Pick<FtpService, 'settings'> }): Middleware {
  return async (ctx, next) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the steps before have made it one
    const web = ctx as unknown as WebContext
    web.state.domains = new Map(service.settings().domains.map(({ id, name }) => [id, name]))
    await next()
  }
}
