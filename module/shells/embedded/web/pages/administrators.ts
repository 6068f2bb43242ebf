/** Further administrators, each with what they may do. */
import { Router } from '@koa/router'
import { accountName } from '../../../../settings/values.ts'
import { fields } from '../../../../web/body.ts'
import type { WebContext, WebState } from '../../../../web/context.ts'
import { redirectWith } from '../../../../web/flash.ts'
import { requires } from '../../../../web/steps/identity.ts'
import type { Permission } from '../../../../shell.ts'
import { render } from '../../../../web/views.ts'
import { AdministratorError } from '../../administrators.ts'
import { audit, passwordErrors, queryText, refuseForm } from '../form.ts'
import type { Errors } from '../form.ts'
import type { ShellParts } from '../parts.ts'
import { ADMINISTRATOR_LENGTH } from '../password-rule.ts'

const PERMISSIONS: readonly Permission[] = ['view', 'operate', 'manage']
const HOME = '/appliance/system/administrators'
const VIEW = 'shell/administrators'

export function administrators(parts: ShellParts): Router<WebState> {
  const { shell } = parts
  const router = new Router<WebState>()
  const page = (typed: object, errors: Errors) => ({
    rows: shell.administrators.list(),
    permissions: PERMISSIONS,
    errors,
    length: ADMINISTRATOR_LENGTH,
    typed: { name: '', permission: 'view', ...typed },
  })
  const refuse = (ctx: WebContext, errors: Errors) => refuseForm(ctx, VIEW, page({}, errors))
  const known = (ctx: WebContext, name: string) => shell.administrators.find(name)?.name ?? ctx.throw(404)

  router.get(HOME, requires('manage'), (ctx) => render(ctx, VIEW, page({}, {})))

  router.post(`${HOME}/add`, requires('manage'), async (ctx) => {
    const { name = '', password = '', repeat = '', permission = 'view' } = fields(ctx)
    const errors: Errors = {
      ...(accountName.safeParse(name).success ? {} : { name: ctx.state.t('shell.faults.name') }),
      ...passwordErrors(ctx, { name, password, repeat }, ADMINISTRATOR_LENGTH),
      ...(shell.administrators.find(name) ? { name: ctx.state.t('shell.faults.taken') } : {}),
    }
    if (Object.keys(errors).length > 0) return refuseForm(ctx, VIEW, page({ name, permission }, errors))
    await shell.administrators.add(name, password, permissionOf(permission))
    audit(parts, ctx, 'administrator.added', `Administrator ${JSON.stringify(name)} was added.`)
    redirectWith(ctx, HOME, 'shell.administrators.added', { name })
  })

  router.post(`${HOME}/permission`, requires('manage'), async (ctx) => {
    const { name = '', permission = 'view' } = fields(ctx)
    const failed = await unlessLast(shell.administrators.setPermission(known(ctx, name), permissionOf(permission)))
    if (failed) return refuse(ctx, { list: ctx.state.t('shell.administrators.last') })
    audit(parts, ctx, 'administrator.changed', `${JSON.stringify(name)} may ${permissionOf(permission)} from now on.`)
    redirectWith(ctx, HOME, 'shell.administrators.changed', { name })
  })

  router.get(`${HOME}/delete`, requires('manage'), (ctx) => {
    const id = known(ctx, queryText(ctx, 'name'))
    render(ctx, 'shell/delete', { what: 'administrators', action: `${HOME}/delete`, field: 'name', id, uses: [] })
  })

  router.post(`${HOME}/delete`, requires('manage'), async (ctx) => {
    const name = known(ctx, fields(ctx)['name'] ?? '')
    // Nobody takes away the login that is being used.
    if (name === ctx.state.identity.name) return refuse(ctx, { list: ctx.state.t('shell.administrators.self') })
    if (await unlessLast(shell.administrators.remove(name)))
      return refuse(ctx, { list: ctx.state.t('shell.administrators.last') })
    audit(parts, ctx, 'administrator.deleted', `Administrator ${JSON.stringify(name)} was deleted.`)
    redirectWith(ctx, HOME, 'shell.administrators.deleted', { name })
  })

  return router
}

/** Whether it was refused because nobody would be left who may change anything. */
async function unlessLast(change: Promise<void>): Promise<boolean> {
  try {
    await change
    return false
  } catch (error) {
    if (error instanceof AdministratorError && error.kind === 'last') return true
    throw error
  }
}

const permissionOf = (text: string): Permission => PERMISSIONS.find((permission) => permission === text) ?? 'view'
