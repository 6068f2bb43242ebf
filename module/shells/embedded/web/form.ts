/** What the forms of the shell's pages share: problems beside fields, names out of addresses, and what names a thing. */
import type { Reference } from '../../../shell.ts'
import type { WebContext } from '../../../web/context.ts'
import { render } from '../../../web/views.ts'
import type { ShellParts } from './parts.ts'
import { passwordFault } from './password-rule.ts'

/** Problems by the name of the field; texts in the language of the page. */
export type Errors = Readonly<Record<string, string>>

/** Shows a form again with what was typed and what is wrong with it. */
export function refuseForm(ctx: WebContext, view: string, data: object): void {
  ctx.status = 422
  render(ctx, view, data)
}

/** A value of the address's query, as text; empty when it is missing. */
export function queryText(ctx: WebContext, name: string): string {
  const value = ctx.query[name]
  return typeof value === 'string' ? value : ''
}

/** What is wrong with a new password and its repetition, under the names `password` and `repeat`. */
export function passwordErrors(
  ctx: WebContext,
  typed: { readonly name: string; readonly password: string; readonly repeat: string },
  length: number,
): Errors {
  const { t } = ctx.state
  const weak = passwordFault(typed.password, typed.name, length)
  return {
    ...(weak ? { password: t(`shell.faults.password.${weak}`, { count: length }) } : {}),
    ...(typed.password === typed.repeat ? {} : { repeat: t('shell.faults.repeat') }),
  }
}

/** Where the module's settings name something of the shell. */
export function usesOf({ module }: ShellParts, kind: Reference['kind'], id: string): readonly string[] {
  const found = module.references().filter((reference) => reference.kind === kind && reference.id === id)
  return [...new Set(found.map(({ where }) => where))]
}

/** Takes down what an administrator has done. */
export function audit({ shell }: ShellParts, ctx: WebContext, event: string, text: string): void {
  shell.audit({ level: 'notice', event, text, by: ctx.state.identity.name })
}
