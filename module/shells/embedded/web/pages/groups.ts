/** Groups of users. */
import { Router } from '@koa/router'
import { accountName } from '../../../../settings/values.ts'
import { fields } from '../../../../web/body.ts'
import type { WebContext, WebState } from '../../../../web/context.ts'
import { redirectWith } from '../../../../web/flash.ts'
import { requires } from '../../../../web/steps/identity.ts'
import { render } from '../../../../web/views.ts'
import { NameTaken } from '../../user-store.ts'
import { audit, queryText, refuseForm, usesOf } from '../form.ts'
import type { ShellParts } from '../parts.ts'

export function groups(parts: ShellParts): Router<WebState> {
  const { shell } = parts
  const router = new Router<WebState>()
  const list = async () => {
    const users = await shell.users.list()
    const all = (await shell.users.groups()).toSorted((a, b) => a.name.localeCompare(b.name))
    return all.map(({ name }) => ({ name, members: users.filter((user) => user.groups.includes(name)).length }))
  }
  const refuse = async (ctx: WebContext, name: string, fault: string) =>
    refuseForm(ctx, 'shell/groups', { rows: await list(), typed: name, error: ctx.state.t(fault) })
  const known = async (name: string) => (await shell.users.groups()).some((group) => group.name === name)

  router.get('/appliance/groups', async (ctx) =>
    render(ctx, 'shell/groups', { rows: await list(), typed: '', error: '' }),
  )

  router.post('/appliance/groups/add', requires('manage'), async (ctx) => {
    const { name = '' } = fields(ctx)
    if (!accountName.safeParse(name).success) return refuse(ctx, name, 'shell.faults.name')
    try {
      await shell.users.addGroup(name)
    } catch (error) {
      if (error instanceof NameTaken) return refuse(ctx, name, 'shell.faults.taken')
      throw error
    }
    audit(parts, ctx, 'group.added', `Group ${JSON.stringify(name)} was added.`)
    redirectWith(ctx, '/appliance/groups', 'shell.groups.added', { name })
  })

  router.get('/appliance/groups/delete', requires('manage'), async (ctx) => {
    const name = queryText(ctx, 'name')
    if (!(await known(name))) ctx.throw(404)
    const action = '/appliance/groups/delete'
    render(ctx, 'shell/delete', {
      what: 'groups',
      action,
      field: 'name',
      id: name,
      uses: await usesOf(ctx, parts, 'group', name),
    })
  })

  router.post('/appliance/groups/delete', requires('manage'), async (ctx) => {
    const { name = '' } = fields(ctx)
    if (!(await known(name))) ctx.throw(404)
    await shell.users.removeGroup(name)
    audit(parts, ctx, 'group.deleted', `Group ${JSON.stringify(name)} was deleted.`)
    redirectWith(ctx, '/appliance/groups', 'shell.groups.deleted', { name })
  })

  return router
}
