/** Names of events and rules in the reader's language; what has no name is shown as it is. */
import type { Verdict } from '../../ftp/verdict.ts'
import type { Entry } from '../../journal/entry.ts'
import { hasText, type Translate } from '../locale.ts'

/** What happened: `Login refused`. Families such as `fault.storage` may be named by their first word. */
export function eventName(t: Translate, event: string): string {
  const [family = ''] = event.split('.')
  const key = [event.replaceAll('.', '-'), family].find((name) => hasText(`log.events.${name}`))
  return key === undefined ? event : t(`log.events.${key}`)
}

/** Why something was refused, as the end of a sentence: `no right to delete`. */
export function ruleText(t: Translate, rule: string): string {
  return hasText(`log.rules.${rule}`) ? t(`log.rules.${rule}`) : rule
}

/** Who owns the rule: `set for the group`. */
export function levelText(t: Translate, level: string): string {
  return hasText(`log.levels.${level}`) ? t(`log.levels.${level}`) : level
}

/** What the rule was set to: a setting in the words of its page, everything else as it is. */
export function detailText(t: Translate, { rule, detail }: Pick<Verdict, 'rule' | 'detail'>): string | undefined {
  const setting = SETTINGS[rule]
  const key = `settings.fields.${setting}.options.${detail}`
  return setting !== undefined && hasText(key) ? t(key) : detail
}

/** Rules whose detail is a choice of a setting. */
const SETTINGS: Readonly<Record<string, string>> = {
  'tls.required': 'tls.policy',
  'tls.sessionReuse': 'tls.sessionReuse',
}

/** The verdict of an entry: why it let somebody in where it did, why it refused everywhere else. */
export function verdictText(t: Translate, { event, verdict }: Pick<Entry, 'event' | 'verdict'>): string | undefined {
  if (!verdict) return undefined
  const allowed = `log.allowed.${verdict.rule}`
  return event === 'login' && hasText(allowed) ? t(allowed) : ruleText(t, verdict.rule)
}
