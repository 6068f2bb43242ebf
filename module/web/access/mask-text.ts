/** What a mask means, in words: how many addresses from where to where, and what it is easily taken for. */
import { parseMask } from '../../access/ip-rule.ts'
import { describeMask, type Mask } from '../../access/mask.ts'
import type { WebState } from '../context.ts'
import { problemText } from '../problem-text.ts'

type Speaker = Pick<WebState, 't' | 'formats'>

export interface MaskText {
  readonly ok: boolean
  /** What it stands for, or what is wrong with it. */
  readonly text: string
  /** What may surprise. */
  readonly hint?: string
  /** A mask that was probably meant. */
  readonly meant?: string
}

/** Counts that are written out; what is larger is a power of two or nearly one. */
const WRITTEN_OUT = 10n ** 12n

/** What a typed mask means. */
export function maskText(speaker: Speaker, typed: string): MaskText {
  const result = parseMask(typed)
  if ('problem' in result) {
    const { message, meant } = result.problem
    const text = problemText({ text: message }, speaker.t)
    return meant === undefined ? { ok: false, text } : { ok: false, text, meant }
  }
  const hint = hintOf(speaker, result.mask, typed.trim())
  return { ok: true, text: meaning(speaker, result.mask), ...(hint === undefined ? {} : { hint }) }
}

/** `25 addresses: 192.0.2.0 – 192.0.2.24`. */
export function meaning({ t, formats }: Speaker, mask: Mask): string {
  const described = describeMask(mask)
  if (!described) return t(`access.mask.${mask.kind === 'host' ? 'host' : 'names'}`)
  const { count, first, last, contiguous } = described
  if (mask.kind === 'addresses' && mask.form === 'exact') return t('access.mask.exact')
  const number = count <= WRITTEN_OUT ? formats.number(Number(count)) : powerOfTwo(count)
  const key = count === 1n ? 'one' : contiguous ? 'block' : 'gaps'
  return t(`access.mask.${key}`, { count: Number(count <= WRITTEN_OUT ? count : 0n), number, first, last })
}

function hintOf({ t }: Speaker, mask: Mask, typed: string): string | undefined {
  if (mask.kind !== 'addresses') return undefined
  const [, head = '', to = '0'] = /^(\d+\.\d+\.\d+\.0)-(\d+)$/.exec(typed) ?? []
  // What looks like a prefix length in the last part is a range.
  if (head !== '' && Number(to) <= 32 && Number(to) > 0) return t('access.mask.noPrefix', { prefix: `${head}/${to}` })
  return typed.toLowerCase() === mask.text ? undefined : t('access.mask.same', { mask: mask.text })
}

/** `2^96`, or `≈ 2^95.6`. */
function powerOfTwo(count: bigint): string {
  const bits = count.toString(2).length - 1
  return 2n ** BigInt(bits) === count ? `2^${bits}` : `≈ 2^${Math.log2(Number(count)).toFixed(1)}`
}
