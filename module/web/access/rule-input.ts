/** The form of one rule: what was typed, and the rule that it makes. */
import { parseMask } from '../../access/ip-rule.ts'
import { accessRule, type AccessRule } from '../../settings/access.ts'
import type { Fields } from '../body.ts'
import type { WebState } from '../context.ts'
import { localText, localTime } from '../local-time.ts'
import { maskText } from './mask-text.ts'

/** What stands in the inputs. */
export interface RuleTyped {
  readonly action: string
  readonly mask: string
  readonly note: string
  /** Date and time in the administrator's zone; empty = never. */
  readonly expires: string
  /** From 1. */
  readonly position: string
}

export type RuleErrors = Partial<Record<keyof RuleTyped, string>>

type State = Pick<WebState, 't' | 'formats' | 'presentation'>

export function typedIn(sent: Fields): RuleTyped {
  const { action = 'allow', mask = '', note = '', expires = '', position = '' } = sent
  return { action, mask, note, expires, position }
}

export function typedOf(rule: AccessRule, at: number, { presentation }: State): RuleTyped {
  const { action, mask, note, expires } = rule
  const local = expires === undefined ? '' : localText(Date.parse(expires), presentation.timeZone)
  return { action, mask, note, expires: local, position: String(at + 1) }
}

/** The rule with its position, from 0, or what is wrong with the inputs. `most` is the last position, from 1. */
export function ruleOf(
  state: State,
  typed: RuleTyped,
  most: number,
  old?: AccessRule,
): { readonly rule: AccessRule; readonly at: number } | { readonly errors: RuleErrors } {
  const { t, presentation } = state
  const parsed = parseMask(typed.mask)
  const until = typed.expires.trim() === '' ? undefined : localTime(typed.expires, presentation.timeZone)
  const position = typed.position.trim() === '' ? most : Number(typed.position)
  const note = accessRule.shape.note.safeParse(typed.note)
  const errors: RuleErrors = {
    ...('problem' in parsed && { mask: problemOf(state, typed.mask) }),
    ...(!note.success && { note: t('access.rule.noteError') }),
    ...(typed.expires.trim() !== '' && until === undefined && { expires: t('access.rule.expiresError') }),
    ...(!(Number.isInteger(position) && position >= 1 && position <= most) && {
      position: t('access.rule.positionError', { most }),
    }),
    ...(!['allow', 'deny'].includes(typed.action) && { action: t('access.rule.actionError') }),
  }
  if (Object.keys(errors).length > 0 || !note.success) return { errors }
  const action = typed.action === 'deny' ? 'deny' : 'allow'
  const rule = { action, mask: typed.mask.trim(), note: note.data } as const
  if (until === undefined) return { rule, at: position - 1 }
  // The input has no seconds; what nobody touched keeps them.
  const kept = old?.expires !== undefined && localText(Date.parse(old.expires), presentation.timeZone) === typed.expires
  const expires = (kept ? old.expires : undefined) ?? new Date(until).toISOString()
  return { rule: { ...rule, expires }, at: position - 1 }
}

function problemOf(state: State, mask: string): string {
  const { text, meant } = maskText(state, mask)
  return meant === undefined ? text : `${text} ${state.t('access.mask.meant', { mask: meant })}`
}
