/** The form of one domain: a new one, or one that is there. Its buttons for rows work on the form and save nothing. */
import { Router } from '@koa/router'
import { checked, SettingsError, type Problem } from '../../settings/problems.ts'
import { domain as schema, type Domain } from '../../settings/domain.ts'
import { fields } from '../body.ts'
import type { WebContext, WebState } from '../context.ts'
import { formOf, type DomainForm } from '../domains/form.ts'
import { domainInput } from '../domains/input.ts'
import { DOMAINS, NEW_DOMAIN } from '../domains/links.ts'
import { edited, readForm } from '../domains/read-form.ts'
import { saveDomain, type Remembered } from '../domains/save.ts'
import { showForm } from '../domains/show-form.ts'
import { redirectWith } from '../flash.ts'
import type { WebParts } from '../parts.ts'
import { requires } from '../steps/identity.ts'

/** Blank rows after the button for more. */
const MORE = 3

export function settingsDomain(parts: WebParts): Router<WebState> {
  const { service } = parts
  const router = new Router<WebState>()

  router.get(NEW_DOMAIN, requires('manage'), (ctx) => show(ctx, undefined))
  router.get(`${DOMAINS}/:id`, (ctx) => show(ctx, existing(ctx, ctx.params['id'])))

  router.post(NEW_DOMAIN, requires('manage'), (ctx) => post(ctx, undefined))
  router.post(`${DOMAINS}/:id`, requires('manage'), (ctx) => post(ctx, ctx.params['id']))

  /** The form of what is stored; a picker without script comes back with what was chosen. */
  function show(ctx: WebContext, stored: Domain | undefined): void {
    const form = formOf(stored, ctx.state.t)
    const { certificate } = ctx.query
    const chosen = typeof certificate === 'string' && certificate !== form.certificate
    showForm(ctx, parts, {
      form: chosen ? { ...form, certificate } : form,
      was: form,
      stored,
      changed: chosen,
    })
  }

  async function post(ctx: WebContext, id: string | undefined): Promise<void> {
    const stored = find(id)
    const form = readForm(ctx)
    const was = recalled(fields(ctx)['was'] ?? '')
    const button = fields(ctx)['do'] ?? 'save'
    const changed = edited(form, button)
    if (changed) {
      const blank = button === 'listeners.add' ? MORE : 1
      return showForm(ctx, parts, { form: changed, was, stored, changed: true, blank })
    }
    const wrong = allProblems(ctx, form, stored)
    if (wrong.length > 0) return refuse(ctx, form, was, stored, wrong)
    const { t, identity } = ctx.state
    const result = await saveDomain(service, { id, form, was, by: identity.name, t })
    if (result.kind === 'refused') return refuse(ctx, form, was, stored, result.problems)
    if (result.kind === 'saved') return redirectWith(ctx, DOMAINS, 'domains.saved', { name: form.name })
    ctx.status = 409
    const now = find(id)
    showForm(ctx, parts, { form, was: formOf(now, t), stored: now, overtaken: result, changed: true })
  }

  function refuse(
    ctx: WebContext,
    form: DomainForm,
    was: Remembered,
    stored: Domain | undefined,
    problems: readonly Problem[],
  ): void {
    ctx.status = 422
    showForm(ctx, parts, { form, was, stored, problems })
  }

  const find = (id: string | undefined) => service.settings().domains.find((one) => one.id === id)
  const existing = (ctx: WebContext, id: string | undefined) => find(id) ?? ctx.throw(404, 'domain')

  return router
}

/** Everything that is wrong with it alone, so that nobody has to save five times to hear of five problems. */
function allProblems(ctx: WebContext, form: DomainForm, stored: Domain | undefined): readonly Problem[] {
  const { input, problems } = domainInput(form, stored, ctx.state.t)
  if (problems.length === 0) return []
  try {
    checked(schema, input)
    return problems
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    const known = new Set(problems.map(({ path }) => path))
    return [...problems, ...error.problems.filter(({ path }) => !known.has(path))]
  }
}

/** What the page remembered; nothing of it where somebody has changed it. */
function recalled(text: string): Remembered {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
  } catch {
    return {}
  }
}
