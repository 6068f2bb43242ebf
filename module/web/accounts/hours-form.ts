/** The editor of days and hours, the same at every level: rows as they are typed, what they mean, and what is wrong with them. */
import { DAYS } from '../../settings/hours.ts'
import type { Hours } from '../../settings/hours.ts'
import type { Problem } from '../../settings/problems.ts'
import type { Limit } from '../../settings/values.ts'
import { fields, values } from '../body.ts'
import type { WebContext } from '../context.ts'
import type { Translate } from '../locale.ts'
import { amountProblem, limitOf, limitText, typedLimit, type Speech } from './amount.ts'

/** A row as it stands in its inputs. */
export interface TypedHours {
  readonly days: readonly string[]
  readonly from: string
  readonly to: string
  readonly limits: Readonly<Record<string, string>>
}

type StoredHours = readonly (Hours & { readonly limits: Readonly<Record<string, Limit | undefined>> })[]

/** Rows that a posted form may have. */
const MOST = 50

const BLANK: TypedHours = { days: [], from: '', to: '', limits: {} }

/** The rows of what is stored. */
export function typedHours(stored: StoredHours, t: Translate): readonly TypedHours[] {
  return stored.map(({ days, from, to, limits }) => ({
    days,
    from,
    to,
    limits: Object.fromEntries(Object.entries(limits).map(([name, value]) => [name, typedLimit(name, value, t)])),
  }))
}

/** The rows of a posted form; `list` is what its inputs begin with, where a form has more than one editor. */
export function readHours(ctx: WebContext, names: readonly string[], list = 'hours'): readonly TypedHours[] {
  const sent = fields(ctx)
  const rows: TypedHours[] = []
  for (let at = 0; at < MOST && sent[`${list}.${at}.from`] !== undefined; at++) {
    const limits = names.map((name) => [name, sent[`${list}.${at}.limits.${name}`] ?? ''] as const)
    rows.push({
      days: values(ctx, `${list}.${at}.days`),
      from: sent[`${list}.${at}.from`] ?? '',
      to: sent[`${list}.${at}.to`] ?? '',
      limits: Object.fromEntries(limits),
    })
  }
  return rows
}

/** The rows after one of their buttons, `hours.add` or `hours.remove.2`; undefined for another button. */
export function editedHours(
  rows: readonly TypedHours[],
  button: string,
  list = 'hours',
): readonly TypedHours[] | undefined {
  if (button === `${list}.add`) return rows.length < MOST ? [...rows, BLANK] : rows
  const [, named, at] = /^(\w+)\.remove\.(\d{1,2})$/.exec(button) ?? []
  return named === list ? rows.toSpliced(Number(at), 1) : undefined
}

/** The rows without those in which nothing was typed. */
export function filledRows(rows: readonly TypedHours[]): readonly TypedHours[] {
  return rows.filter(
    ({ days, from, to, limits }) => days.length + from.length + to.length + Object.values(limits).join('').length > 0,
  )
}

/** What the rows mean; rows in which nothing was typed mean nothing. `path` is where the settings keep them. */
export function hoursOf(
  rows: readonly TypedHours[],
  t: Translate,
  path = 'hours',
): { readonly value: readonly object[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = []
  const value = filledRows(rows).map(({ days, from, to, limits }, row) => {
    const meant = Object.entries(limits).flatMap(([name, text]) => {
      const limit = limitOf(name, text, t)
      if (typeof limit === 'string' && limit !== 'unlimited') {
        problems.push({ path: `${path}[${row}].limits.${name}`, text: amountProblem(name), got: text })
      }
      return limit === undefined ? [] : [[name, limit] as const]
    })
    // In the order of the week, whatever the order of the boxes.
    return { days: DAYS.filter((day) => days.includes(day)), from, to, limits: Object.fromEntries(meant) }
  })
  return { value, problems }
}

/** `Mon, Tue 20:00–06:00`. */
export function whenText({ days, from, to }: Hours, t: Translate): string {
  const named =
    days.length === DAYS.length ? t('accounts.hours.everyDay') : days.map((day) => t(`accounts.days.${day}`)).join(', ')
  return `${named} ${from}–${to}`
}

/** A stored row on one line: when, and what holds then. */
export function rowText(row: StoredHours[number], label: (name: string) => string, speech: Speech): string {
  const limits = Object.entries(row.limits).flatMap(([name, value]) =>
    value === undefined ? [] : [`${label(name)}: ${limitText(name, value, speech)}`],
  )
  return `${whenText(row, speech.t)} – ${limits.join(', ')}`
}

/** What the view of the editor needs. */
export function hoursView(
  rows: readonly TypedHours[],
  names: readonly string[],
  label: (name: string) => string,
  t: Translate,
  zone: string,
) {
  return {
    rows,
    zone,
    days: DAYS.map((day) => ({ id: day, label: t(`accounts.days.${day}`) })),
    limits: names.map((name) => ({ name, label: label(name) })),
  }
}
