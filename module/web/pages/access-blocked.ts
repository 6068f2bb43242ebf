/** Blocked addresses: who is kept out for now, lifting that, and blocking by hand. */
import { Router } from '@koa/router'
import { LONGEST_BAN } from '../../service/kick.ts'
import { ChangedMeanwhile } from '../../service/changes.ts'
import { LockOut } from '../../service/rules.ts'
import { askLockOut, showLockOut } from '../access/lock-out.ts'
import { SettingsError, type Problem } from '../../settings/problems.ts'
import { bansView, networkOf } from '../access/ban-rows.ts'
import { maskText } from '../access/mask-text.ts'
import { accessNavigation } from '../access/navigation.ts'
import { fields } from '../body.ts'
import type { WebContext, WebState } from '../context.ts'
import { redirectWith } from '../flash.ts'
import type { WebParts } from '../parts.ts'
import { problemText } from '../problem-text.ts'
import { requires } from '../steps/identity.ts'
import { render } from '../views.ts'

const PATH = '/access/blocked'

/** What stands in the form. */
interface BanTyped {
  readonly mask: string
  readonly minutes: string
  readonly end: string
  readonly domain: string
  readonly note: string
}

export function accessBlocked({ service }: WebParts): Router<WebState> {
  const router = new Router<WebState>()

  const form = (ctx: WebContext, typed: BanTyped, problems: readonly Problem[] = []): void => {
    const errors = Object.fromEntries(problems.map((one) => [one.path, problemText(one, ctx.state.t)]))
    render(ctx, 'pages/access-ban', {
      typed,
      errors,
      domains: service.settings().domains.map(({ id, name }) => ({ value: id, label: name })),
      mask: typed.mask === '' ? undefined : maskText(ctx.state, typed.mask),
      longest: LONGEST_BAN,
    })
  }

  router.get(PATH, (ctx) => {
    const given = new URLSearchParams(ctx.querystring)
    const search = (given.get('q') ?? '').trim().slice(0, 200)
    const page = Number(given.get('page')) || 1
    const { settings, domains } = service.settings()
    const view = bansView(ctx.state, service.access.bans.rows(), domains, search, page)
    const { hammering } = settings.access
    render(ctx, 'pages/access-blocked', {
      navigation: accessNavigation('blocked'),
      ...view,
      hammering,
      queryText,
      leftUnits: leftUnits(ctx),
    })
  })

  router.get(`${PATH}/ban`, requires('manage'), (ctx) => {
    const given = new URLSearchParams(ctx.querystring)
    const mask = given.get('mask') ?? networkOf(given.get('network') ?? '') ?? ''
    form(ctx, { mask, minutes: '60', end: 'minutes', domain: '', note: '' })
  })

  router.post(`${PATH}/ban`, requires('manage'), async (ctx) => {
    const { mask = '', minutes = '', end = 'minutes', domain = '', note = '', confirm } = fields(ctx)
    const typed = { mask, minutes, end, domain, note }
    const length = end === 'good' ? {} : { minutes: /^\d{1,7}$/.test(minutes.trim()) ? Number(minutes) : Number.NaN }
    const order = { mask, ...length, ...(domain === '' ? {} : { domain }), note: oneLine(note) }
    try {
      await service.blocks.ban(order, { name: ctx.state.identity.name, address: ctx.ip }, confirm)
      redirectWith(
        ctx,
        end === 'good' ? '/access' : PATH,
        `access.blocked.done.${end === 'good' ? 'good' : 'minutes'}`,
        {
          mask,
        },
      )
    } catch (error) {
      if (error instanceof LockOut) return ask(ctx, service, error, typed)
      ctx.status = error instanceof ChangedMeanwhile ? 409 : 422
      if (error instanceof ChangedMeanwhile) return form(ctx, typed)
      if (!(error instanceof SettingsError)) throw error
      form(
        ctx,
        typed,
        error.problems.map((one) => ({ ...one, path: one.path.replace(/^rules\[.*$/, 'mask') })),
      )
    }
  })

  router.post(`${PATH}/lift`, requires('operate'), (ctx) => {
    const { id = '', q = '', page = '' } = fields(ctx)
    const row = service.blocks.lift(id, ctx.state.identity.name)
    const path = PATH + queryText(q, Number(page) || 1)
    if (row) return redirectWith(ctx, path, 'access.blocked.lifted', { address: row.subject })
    redirectWith(ctx, path, 'access.blocked.over')
  })

  router.get(`${PATH}/lift-all`, requires('operate'), (ctx) => {
    render(ctx, 'pages/access-lift-all', { count: service.access.bans.count })
  })

  router.post(`${PATH}/lift-all`, requires('operate'), (ctx) => {
    const count = service.blocks.liftAll(ctx.state.identity.name)
    redirectWith(ctx, PATH, 'access.blocked.liftedAll', { count: String(count) })
  })

  return router
}

function ask(ctx: WebContext, service: WebParts['service'], error: LockOut, typed: BanTyped): void {
  const sent = { ...typed }
  if (typed.end === 'good') return askLockOut(ctx, service, error, { back: PATH, sent })
  const { word } = error
  const texts = [ctx.state.t('access.lockOut.ban', { address: word })]
  showLockOut(ctx, { texts, word, back: PATH, sent, onTrial: false })
}

/** The texts in which the script of the page counts down. */
function leftUnits(ctx: WebContext): string {
  const gaps = ['days', 'hours', 'minutes', 'seconds'].map((name) => [name, `{${name}}`] as const)
  const kinds = ['daysHours', 'hoursMinutes', 'minutesSeconds', 'seconds'] as const
  return JSON.stringify(
    Object.fromEntries(kinds.map((kind) => [kind, ctx.state.t(`units.${kind}`, Object.fromEntries(gaps))])),
  )
}

function queryText(search: string, page: number): string {
  const parameters = new URLSearchParams({ ...(search && { q: search }), ...(page > 1 && { page: String(page) }) })
  return parameters.size > 0 ? `?${parameters.toString()}` : ''
}

/** A note on one line: what cannot stand in one becomes a space. */
const oneLine = (note: string): string =>
  note
    .replaceAll(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, 200)
