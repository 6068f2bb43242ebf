/** One's own login: the password, and how the pages look in this browser. */
import { Router } from '@koa/router'
import { LOCALES } from '../../../../web/locale.ts'
import { fields } from '../../../../web/body.ts'
import type { WebContext, WebState } from '../../../../web/context.ts'
import { redirectWith } from '../../../../web/flash.ts'
import { render } from '../../../../web/views.ts'
import { readChoice, writeChoice } from '../cookies.ts'
import { enter } from '../enter.ts'
import { audit, passwordErrors, refuseForm } from '../form.ts'
import type { Errors } from '../form.ts'
import type { ShellParts } from '../parts.ts'
import { ADMINISTRATOR_LENGTH } from '../password-rule.ts'

const VIEW = 'shell/account'
const THEMES: readonly string[] = ['auto', 'light', 'dark']

export function account(parts: ShellParts): Router<WebState> {
  const { shell } = parts
  const router = new Router<WebState>()

  router.get('/appliance/account', (ctx) => render(ctx, VIEW, page(ctx, {})))

  router.post('/appliance/account/appearance', (ctx) => {
    const { language = '', theme = '' } = fields(ctx)
    writeChoice(ctx, 'language', LOCALES.find((locale) => locale === language) ?? 'auto')
    writeChoice(ctx, 'theme', THEMES.includes(theme) ? theme : 'auto')
    redirectWith(ctx, '/appliance/account', 'shell.account.appearanceSaved')
  })

  router.post('/appliance/account/password', async (ctx) => {
    const { present = '', password = '', repeat = '' } = fields(ctx)
    const { name } = ctx.state.identity
    const errors = passwordErrors(ctx, { name, password, repeat }, ADMINISTRATOR_LENGTH)
    if (Object.keys(errors).length > 0) return refuseForm(ctx, VIEW, page(ctx, errors))
    // Who finds an open browser must not be able to guess the password here, either.
    const attempt = parts.guard.begin(ctx.ip, name)
    if (typeof attempt === 'number') {
      return refuseForm(ctx, VIEW, page(ctx, { present: ctx.state.t('shell.login.wait', { count: attempt }) }))
    }
    if (!(await shell.administrators.verify(name, present))) {
      await parts.pause(attempt.delay)
      return refuseForm(ctx, VIEW, page(ctx, { present: ctx.state.t('shell.account.wrongPassword') }))
    }
    attempt.succeeded()
    await shell.administrators.setPassword(name, password)
    audit(parts, ctx, 'administrator.password', 'The password was changed; every other session has ended.')
    enter(ctx, parts, name)
    redirectWith(ctx, '/appliance/account', 'shell.account.passwordChanged')
  })

  return router
}

function page(ctx: WebContext, errors: Errors) {
  return {
    errors,
    length: ADMINISTRATOR_LENGTH,
    language: readChoice(ctx, 'language') ?? 'auto',
    theme: readChoice(ctx, 'theme') ?? 'auto',
    languages: LOCALES,
  }
}
