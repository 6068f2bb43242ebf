/** What changed in a list of IP access rules, told rule by rule while they are few: of two long lists nobody sees it. */

/** Rules that are told one by one. */
const MOST = 20

interface RuleDifference {
  /** `access.rules[6]` for a rule that came, went or was changed; `access.rules["192.0.2.7"].position` for one that was moved. */
  readonly path: string
  /** A rule, or its position from 1; undefined where there was, or is, nothing. */
  readonly from: unknown
  readonly to: unknown
}

/** Undefined where the lists are better told as a whole: one of them is empty, or too much is different. */
export function ruleDifferences(
  path: string,
  from: readonly unknown[],
  to: readonly unknown[],
): readonly RuleDifference[] | undefined {
  if (from.length === 0 || to.length === 0) return undefined
  const { stayed, gone, came } = matched(from, to)
  const moved = outOfOrder(stayed.map(({ now }) => now))
  if (gone.length + came.length > MOST || moved === 'several') return undefined
  const position = ({ before, now }: Stayed) => {
    const mask = JSON.stringify(maskOf(to[now]))
    return { path: `${path}[${mask}].position`, from: before + 1, to: now + 1 }
  }
  return [
    ...gone.filter((at) => !came.includes(at)).map((at) => ({ path: `${path}[${at}]`, from: from[at], to: undefined })),
    ...came.map((at) => ({ path: `${path}[${at}]`, from: gone.includes(at) ? from[at] : undefined, to: to[at] })),
    ...stayed.slice(moved, moved === undefined ? 0 : moved + 1).map((one) => position(one)),
  ]
}

interface Stayed {
  /** Places from 0. */
  readonly before: number
  readonly now: number
}

/** Which rules are in both lists, in the order of the first one; the others by their places. */
function matched(from: readonly unknown[], to: readonly unknown[]) {
  const places = new Map<string, number[]>()
  for (const [at, rule] of to.entries()) {
    const key = keyOf(rule)
    places.set(key, [...(places.get(key) ?? []), at])
  }
  const stayed: Stayed[] = []
  const gone: number[] = []
  for (const [before, rule] of from.entries()) {
    const now = places.get(keyOf(rule))?.shift()
    if (now === undefined) gone.push(before)
    else stayed.push({ before, now })
  }
  return { stayed, gone, came: [...places.values()].flat().toSorted((a, b) => a - b) }
}

/** The one place without which the numbers rise; undefined when they all do. */
function outOfOrder(numbers: readonly number[]): number | 'several' | undefined {
  const fall = numbers.findIndex((number, at) => number > (numbers[at + 1] ?? Infinity))
  if (fall < 0) return undefined
  return [fall, fall + 1].find((at) => rises(numbers.toSpliced(at, 1))) ?? 'several'
}

function rises(numbers: readonly number[]): boolean {
  return numbers.every((number, at) => at === 0 || number > (numbers[at - 1] ?? -1))
}

/** The same for rules that say the same, however their parts are ordered. */
function keyOf(rule: unknown): string {
  const parts = typeof rule === 'object' && rule !== null ? Object.entries(rule) : []
  return JSON.stringify(parts.toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

function maskOf(rule: unknown): string {
  return typeof rule === 'object' && rule !== null && 'mask' in rule ? String(rule.mask) : ''
}
