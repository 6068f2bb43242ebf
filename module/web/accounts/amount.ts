/** Limits as people type them and read them: a number, a size such as `10 MB`, or the word for no limit. */
import type { Limit } from '../../settings/values.ts'
import { UNLIMITED } from '../../settings/values.ts'
import type { Formats } from '../formats.ts'
import { unitOf } from '../form/unit.ts'
import type { Translate } from '../locale.ts'
import { parseSize, sizeText } from '../size.ts'

export interface Speech {
  readonly t: Translate
  readonly formats: Formats
}

/** A limit as it stands in its input; nothing for one that is inherited. */
export function typedLimit(name: string, value: Limit | undefined, t: Translate): string {
  if (value === undefined) return ''
  if (value === UNLIMITED) return t('settings.words.unlimited')
  return inBytes(name) ? sizeText(value, t) : String(value)
}

/** What a typed limit means: nothing = inherited. What is no limit stays a text, for the schema or {@link amountProblem}. */
export function limitOf(name: string, text: string, t: Translate): number | string | undefined {
  const typed = text.trim()
  if (typed === '') return undefined
  const word = typed.toLowerCase()
  if (word === UNLIMITED || word === t('settings.words.unlimited').toLowerCase()) return UNLIMITED
  if (inBytes(name)) return parseSize(typed.replace(/\s*\/\s*\p{L}+$/u, '')) ?? typed
  const plain = typed.replaceAll(/[\s\u00a0\u202f]/g, '')
  return /^\d{1,15}$/.test(plain) ? Number(plain) : typed
}

/** Why a value is no limit; the English text that the schema would say as well. */
export function amountProblem(name: string): string {
  return inBytes(name)
    ? 'must be a size such as 500 MB or 10 GB, or "unlimited"'
    : 'must be a whole number of at least 1, or "unlimited"'
}

/** A limit as a sentence has it. */
export function limitText(name: string, value: Limit, { t, formats }: Speech): string {
  if (value === UNLIMITED) return t('settings.words.unlimited')
  const unit = unitOf(name)
  if (unit === 'speed') return formats.speed(value)
  if (unit === 'size') return formats.bytes(value)
  if (unit !== 'seconds') return formats.number(value)
  // 10 min, not 10 min 0 s.
  const [length, seconds] = TIMES.find(([, each]) => value % each === 0) ?? []
  if (length === undefined || seconds === undefined) return formats.duration(value)
  return t(`settings.amounts.${length}`, { amount: formats.number(value / seconds) })
}

const TIMES = [
  ['days', 86_400],
  ['hours', 3600],
  ['minutes', 60],
] as const

const inBytes = (name: string) => ['speed', 'size'].includes(unitOf(name) ?? '')
