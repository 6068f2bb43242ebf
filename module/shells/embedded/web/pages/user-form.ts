/** Adding and changing a user. */
import { Router } from '@koa/router'
import { userName } from '../../../../settings/values.ts'
import { fields, values } from '../../../../web/body.ts'
import type { WebContext, WebState } from '../../../../web/context.ts'
import { redirectWith } from '../../../../web/flash.ts'
import { requires } from '../../../../web/steps/identity.ts'
import { render } from '../../../../web/views.ts'
import { NameTaken } from '../../user-store.ts'
import { audit, passwordErrors, queryText, refuseForm } from '../form.ts'
import type { Errors } from '../form.ts'
import type { ShellParts } from '../parts.ts'
import { USER_LENGTH } from '../password-rule.ts'

interface Typed {
  readonly name: string
  readonly groups: readonly string[]
  readonly enabled: boolean
}

export function userForm(parts: ShellParts): Router<WebState> {
  const { shell } = parts
  const router = new Router<WebState>()
  const form = async (typed: Typed, isNew: boolean, errors: Errors) => ({
    typed,
    isNew,
    errors,
    length: USER_LENGTH,
    groups: (await shell.users.groups()).map(({ name }) => ({ name, member: typed.groups.includes(name) })),
  })

  router.get('/appliance/users/add', requires('manage'), async (ctx) => {
    render(ctx, 'shell/user', await form({ name: '', groups: [], enabled: true }, true, {}))
  })

  router.post('/appliance/users/add', requires('manage'), async (ctx) => {
    const typed = await readForm(ctx, parts)
    const password = fields(ctx)['password'] ?? ''
    const errors: Errors = {
      ...(userName.safeParse(typed.name).success ? {} : { name: ctx.state.t('shell.faults.userName') }),
      ...newPasswordErrors(ctx, typed.name),
    }
    if (Object.keys(errors).length > 0) return refuseForm(ctx, 'shell/user', await form(typed, true, errors))
    try {
      await shell.users.add({ ...typed, password })
    } catch (error) {
      if (!(error instanceof NameTaken)) throw error
      const taken = { name: ctx.state.t('shell.faults.taken') }
      return refuseForm(ctx, 'shell/user', await form(typed, true, taken))
    }
    audit(parts, ctx, 'user.added', `User ${JSON.stringify(typed.name)} was added.`)
    redirectWith(ctx, '/appliance/users', 'shell.users.added', { name: typed.name })
  })

  router.get('/appliance/users/edit', requires('manage'), async (ctx) => {
    const user = (await shell.users.find(queryText(ctx, 'name'))) ?? ctx.throw(404)
    render(ctx, 'shell/user', await form(user, false, {}))
  })

  router.post('/appliance/users/edit', requires('manage'), async (ctx) => {
    const typed = await readForm(ctx, parts)
    if (!(await shell.users.find(typed.name))) ctx.throw(404)
    const { password = '', repeat = '' } = fields(ctx)
    const changed = password !== '' || repeat !== ''
    const errors = changed ? newPasswordErrors(ctx, typed.name) : {}
    if (Object.keys(errors).length > 0) return refuseForm(ctx, 'shell/user', await form(typed, false, errors))
    await shell.users.put([{ ...typed, password: changed ? password : undefined }])
    const what = changed ? 'changed, with a new password' : 'changed'
    audit(parts, ctx, 'user.changed', `User ${JSON.stringify(typed.name)} was ${what}.`)
    redirectWith(ctx, '/appliance/users', 'shell.users.changed', { name: typed.name })
  })

  return router
}

function newPasswordErrors(ctx: WebContext, name: string): Errors {
  const { password = '', repeat = '' } = fields(ctx)
  return passwordErrors(ctx, { name, password, repeat }, USER_LENGTH)
}

/** Only groups that are there; a form that was open for long may name others. */
async function readForm(ctx: WebContext, { shell }: ShellParts): Promise<Typed> {
  const { name = '', enabled } = fields(ctx)
  const wanted = values(ctx, 'groups')
  const groups = (await shell.users.groups()).map((group) => group.name).filter((group) => wanted.includes(group))
  return { name, groups, enabled: enabled === 'on' }
}
