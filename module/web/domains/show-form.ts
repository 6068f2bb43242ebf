/** Shows the form of a domain, with everything that was typed, what is wrong with it, and what holds where it says nothing. */
import type { Domain } from '../../settings/domain.ts'
import { effectiveLimits } from '../../settings/inheritance.ts'
import type { Problem } from '../../settings/problems.ts'
import type { ServerSettings, Settings } from '../../settings/schema.ts'
import { UNLIMITED, type Limit } from '../../settings/values.ts'
import { limitText } from '../accounts/amount.ts'
import { hoursView } from '../accounts/hours-form.ts'
import type { WebContext } from '../context.ts'
import type { WebParts } from '../parts.ts'
import { problemText } from '../problem-text.ts'
import { problemLine } from '../settings/problem-place.ts'
import { settingsNavigation } from '../settings/page-view.ts'
import { render } from '../views.ts'
import { LIMITS, TEXTS, TOGETHER, type DomainForm } from './form.ts'
import { placed } from './input.ts'
import { commandsPath, domainPath, messagesPath, NEW_DOMAIN, pickerPath, rulesPath } from './links.ts'
import type { Remembered, SaveResult } from './save.ts'

export interface ShownForm {
  readonly form: DomainForm
  /** What the form was made from. */
  readonly was: Remembered
  /** Undefined for a new one. */
  readonly stored: Domain | undefined
  readonly problems?: readonly Problem[]
  readonly overtaken?: Extract<SaveResult, { kind: 'overtaken' }>
  readonly changed?: boolean
  /** Blank rows in the table of listeners. */
  readonly blank?: number
}

/** Characters of a text of the server that are shown beside an empty field. */
const LONGEST = 120

export function showForm(ctx: WebContext, { service, shell }: WebParts, shown: ShownForm): void {
  const { t } = ctx.state
  const { form, stored, problems = [], overtaken, changed = false, blank = 1 } = shown
  const settings = service.settings()
  const { errors, others } = placed(
    problems,
    (problem) => problemText(problem, t),
    (problem) => problemLine(ctx.state, problem),
  )
  const label = (name: string) => t(`domains.limits.${name}`)
  const sharedLabel = (name: string) => t(`domains.together.${name}`)
  const zone = shell.timeZone?.() ?? ctx.state.presentation.timeZone
  render(ctx, 'pages/settings-domain', {
    navigation: settingsNavigation('domains'),
    domainsCurrent: true,
    form,
    was: JSON.stringify(shown.was),
    errors,
    others,
    changed: changed || problems.length > 0,
    gone: overtaken?.gone === true,
    clashes: overtaken?.keys.map((key) => t(`domains.parts.${key}`)) ?? [],
    original: stored?.name ?? '',
    action: stored ? domainPath(stored.id) : NEW_DOMAIN,
    picker: pickerPath(stored?.id),
    listeners: [
      ...form.listeners,
      ...Array.from({ length: blank }, () => ({ address: '', port: '', implicitTls: false })),
    ],
    texts: TEXTS.map((name) => ({
      name,
      lines: name === 'goodbye' ? 1 : 3,
      server: short(settings.settings.messages[name]),
    })),
    together: TOGETHER.map((name) => ({
      name,
      label: sharedLabel(name),
      server: sharedText(ctx, settings, name),
    })),
    limits: LIMITS.map((name) => ({ name, label: label(name), server: limitOfServer(ctx, settings, name) })),
    hours: hoursView(form.hours, LIMITS, label, t, zone),
    sharedHours: hoursView(form.sharedHours, TOGETHER, sharedLabel, t, zone),
    resources: resourceChoices(settings, form),
    elsewhere: stored ? elsewhere(ctx, stored) : [],
  })
}

/** What a domain has on pages that it shares with the server. */
function elsewhere(ctx: WebContext, domain: Domain) {
  const { t } = ctx.state
  const { access, commands, messages, id } = domain
  const switched = commands.disabled.length + commands.enabled.length
  return [
    {
      path: rulesPath(id),
      label: t('domains.elsewhere.rules'),
      count: t('domains.own.rules', { count: access.rules.length }),
    },
    {
      path: commandsPath(id),
      label: t('domains.elsewhere.commands'),
      count: t('domains.own.commands', { count: switched }),
    },
    {
      path: messagesPath(id),
      label: t('domains.elsewhere.messages'),
      count: t('domains.own.replies', { count: Object.keys(messages.replies).length }),
    },
  ]
}

/** Those there are, and those that are only named: what is shown nowhere could not be taken away. */
function resourceChoices({ resources }: Settings, form: DomainForm) {
  const known = resources.map(({ name }) => name)
  const gone = form.resources.filter((name) => !known.includes(name))
  return [...known, ...gone].map((name) => ({
    name,
    chosen: form.resources.includes(name),
    gone: !known.includes(name),
  }))
}

function sharedText(ctx: WebContext, { settings: { limits } }: Settings, name: string): string {
  const value: Limit = isShared(limits, name) ? limits[name] : UNLIMITED
  return ctx.state.t('domains.asServer', { value: limitText(name, value, ctx.state) })
}

const isShared = (
  limits: ServerSettings['limits'],
  name: string,
): name is 'connections' | 'connectionsPerHost' | 'downloadBytesPerSecond' | 'uploadBytesPerSecond' => name in limits

function limitOfServer(ctx: WebContext, { settings }: Settings, name: string): string {
  const server = effectiveLimits({ settings, accounts: { users: {}, groups: {} } }, { name: '', groups: [] })
  const found = Object.entries(server).find(([each]) => each === name)?.[1]
  const value: Limit = typeof found?.value === 'number' ? found.value : UNLIMITED
  return ctx.state.t('domains.asServer', { value: limitText(name, value, ctx.state) })
}

function short(text: string): string {
  const line = text.replaceAll('\n', ' ⏎ ')
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line
}
