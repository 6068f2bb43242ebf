/** The form behind "Disconnect": what it holds, what it asks for, and what is wrong with it. */
import { LONGEST_MESSAGE, messageText } from '../../activity/chat.ts'
import type { SessionRow } from '../../activity/session-record.ts'
import { isOwn, LONGEST_BAN, type Kick, type KickProblem } from '../../service/kick.ts'
import type { Fields } from '../body.ts'
import type { WebContext } from '../context.ts'

const AFTER = ['nothing', 'ban', 'block'] as const

export interface Typed {
  readonly after: (typeof AFTER)[number]
  readonly minutes: string
  readonly scope: 'server' | 'domain'
  readonly others: boolean
  readonly disable: boolean
  readonly message: string
  readonly confirm: string
}

export type Errors = Partial<Record<'minutes' | 'confirm' | 'message' | 'after', string>>

/** As it is opened. */
export const UNTOUCHED: Typed = {
  after: 'nothing',
  minutes: '30',
  scope: 'server',
  others: false,
  disable: false,
  message: '',
  confirm: '',
}

export function typedOf(fields: Fields): Typed {
  return {
    after: AFTER.find((one) => one === fields['after']) ?? 'nothing',
    minutes: (fields['minutes'] ?? '').trim().slice(0, 20),
    scope: fields['scope'] === 'domain' ? 'domain' : 'server',
    others: fields['others'] === 'on',
    disable: fields['disable'] === 'on',
    message: (fields['message'] ?? '').slice(0, LONGEST_MESSAGE * 4),
    confirm: (fields['confirm'] ?? '').slice(0, 100),
  }
}

/** What is wrong with a form for a session; nothing is wrong when it is empty. */
export function errorsOf({ state: { t }, ip }: WebContext, row: SessionRow, typed: Typed): Errors {
  const minutes = /^\d{1,6}$/.test(typed.minutes) ? Number(typed.minutes) : 0
  const bad = typed.after === 'ban' && (minutes < 1 || minutes > LONGEST_BAN)
  const locksOut = typed.after !== 'nothing' && isOwn(row.address, ip) && !isOwn(row.address, typed.confirm.trim())
  return {
    ...(bad && { minutes: t('activity.kick.badMinutes', { most: LONGEST_BAN }) }),
    ...(locksOut && { confirm: t('activity.kick.problems.own-address', { address: row.address }) }),
    ...(typed.message.trim().length > LONGEST_MESSAGE && {
      message: t('activity.chat.tooLong', { count: LONGEST_MESSAGE }),
    }),
  }
}

/** What the form asks for. */
export function orderOf(typed: Typed): Kick {
  const { after, minutes, scope, others, disable, message } = typed
  return {
    scope,
    others,
    block: after === 'block',
    disableAccount: disable,
    ...(after === 'ban' && { ban: Number(minutes) }),
    ...(messageText(message) !== '' && { message }),
  }
}

/** A refusal of the service, at the field it belongs to where there is one. */
export function refusedAt({ state: { t } }: WebContext, row: SessionRow, problem: KickProblem): Errors {
  const text = t(`activity.kick.problems.${problem}`, { address: row.address })
  return problem === 'own-address' ? { confirm: text } : { after: text }
}
