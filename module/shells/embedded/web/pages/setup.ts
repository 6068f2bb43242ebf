/** The first visit: whoever has the code from the machine's console becomes its administrator. */
import { Router } from '@koa/router'
import { accountName } from '../../../../settings/values.ts'
import { fields } from '../../../../web/body.ts'
import type { WebContext, WebState } from '../../../../web/context.ts'
import { render } from '../../../../web/views.ts'
import { AdministratorError } from '../../administrators.ts'
import { enter } from '../enter.ts'
import { passwordErrors } from '../form.ts'
import type { Errors } from '../form.ts'
import type { ShellParts } from '../parts.ts'
import { ADMINISTRATOR_LENGTH } from '../password-rule.ts'

export function setup(parts: ShellParts): Router<WebState> {
  const { shell } = parts
  const router = new Router<WebState>()
  const open = () => shell.administrators.list().length === 0 && parts.setup.code !== undefined

  router.get('/setup', (ctx) => {
    if (!open()) ctx.throw(404)
    show(ctx, { name: 'admin' }, {})
  })

  router.post('/setup', async (ctx) => {
    if (!open()) ctx.throw(404)
    const { code = '', name = '', password = '', repeat = '' } = fields(ctx)
    const errors = faults(ctx, name, password, repeat)
    // The code is looked at last: who makes mistakes in the other fields need not wait for the next try.
    if (Object.keys(errors).length > 0) return refuse(ctx, 422, { name, code }, errors)
    const attempt = parts.guard.begin(ctx.ip, 'set-up code')
    if (typeof attempt === 'number') {
      ctx.set('Retry-After', String(attempt))
      return refuse(ctx, 429, { name }, { code: ctx.state.t('shell.login.wait', { count: attempt }) })
    }
    if (!parts.setup.code?.matches(code)) {
      await parts.pause(attempt.delay)
      parts.audit({ level: 'warning', event: 'web.setup-refused', text: `A wrong set-up code came from ${ctx.ip}.` })
      return refuse(ctx, 422, { name }, { code: ctx.state.t('shell.setup.wrongCode') })
    }
    attempt.succeeded()
    await begin(ctx, parts, name, password)
  })

  return router
}

async function begin(ctx: WebContext, parts: ShellParts, name: string, password: string): Promise<void> {
  try {
    await parts.shell.administrators.addFirst(name, password)
  } catch (error) {
    // Somebody else with the code was quicker.
    if (error instanceof AdministratorError) ctx.throw(404)
    throw error
  }
  await parts.setup.code?.remove()
  parts.setup.code = undefined
  enter(ctx, parts, name)
  ctx.status = 303
  ctx.redirect('/appliance/first-steps')
}

function faults(ctx: WebContext, name: string, password: string, repeat: string): Errors {
  return {
    ...(accountName.safeParse(name).success ? {} : { name: ctx.state.t('shell.faults.name') }),
    ...passwordErrors(ctx, { name, password, repeat }, ADMINISTRATOR_LENGTH),
  }
}

function refuse(ctx: WebContext, status: number, typed: object, errors: object): void {
  ctx.status = status
  show(ctx, typed, errors)
}

function show(ctx: WebContext, typed: object, errors: object): void {
  render(ctx, 'shell/setup', { typed: { name: '', code: '', ...typed }, errors, length: ADMINISTRATOR_LENGTH })
}
