/** The page of one user or group: its form, and beside each value what holds where nothing is said, and whence. */
import { effectiveLimits, type Effective, type EffectiveLimits } from '../../settings/inheritance.ts'
import type { WebContext } from '../context.ts'
import type { WebParts } from '../parts.ts'
import { render } from '../views.ts'
import { accessNavigation } from '../access/navigation.ts'
import { LIMITS, SHARED, type AccountForm, type AccountKind } from './account-form.ts'
import { limitText, typedLimit } from './amount.ts'
import { accountPath, zoneOf, type Listed } from './directory.ts'
import { hoursView } from './hours-form.ts'
import { shownOvertaken, type Overtaken, type ShownProblems } from './save.ts'
import { sourceText } from './source.ts'

export interface ShownAccount {
  readonly kind: AccountKind
  readonly account: Listed
  readonly form: AccountForm
  readonly revision: string
  readonly problems?: ShownProblems
  readonly overtaken?: Overtaken
  readonly changed?: boolean
}

export function showAccount(ctx: WebContext, parts: WebParts, shown: ShownAccount): void {
  const { kind, account, form, problems = { errors: {}, others: [] } } = shown
  const { t } = ctx.state
  const label = (name: string) => t(`accounts.limits.${name}`)
  const settings = parts.service.settings()
  const entries = kind === 'user' ? settings.accounts.users : settings.accounts.groups
  const entry = Object.hasOwn(entries, account.name) ? entries[account.name] : undefined
  render(ctx, 'pages/account', {
    navigation: accessNavigation('accounts'),
    ...shown,
    ...problems,
    overtaken: shown.overtaken && shownOvertaken(ctx.state, shown.overtaken),
    changed: shown.changed === true || problems.others.length + Object.keys(problems.errors).length > 0,
    action: accountPath(kind, account.name),
    rulesPath: `/access/rules/${kind}/${encodeURIComponent(account.name)}`,
    rules: entry?.access.rules.length ?? 0,
    stored: entry !== undefined,
    limits: LIMITS.map((name) => ({ name, label: label(name) })),
    shared: SHARED.map((name) => ({ name, label: label(name) })),
    inherited: inheritedTexts(ctx, parts, shown),
    hours: hoursView(form.hours, LIMITS, label, t, zoneOf(parts.shell)),
    pageZone: ctx.state.presentation.timeZone,
  })
}

/** What would hold without the entry, and where it comes from: by the name of the input. */
function inheritedTexts(ctx: WebContext, { service, shell }: WebParts, { kind, account }: ShownAccount) {
  const settings = service.settings()
  const { t } = ctx.state
  const accounts = { groups: settings.accounts.groups, users: {} }
  const member = kind === 'user' ? account : { name: account.name, groups: [] }
  const limits = effectiveLimits({ ...settings, accounts }, member, { timeZone: zoneOf(shell) })
  const text = (name: keyof EffectiveLimits, found: Effective<boolean | string | number>) => ({
    value: valueText(ctx, name, found.value),
    source: sourceText(found, settings, t),
  })
  return {
    ...Object.fromEntries(
      LIMITS.map((name) => [name, { ...text(name, limits[name]), typed: typedLimit(name, limits[name].value, t) }]),
    ),
    ftp: text('ftp', limits.ftp),
    fromOutside: text('fromOutside', limits.fromOutside),
    startFolder: text('startFolder', limits.startFolder),
  }
}

/** An effective value as people read it. */
export function valueText(ctx: WebContext, name: keyof EffectiveLimits, value: boolean | string | number): string {
  if (typeof value === 'boolean') return ctx.state.t(value ? 'accounts.allowed' : 'accounts.notAllowed')
  if (name === 'startFolder') return String(value)
  return typeof value === 'number' || value === 'unlimited' ? limitText(name, value, ctx.state) : value
}
