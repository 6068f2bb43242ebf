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

/** Where the module's settings name something of the shell, as sentences for people. */
export async function usesOf(
  ctx: WebContext,
  { module }: ShellParts,
  kind: Reference['kind'],
  id: string,
): Promise<readonly string[]> {
  const found = module.references().filter((reference) => reference.kind === kind && reference.id === id)
  if (found.length === 0) return []
  const stored = await module.backup()
  return [...new Set(found.map(({ where }) => placeText(ctx, where, stored)))]
}

/** The contract gives places as paths; people know resources by their names. */
function placeText({ state: { t } }: WebContext, where: string, stored: object): string {
  const at = /^resources\[(\d+)\]/.exec(where)?.[1]
  const resources: unknown = Reflect.get(stored, 'resources')
  const resource: unknown = at !== undefined && Array.isArray(resources) ? resources[Number(at)] : undefined
  const name: unknown = typeof resource === 'object' && resource !== null ? Reflect.get(resource, 'name') : undefined
  if (typeof name === 'string') return t('shell.places.resource', { name })
  if (where === 'settings.tls.certificate') return t('shell.places.encryption')
  return where.startsWith('accounts.') ? t('shell.places.account') : where
}

/** Takes down what an administrator has done. */
export function audit(parts: ShellParts, ctx: WebContext, event: string, text: string): void {
  parts.audit({ level: 'notice', event, text, by: ctx.state.identity.name })
}
