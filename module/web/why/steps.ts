/** The steps of an answer in words, each with the page where what decided is set. */
import type { WhyAnswer, WhyStep } from '../../service/why.ts'
import { DEFAULT_DOMAIN } from '../../settings/domain.ts'
import { levelText, ruleText } from '../log/words.ts'
import type { Translate } from '../locale.ts'
import { resourcePath } from '../resources/links.ts'

export interface StepRow {
  readonly what: string
  readonly allowed: boolean
  readonly text: string
  /** Whose rule it is, and its value; empty where the text says it all. */
  readonly detail: string
  /** Below the base; empty where nothing can be set. */
  readonly edit: string
}

export function stepRows(t: Translate, answer: WhyAnswer, path: string): readonly StepRow[] {
  return answer.steps.map((step) => {
    const { stage, verdict } = step
    return {
      what: t(`why.stages.${stage}`),
      allowed: verdict.allowed,
      text:
        stage === 'rules' ? listText(t, step) : verdict.allowed ? t(`why.passed.${stage}`) : ruleText(t, verdict.rule),
      detail: verdict.allowed && stage !== 'right' ? '' : detailText(t, step),
      edit: editPath(step, answer, path),
    }
  })
}

/** `rule 3, 192.0.2.*`. */
function listText(t: Translate, { verdict, index }: WhyStep): string {
  return t(`access.test.by.${verdict.rule.replace('access.', '')}`, {
    number: index === undefined ? '' : index + 1,
    detail: verdict.detail?.replace(/^.*: /, '') ?? '',
  })
}

function detailText(t: Translate, { stage, verdict, owner }: WhyStep): string {
  const { level, detail } = verdict
  // `group staff`: the level says the first word.
  const value = stage === 'rules' ? owner : detail?.replace(/^(?:user|group) /, '')
  return [levelText(t, level), value].filter(Boolean).join(': ')
}

function editPath(step: WhyStep, answer: WhyAnswer, path: string): string {
  const { stage, verdict } = step
  switch (stage) {
    case 'service':
      return '/'
    case 'rules':
      return listPath(step)
    case 'connection':
      return verdict.level === 'domain' ? `/settings/domains/${answer.domain}` : '/settings/limits'
    case 'tls':
      return '/settings/encryption'
    case 'login':
    case 'sessions':
      return accountPath(step, answer)
    case 'command':
      if (verdict.rule.startsWith('login.')) return accountPath(step, answer)
      return verdict.level === 'domain' ? `/settings/commands/domain/${answer.domain}` : '/settings/commands'
    default:
      return deedPath(verdict.rule, path, answer)
  }
}

function listPath({ verdict: { rule, level }, owner }: WhyStep): string {
  if (rule === 'access.ban' || rule === 'access.hammering') return '/access/blocked'
  if (level === 'server' || owner === DEFAULT_DOMAIN || owner === undefined) return '/access'
  return `/access/rules/${level}/${encodeURIComponent(owner)}`
}

function accountPath({ verdict: { level, detail, rule } }: WhyStep, { user, guest }: WhyAnswer): string {
  if (guest) return rule === 'login.guest' ? '/resources' : '/settings/accounts'
  if (level === 'group' && detail !== undefined) return `/access/accounts/group/${encodeURIComponent(detail)}`
  if (level === 'server') return '/settings/accounts'
  return user ? `/access/accounts/user/${encodeURIComponent(user.name)}` : ''
}

/** What a resource decides stands on its page. */
function deedPath(rule: string, path: string, { user }: WhyAnswer): string {
  if (rule === 'tls.required') return '/settings/encryption'
  if (rule === 'limit.user-bytes' && user) return `/access/accounts/user/${encodeURIComponent(user.name)}`
  const resource = path.split('/')[1] ?? ''
  return /^(?:right|name|limit|resource|storage|rename)\./.test(rule) && resource !== '' ? resourcePath(resource) : ''
}
