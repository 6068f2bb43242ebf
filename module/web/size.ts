/** Sizes as people type them, and as they find them again in the field: `10 GB`, `1.5 TB`, `512 MiB`, `1000`. */
import type { Translate } from './locale.ts'

/** Bytes of each unit, the one to show first; letters of both languages are understood. */
const UNITS: readonly (readonly [key: string, bytes: number, spelled: RegExp])[] = [
  ['TB', 1e12, /^(?:tb?|тб?)$/],
  ['GB', 1e9, /^(?:gb?|гб?)$/],
  ['MB', 1e6, /^(?:mb?|мб?)$/],
  ['kB', 1e3, /^(?:kb?|кб?)$/],
  ['B', 1, /^(?:|b|б|bytes?|байта?|байт)$/],
]
const BINARY: readonly (readonly [bytes: number, spelled: RegExp])[] = [
  [2 ** 40, /^(?:tib|тиб)$/],
  [2 ** 30, /^(?:gib|гиб)$/],
  [2 ** 20, /^(?:mib|миб)$/],
  [2 ** 10, /^(?:kib|киб)$/],
]

/** Whole bytes of at least 1; undefined for what is no size. */
export function parseSize(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:[.,]\d+)?)\s*(\p{L}*)$/u.exec(text.trim().replaceAll(/[\u00a0\u202f]/g, ' ')) ?? []
  if (amount === undefined || unit === undefined) return undefined
  const wanted = unit.toLowerCase()
  const factor =
    UNITS.find(([, , spelled]) => spelled.test(wanted))?.[1] ?? BINARY.find(([, spelled]) => spelled.test(wanted))?.[0]
  if (factor === undefined) return undefined
  const bytes = Math.round(Number(amount.replace(',', '.')) * factor)
  return bytes >= 1 && Number.isSafeInteger(bytes) ? bytes : undefined
}

/** A text that {@link parseSize} reads as exactly these bytes: the largest decimal unit with at most three decimals. */
export function sizeText(bytes: number, t: Translate): string {
  for (const [key, factor] of UNITS) {
    const text = `${Math.round((bytes / factor) * 1000) / 1000} ${t(`units.${key}`)}`
    if (bytes >= factor && parseSize(text) === bytes) return text
  }
  return `${bytes} ${t('units.B')}`
}
