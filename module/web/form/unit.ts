/** Units of numbers, told by the name of the setting, and how amounts are shown and typed in them. */

/** `seconds` and the like are shown as they are stored; speeds and sizes in a multiple that people choose. */
export type Unit = 'seconds' | 'minutes' | 'days' | 'megabytes' | 'percent' | 'speed' | 'size'

const NAMES: readonly (readonly [RegExp, Unit])[] = [
  [/BytesPerSecond$/, 'speed'],
  [/(?:^|\.|[a-z])Bytes$|(?:^|\.)bytes$/, 'size'],
  [/seconds$/i, 'seconds'],
  [/minutes$/i, 'minutes'],
  [/days$/i, 'days'],
  [/megabytes$/i, 'megabytes'],
  [/percent$/i, 'percent'],
  [/^timeouts\./, 'seconds'],
]

/** The unit of a setting, undefined for a plain number. */
export function unitOf(path: string): Unit | undefined {
  return NAMES.find(([name]) => name.test(path))?.[1]
}

/** Decimal multiples of a byte, by the key of their text. */
const MULTIPLES: ReadonlyMap<string, number> = new Map([
  ['kB', 1e3],
  ['MB', 1e6],
  ['GB', 1e9],
  ['TB', 1e12],
])

/** What can be chosen beside the number; nothing for a unit that has no choice. */
export function multiplesOf(unit: Unit | undefined): readonly string[] {
  if (unit === 'speed') return ['kB', 'MB', 'GB']
  return unit === 'size' ? ['MB', 'GB', 'TB', 'kB'] : []
}

/** The multiple in which a number of bytes reads best: the largest that needs at most one decimal, else `kB`. */
export function bestMultiple(unit: Unit, bytes: number): string {
  const usual = unit === 'speed' ? 'kB' : 'MB'
  const fitting = multiplesOf(unit).filter((multiple) => {
    return bytes >= factor(multiple) && bytes % (factor(multiple) / 10) === 0
  })
  const largest = fitting.toSorted((a, b) => factor(b) - factor(a))[0]
  return largest ?? (bytes % (factor(usual) / 1000) === 0 ? usual : 'kB')
}

/** The number to show for bytes in a multiple. */
export function inMultiple(bytes: number, multiple: string): number {
  return bytes / factor(multiple)
}

/** The bytes that a number in a multiple means; as near to a whole number as was typed. */
export function inBytes(amount: number, multiple: string): number {
  const bytes = amount * factor(multiple)
  const whole = Math.round(bytes)
  // 1234.567 × 1000 is 1234567 only nearly.
  return Math.abs(bytes - whole) < 1e-3 && (whole > 0 || amount === 0) ? whole : bytes
}

const factor = (multiple: string) => MULTIPLES.get(multiple) ?? 1
