/** A change of IP access rules in words: a whole list, one rule of it, or the place of one. */
import { accessRule, type AccessRule } from '../../settings/access.ts'
import { valueText, type Speech } from '../form/words.ts'
import type { DifferenceWords } from './difference-words.ts'

/** The list, a rule by its place from 0, or the position of the rule with this mask. */
const PART = /^access\.rules(?:\[(\d+)\]|\["(.*)"\]\.position)?$/s

/** Rules that fit into a cell. */
const SHOWN = 10

/** `IP access rules: Group staff, rule 7`; undefined for what has to do with no rules. */
export function ruleWords(speech: Speech, who: string, part: string): DifferenceWords | undefined {
  const { t } = speech
  const [whole, at, mask] = PART.exec(part) ?? []
  if (whole === undefined) return undefined
  const list = `${t('access.pages.rules')}: ${who}`
  if (mask !== undefined) {
    const text = (value: unknown) => valueText(speech, undefined, value)
    return { what: t('access.change.position', { list, mask }), text }
  }
  if (at === undefined) return { what: list, text: (value) => linesText(speech, value) }
  return { what: t('access.change.rule', { list, number: Number(at) + 1 }), text: (value) => wholeText(speech, value) }
}

/** `Deny 192.0.2.0-24, Allow *.*.*.*`; the log may have cut the list. */
function linesText(speech: Speech, value: unknown): string {
  const members: readonly unknown[] = Array.isArray(value) ? value : []
  const rules = members.flatMap((each) => accessRule.safeParse(each).data ?? [])
  if (rules.length === 0) return valueText(speech, undefined, undefined)
  const lines = rules.slice(0, SHOWN).map((rule) => lineText(speech, rule))
  return [...lines, ...(members.length > lines.length ? ['…'] : [])].join(', ')
}

/** With what else the rule says: it may be all that was changed. */
function wholeText(speech: Speech, value: unknown): string {
  const { data } = accessRule.safeParse(value)
  if (!data) return valueText(speech, undefined, value)
  const until =
    data.expires && speech.t('access.change.until', { time: speech.formats.dateTime(Date.parse(data.expires)) })
  const more = [data.note, until].filter(Boolean).join(', ')
  return more ? `${lineText(speech, data)} (${more})` : lineText(speech, data)
}

function lineText({ t }: Speech, { action, mask }: AccessRule): string {
  return `${t(`access.rules.${action}`)} ${mask}`
}
