/** What the module keeps beside one user or group: FTP, from outside, limits, hours; its rules have their own page. */
import { Router } from '@koa/router'
import { patchBetween } from '../../settings/merge.ts'
import { entryOf, formOf, readForm, type AccountForm, type AccountKind } from '../accounts/account-form.ts'
import { everybody, type Listed } from '../accounts/directory.ts'
import { editedHours, filledRows } from '../accounts/hours-form.ts'
import { saveChange, shownProblems } from '../accounts/save.ts'
import { showAccount } from '../accounts/show-account.ts'
import { fields } from '../body.ts'
import type { WebContext, WebState } from '../context.ts'
import { redirectWith } from '../flash.ts'
import type { WebParts } from '../parts.ts'
import { requires } from '../steps/identity.ts'
import { render } from '../views.ts'

const ROUTE = '/access/accounts/:kind/:name'

interface Found {
  readonly kind: AccountKind
  readonly account: Listed
}

export function account(parts: WebParts): Router<WebState> {
  const { service, shell } = parts
  const router = new Router<WebState>()
  const entryIn = ({ kind, account: { name } }: Found) => {
    const { users, groups } = service.settings().accounts
    const entries = kind === 'user' ? users : groups
    return Object.hasOwn(entries, name) ? entries[name] : undefined
  }

  async function find(ctx: WebContext & { params: Record<string, string> }): Promise<Found> {
    const { kind: asked, name } = ctx.params
    const kind = asked === 'user' || asked === 'group' ? asked : ctx.throw(404)
    const all = await everybody(kind, shell, service.settings().accounts)
    return { kind, account: all.find((one) => one.name === name) ?? ctx.throw(404) }
  }

  router.get(ROUTE, async (ctx) => {
    const found = await find(ctx)
    showAccount(ctx, parts, { ...found, form: formOf(entryIn(found), ctx), revision: service.revision() })
  })

  router.post(ROUTE, requires('manage'), async (ctx) => {
    const found = await find(ctx)
    const { do: button = 'save', revision = '' } = fields(ctx)
    const form = readForm(ctx)
    const hours = editedHours(form.hours, button)
    if (hours) return showAccount(ctx, parts, { ...found, form: { ...form, hours }, revision, changed: true })
    return save(ctx, found, { ...form, hours: filledRows(form.hours) }, revision)
  })

  async function save(ctx: WebContext, found: Found, form: AccountForm, revision: string): Promise<void> {
    const {
      kind,
      account: { name },
    } = found
    const stored = entryIn(found)
    const { entry, problems } = entryOf(form, kind, stored, ctx)
    const place = kind === 'user' ? 'users' : 'groups'
    const patch = { accounts: { [place]: { [name]: entry ? patchBetween(stored ?? {}, entry) : null } } }
    const result =
      problems.length > 0
        ? ({ kind: 'refused', problems } as const)
        : await saveChange(service, patch, revision, ctx.state.identity.name)
    if (result.kind === 'saved') return redirectWith(ctx, listOf(kind), 'accounts.saved', { name })
    ctx.status = result.kind === 'refused' ? 422 : 409
    if (result.kind === 'overtaken') {
      const shown = { form, revision: service.revision(), overtaken: result, changed: true }
      return showAccount(ctx, parts, { ...found, ...shown })
    }
    const member = /^[\w-]+$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`
    const shown = shownProblems(result.problems, `accounts.${place}${member}.`, inForm, ctx.state.t)
    showAccount(ctx, parts, { ...found, form, revision, problems: shown })
  }

  router.get(`${ROUTE}/remove`, requires('manage'), async (ctx) => {
    const {
      kind,
      account: { name, gone },
    } = await find(ctx)
    render(ctx, 'pages/account-remove', { kind, name, gone, action: ctx.path, back: listOf(kind) })
  })

  router.post(`${ROUTE}/remove`, requires('manage'), async (ctx) => {
    const {
      kind,
      account: { name },
    } = await find(ctx)
    const place = kind === 'user' ? 'users' : 'groups'
    await service.change({ accounts: { [place]: { [name]: null } } }, ctx.state.identity.name)
    redirectWith(ctx, listOf(kind), 'accounts.removed', { name })
  })

  return router
}

const listOf = (kind: AccountKind) => (kind === 'user' ? '/access/accounts' : '/access/accounts/groups')

const inForm = (name: string) =>
  /^(?:ftp|fromOutside|disabledUntil|startFolder|(?:limits|together|hours)\..+)$/.test(name)
