/** The list of users: who may log in over FTP. */
import { Router } from '@koa/router'
import { fields } from '../../../../web/body.ts'
import type { WebState } from '../../../../web/context.ts'
import { redirectWith } from '../../../../web/flash.ts'
import { requires } from '../../../../web/steps/identity.ts'
import { render } from '../../../../web/views.ts'
import { audit, queryText, usesOf } from '../form.ts'
import type { ShellParts } from '../parts.ts'

const ROWS = 100

export function users(parts: ShellParts): Router<WebState> {
  const { shell } = parts
  const router = new Router<WebState>()

  router.get('/appliance/users', async (ctx) => {
    const query = queryText(ctx, 'q').trim()
    const wanted = query.toLowerCase()
    const all = await shell.users.list()
    const found = all
      .filter(({ name, groups }) => [name, ...groups].some((text) => text.toLowerCase().includes(wanted)))
      .toSorted((a, b) => a.name.localeCompare(b.name))
    const pages = Math.max(1, Math.ceil(found.length / ROWS))
    const page = Math.min(pages, Math.max(1, Number.parseInt(queryText(ctx, 'page'), 10) || 1))
    const without = shell.users.withoutPassword()
    const rows = found
      .slice((page - 1) * ROWS, page * ROWS)
      .map((user) => ({ ...user, withoutPassword: without.has(user.name) }))
    render(ctx, 'shell/users', { rows, query, page, pages, total: all.length, found: found.length })
  })

  router.post('/appliance/users/enable', requires('manage'), async (ctx) => {
    const { name = '', to } = fields(ctx)
    if (!(await shell.users.find(name))) ctx.throw(404)
    await shell.users.enable(name, to === 'on')
    audit(parts, ctx, 'user.changed', `User ${JSON.stringify(name)} was ${to === 'on' ? 'enabled' : 'disabled'}.`)
    redirectWith(ctx, '/appliance/users', to === 'on' ? 'shell.users.enabled' : 'shell.users.disabled', { name })
  })

  router.get('/appliance/users/delete', requires('manage'), async (ctx) => {
    const name = queryText(ctx, 'name')
    if (!(await shell.users.find(name))) ctx.throw(404)
    const action = '/appliance/users/delete'
    render(ctx, 'shell/delete', {
      what: 'users',
      action,
      field: 'name',
      id: name,
      uses: await usesOf(ctx, parts, 'user', name),
    })
  })

  router.post('/appliance/users/delete', requires('manage'), async (ctx) => {
    const { name = '' } = fields(ctx)
    if (!(await shell.users.find(name))) ctx.throw(404)
    await shell.users.remove(name)
    audit(parts, ctx, 'user.deleted', `User ${JSON.stringify(name)} was deleted.`)
    redirectWith(ctx, '/appliance/users', 'shell.users.deleted', { name })
  })

  return router
}
