/** While there is no resource, every page leads back to the first steps: they are on no menu. */
import type { Middleware } from 'koa'
import type { ShellParts } from './parts.ts'

/** The steps themselves, and pages that say by themselves what to do. */
const WITHOUT = /^\/(?:appliance\/first-steps|resources(?:\/.*)?|public\/.*)?$/

export function showFirstSteps({ module }: Pick<ShellParts, 'module'>): Middleware {
  return async (ctx, next) => {
    const page = ctx.method === 'GET' && !WITHOUT.test(ctx.path) && ctx.state['above'] === undefined
    if (page && !hasResources(module)) ctx.state['above'] = { view: 'shell/first-steps-left.njk' }
    await next()
  }
}

/** Whether the module gives any folder to clients. */
export function hasResources(module: ShellParts['module']): boolean {
  return module.references().some(({ kind }) => kind === 'folder' || kind === 'storage')
}
