/** The tab "FTP resources": the list, switching single resources on and off, and deleting them. */
import { Router } from '@koa/router'
import { fields } from '../body.ts'
import type { WebContext, WebState } from '../context.ts'
import { redirectWith } from '../flash.ts'
import type { WebParts } from '../parts.ts'
import { resourcePath } from '../resources/links.ts'
import { found, resourceRows } from '../resources/list.ts'
import { editResources } from '../resources/save.ts'
import { requires } from '../steps/identity.ts'
import { render } from '../views.ts'

/** A list that is longer has a search. */
const SHORT = 20

export function resources({ service, shell }: WebParts): Router<WebState> {
  const router = new Router<WebState>()

  router.get('/resources', async (ctx) => {
    const [states, roots] = await Promise.all([service.resources(), shell.storage.roots()])
    const all = resourceRows(ctx, service.settings().resources, states, roots)
    const search = new URLSearchParams(ctx.querystring).get('q') ?? ''
    render(ctx, 'pages/resources', { rows: found(all, search), total: all.length, long: all.length > SHORT, search })
  })

  router.get(['/resources/named/:name/delete', '/resources/:name/delete'], requires('manage'), (ctx) => {
    const name = existing(ctx, ctx.params['name'])
    render(ctx, 'pages/resource-delete', { name, path: resourcePath(name) })
  })

  router.post(['/resources/named/:name/delete', '/resources/:name/delete'], requires('manage'), async (ctx) => {
    const name = existing(ctx, ctx.params['name'])
    await editResources(service, ctx.state.identity.name, (all) => all.filter((one) => one.name !== name))
    redirectWith(ctx, '/resources', 'resources.deleted', { name })
  })

  router.post(['/resources/named/:name/switch', '/resources/:name/switch'], requires('manage'), async (ctx) => {
    const name = existing(ctx, ctx.params['name'])
    const enabled = fields(ctx)['to'] === 'on'
    await editResources(service, ctx.state.identity.name, (all) =>
      all.map((one) => (one.name === name ? { ...one, enabled } : one)),
    )
    redirectWith(ctx, '/resources', enabled ? 'resources.switchedOn' : 'resources.switchedOff', { name })
  })

  function existing(ctx: WebContext, name: string | undefined): string {
    const resource = service.settings().resources.find((one) => one.name === name)
    return resource?.name ?? ctx.throw(404, 'resource')
  }

  return router
}
