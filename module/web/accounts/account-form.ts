/** The form of a user's or a group's entry: what stands in its inputs, and what these mean. */
import { inheritedLimits } from '../../settings/account.ts'
import type { AccountOverlays, InheritedLimit } from '../../settings/account.ts'
import type { Problem } from '../../settings/problems.ts'
import { fields } from '../body.ts'
import type { WebContext } from '../context.ts'
import { localText, localTime } from '../local-time.ts'
import { amountProblem, limitOf, typedLimit } from './amount.ts'
import { hoursOf, readHours, typedHours, type TypedHours } from './hours-form.ts'

export type AccountKind = 'user' | 'group'
export type AccountEntry = AccountOverlays['users'][string] &
  Partial<Pick<AccountOverlays['groups'][string], 'together'>>

/** The names of the limits of an account, in the order of the form. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Object.keys forgets what the keys are
export const LIMITS = Object.keys(inheritedLimits) as InheritedLimit[]
/** Speeds that the members of a group share. */
export const SHARED = ['downloadBytesPerSecond', 'uploadBytesPerSecond'] as const

export type Switch = '' | 'on' | 'off'

export interface AccountForm {
  readonly ftp: Switch
  readonly fromOutside: Switch
  /** Date and time in the zone of the page. */
  readonly disabledUntil: string
  readonly startFolder: string
  readonly limits: Readonly<Record<string, string>>
  readonly together: Readonly<Record<string, string>>
  readonly hours: readonly TypedHours[]
}

/** The form of what is stored. */
export function formOf(entry: AccountEntry | undefined, { state: { t, presentation } }: WebContext): AccountForm {
  const { disabledUntil } = entry ?? {}
  return {
    ftp: switchOf(entry?.ftp),
    fromOutside: switchOf(entry?.fromOutside),
    disabledUntil: disabledUntil === undefined ? '' : localText(Date.parse(disabledUntil), presentation.timeZone),
    startFolder: entry?.startFolder ?? '',
    limits: Object.fromEntries(LIMITS.map((name) => [name, typedLimit(name, entry?.limits[name], t)])),
    together: Object.fromEntries(SHARED.map((name) => [name, typedLimit(name, entry?.together?.[name], t)])),
    hours: typedHours(entry?.hours ?? [], t),
  }
}

/** The form as it was posted. */
export function readForm(ctx: WebContext): AccountForm {
  const sent = fields(ctx)
  const texts = (prefix: string, names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, sent[`${prefix}.${name}`] ?? '']))
  return {
    ftp: switchFrom(sent['ftp']),
    fromOutside: switchFrom(sent['fromOutside']),
    disabledUntil: sent['disabledUntil']?.trim() ?? '',
    startFolder: sent['startFolder']?.trim() ?? '',
    limits: texts('limits', LIMITS),
    together: texts('together', SHARED),
    hours: readHours(ctx, LIMITS),
  }
}

/** The entry that the form means, with what it does not show kept; undefined when it says nothing at all. */
export function entryOf(
  form: AccountForm,
  kind: AccountKind,
  stored: AccountEntry | undefined,
  { state: { t, presentation } }: WebContext,
): { readonly entry: object | undefined; readonly problems: readonly Problem[] } {
  const hours = hoursOf(form.hours, t)
  const limits = amounts('limits', form.limits, t)
  const together = amounts('together', form.together, t)
  const until = form.disabledUntil === '' ? undefined : localTime(form.disabledUntil, presentation.timeZone)
  const problems = [...limits.problems, ...together.problems, ...hours.problems]
  if (form.disabledUntil !== '' && until === undefined) {
    problems.push({ path: 'disabledUntil', text: 'must be a date and time such as 2026-12-31T23:59:00Z' })
  }
  const said = {
    ...(form.ftp === '' ? {} : { ftp: form.ftp === 'on' }),
    ...(form.fromOutside === '' ? {} : { fromOutside: form.fromOutside === 'on' }),
    ...(until === undefined ? {} : { disabledUntil: new Date(until).toISOString() }),
    ...(form.startFolder === '' ? {} : { startFolder: form.startFolder }),
  }
  const access = stored?.access ?? { rules: [] }
  const lists = { limits: limits.value, hours: hours.value, access }
  const silent =
    Object.keys({ ...said, ...limits.value, ...together.value }).length + hours.value.length + access.rules.length === 0
  const entry = { ...said, ...lists, ...(kind === 'group' ? { together: together.value } : {}) }
  return { entry: silent ? undefined : entry, problems }
}

function amounts(prefix: string, typed: Readonly<Record<string, string>>, t: WebContext['state']['t']) {
  const problems: Problem[] = []
  const value = Object.entries(typed).flatMap(([name, text]) => {
    const limit = limitOf(name, text, t)
    if (typeof limit === 'string' && limit !== 'unlimited') {
      problems.push({ path: `${prefix}.${name}`, text: amountProblem(name), got: text })
    }
    return limit === undefined ? [] : [[name, limit] as const]
  })
  return { value: Object.fromEntries(value), problems }
}

const switchOf = (value: boolean | undefined): Switch => (value === undefined ? '' : value ? 'on' : 'off')
const switchFrom = (text: string | undefined): Switch => (text === 'on' || text === 'off' ? text : '')
