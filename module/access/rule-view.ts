/** What the page of a rule list shows beside the rules themselves: rules that are never reached, and an order for reading. */
import type { CompiledRule } from './ip-rules.ts'
import { inside, SHAPE, type AddressMask, type Box, type Mask } from './mask.ts'

/** Pieces of a box that may be left over while others are taken away; beyond, a rule counts as reached. */
const PIECES = 256

/**
 * The rules that can never decide, each with the earlier rules that take all its addresses; positions from 0. Rules that have
 * expired are left out. Sound but not complete: what is marked is never reached, what is not marked may still not be.
 */
export function neverReached(rules: readonly CompiledRule[], now: number): Map<number, number[]> {
  const shadowed = new Map<number, number[]>()
  const earlier = new Earlier()
  for (const rule of rules) {
    if (rule.until <= now) continue
    const by =
      rule.mask.kind === 'addresses'
        ? coverOf(rule.mask, rule.until, earlier.near(rule.mask))
        : coverOfName(rule, earlier.all)
    if (by) shadowed.set(rule.index, by)
    else earlier.add(rule)
  }
  return shadowed
}

/** Positions of the rules in an order for reading: IPv4, IPv6, names; by first address, the larger block first. */
export function sortedView(rules: readonly CompiledRule[]): number[] {
  return [...rules].sort(compare).map((rule) => rule.index)
}

/** Whether no address at all gets past the list; a list without rules admits everyone. */
export function admitsNobody(rules: readonly CompiledRule[], now: number): boolean {
  const shadowed = neverReached(rules, now)
  const open = ({ allow, until, index }: CompiledRule): boolean => allow && until > now && !shadowed.has(index)
  return rules.length > 0 && !rules.some(open)
}

/** The rules before one, found by the first two parts of their masks: every pair of thousands would take too long. */
class Earlier {
  readonly all: CompiledRule[] = []
  /** Those whose first two parts are one value each. */
  readonly #narrow = new Map<string, CompiledRule[]>()
  readonly #wide: CompiledRule[] = []

  add(rule: CompiledRule): void {
    this.all.push(rule)
    if (rule.mask.kind !== 'addresses') return
    const key = blockOf(rule.mask)
    if (key === undefined) this.#wide.push(rule)
    else if (this.#narrow.has(key)) this.#narrow.get(key)?.push(rule)
    else this.#narrow.set(key, [rule])
  }

  /** Those that may share an address with a mask, in their order. */
  near(mask: AddressMask): readonly CompiledRule[] {
    const key = blockOf(mask)
    if (key === undefined) return this.all
    const narrow = this.#narrow.get(key) ?? []
    return [...narrow, ...this.#wide].sort((one, other) => one.index - other.index)
  }
}

function blockOf({ family, low, high }: AddressMask): string | undefined {
  return low[0] === high[0] && low[1] === high[1] ? `${family} ${low[0]} ${low[1]}` : undefined
}

function coverOfName(rule: CompiledRule, earlier: readonly CompiledRule[]): number[] | undefined {
  const twin = earlier.find(({ mask, until }) => until >= rule.until && sameName(mask, rule.mask))
  if (twin) return [twin.index]
  const four = coverOf(everything(4), rule.until, earlier)
  const six = four && coverOf(everything(6), rule.until, earlier)
  return six && [...new Set([...four, ...six])].sort((a, b) => a - b)
}

function sameName(one: Mask, other: Mask): boolean {
  return one.kind !== 'addresses' && one.text === other.text
}

/** The earlier rules that together hold every address of a mask until its rule expires. */
function coverOf(mask: AddressMask, until: number, earlier: readonly CompiledRule[]): number[] | undefined {
  let pieces: Box[] = [mask]
  const by: number[] = []
  for (const { index, mask: other, until: end } of earlier) {
    // A rule that ends sooner shadows only for a while.
    if (end < until) continue
    if (other.kind !== 'addresses' || other.family !== mask.family || !overlap(other, mask)) continue
    if (inside(other, mask)) return [index]
    if (pieces.length > PIECES) continue
    const left = pieces.flatMap((piece) => without(piece, other))
    if (left.length !== pieces.length || left.some((piece, at) => piece !== pieces[at])) by.push(index)
    pieces = left
    if (pieces.length === 0) return by
  }
  return undefined
}

function overlap(one: Box, other: Box): boolean {
  for (let at = 0; at < one.low.length; at++) {
    if ((one.low[at] ?? 0) > (other.high[at] ?? 0) || (one.high[at] ?? 0) < (other.low[at] ?? 0)) return false
  }
  return true
}

/** A box without the part that another one takes: itself where they do not meet, else at most two pieces for each part. */
function without(box: Box, taken: Box): Box[] {
  if (!overlap(box, taken)) return [box]
  const pieces: Box[] = []
  let { low, high } = box
  for (let at = 0; at < low.length; at++) {
    const [from, to] = [taken.low[at] ?? 0, taken.high[at] ?? 0]
    if ((low[at] ?? 0) < from) pieces.push({ low, high: high.with(at, from - 1) })
    if ((high[at] ?? 0) > to) pieces.push({ low: low.with(at, to + 1), high })
    low = low.with(at, Math.max(low[at] ?? 0, from))
    high = high.with(at, Math.min(high[at] ?? 0, to))
  }
  return pieces
}

function everything(family: 4 | 6): AddressMask {
  const { parts, maximum } = SHAPE[family]
  const low = Array<number>(parts).fill(0)
  return { kind: 'addresses', form: 'parts', family, low, high: low.map(() => maximum), text: '' }
}

function compare(one: CompiledRule, other: CompiledRule): number {
  const [a, b] = [one.mask, other.mask]
  if (a.kind !== 'addresses' || b.kind !== 'addresses') {
    if (a.kind === 'addresses') return -1
    return b.kind === 'addresses' ? 1 : a.text < b.text ? -1 : a.text > b.text ? 1 : one.index - other.index
  }
  if (a.family !== b.family) return a.family - b.family
  return compareParts(a.low, b.low) || compareParts(b.high, a.high) || one.index - other.index
}

function compareParts(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((value, part) => value !== other[part])
  return at < 0 ? 0 : (one[at] ?? 0) - (other[at] ?? 0)
}
