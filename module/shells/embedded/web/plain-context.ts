/** The context of a page as Koa made it: the same object, of which pages know more. */
import type { Context } from 'koa'
import type { WebContext } from '../../../web/context.ts'

export function plainContext(ctx: WebContext): Context {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return ctx as unknown as Context
}
