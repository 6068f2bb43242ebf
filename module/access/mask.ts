/**
 * A mask as a value. One that stands for addresses is a box: a range of values for every octet or group, which covers exact
 * addresses, ranges, wildcards and networks alike, so that matching is a comparison of integers.
 */
import { addressOf, joinGroups, mapped, octetsOf, type Address } from './address.ts'
import { MaskError } from './mask-problem.ts'

/** One range for each part, both ends included. */
export interface Box {
  readonly low: readonly number[]
  readonly high: readonly number[]
}

export interface AddressMask extends Box {
  readonly kind: 'addresses'
  /** `exact` is one address written as such; a range, wildcard or network of one address is not. */
  readonly form: 'exact' | 'parts' | 'network'
  readonly family: 4 | 6
  /** Normalised text: what the mask means, written the shortest way. */
  readonly text: string
}

export interface NameMask {
  /** `host`: the addresses a name has now (forward). `names`: clients whose own confirmed name fits a pattern (reverse). */
  readonly kind: 'host' | 'names'
  /** Lower case, ASCII (RFC 5890 A-labels); `*` is any run of characters, `?` one character but a dot. */
  readonly text: string
}

export type Mask = AddressMask | NameMask

/** What a mask stands for, as pages show it. Names stand for whatever they resolve to and are not described. */
export interface MaskDescription {
  /** 1 to 2^128. */
  readonly count: bigint
  readonly first: string
  readonly last: string
  /** Whether it holds every address between the first and the last. */
  readonly contiguous: boolean
}

/** Number of parts and values of a part, per family. */
export const SHAPE = {
  4: { parts: 4, bits: 8, maximum: 0xff },
  6: { parts: 8, bits: 16, maximum: 0xffff },
} as const

/** The mask that a box of part ranges is; a box of IPv4-mapped addresses is a mask of IPv4. */
export function partsMask(family: 4 | 6, low: readonly number[], high: readonly number[]): AddressMask {
  if (family === 6 && mapped(low) && mapped(high)) return unmappedMask(low, high)
  const exact = low.every((value, at) => value === high[at])
  if (exact) return { kind: 'addresses', form: 'exact', family, low, high, text: addressOf(low).text }
  return { kind: 'addresses', form: 'parts', family, low, high, text: partsText(family, low, high) }
}

/** The network of an address and a prefix length, 0 to 32 or 128; host bits are cleared. */
export function networkMask(family: 4 | 6, parts: readonly number[], prefix: number): AddressMask {
  if (family === 6 && prefix >= 96 && mapped(parts)) {
    return networkMask(4, parts.slice(6).flatMap(octetsOf), prefix - 96)
  }
  const { bits } = SHAPE[family]
  const hosts = parts.map((_, at) => (1 << (bits - Math.min(Math.max(prefix - at * bits, 0), bits))) - 1)
  const low = parts.map((part, at) => part & ~(hosts[at] ?? 0))
  const high = low.map((part, at) => part | (hosts[at] ?? 0))
  return { kind: 'addresses', form: 'network', family, low, high, text: `${textOf(low)}/${prefix}` }
}

/** Whether a mask of addresses holds an address. */
export function holds(mask: AddressMask, address: Address): boolean {
  return mask.family === address.family && inside(mask, { low: address.parts, high: address.parts })
}

/** Whether a box lies inside another one of the same family. */
export function inside(outer: Box, inner: Box): boolean {
  for (let at = 0; at < inner.low.length; at++) {
    if ((inner.low[at] ?? 0) < (outer.low[at] ?? 0) || (inner.high[at] ?? 0) > (outer.high[at] ?? 0)) return false
  }
  return true
}

/** How many addresses a mask holds, and the first and the last of them; undefined for names. */
export function describeMask(mask: Mask): MaskDescription | undefined {
  if (mask.kind !== 'addresses') return undefined
  const { low, high } = mask
  const { maximum } = SHAPE[mask.family]
  const widths = low.map((value, at) => (high[at] ?? 0) - value + 1)
  const open = widths.findIndex((width) => width > 1)
  return {
    count: widths.reduce((product, width) => product * BigInt(width), 1n),
    first: textOf(low),
    last: textOf(high),
    contiguous: open < 0 || widths.slice(open + 1).every((width) => width === maximum + 1),
  }
}

/** Text of an end of a box. Not the canonical address: the ends of `::/0` are not IPv4. */
function textOf(parts: readonly number[]): string {
  return parts.length === 4 ? parts.join('.') : joinGroups(parts.map((part) => part.toString(16)))
}

function partsText(family: 4 | 6, low: readonly number[], high: readonly number[]): string {
  const { maximum } = SHAPE[family]
  const radix = family === 4 ? 10 : 16
  const texts = low.map((from, at) => {
    const to = high[at] ?? 0
    if (from === 0 && to === maximum) return '*'
    return from === to ? from.toString(radix) : `${from.toString(radix)}-${to.toString(radix)}`
  })
  if (family === 4) return texts.join('.')
  return texts.every((text) => text === '*') ? '*:*' : joinGroups(texts)
}

/** The IPv4 mask of a box of `::ffff:…` groups. */
function unmappedMask(low: readonly number[], high: readonly number[]): AddressMask {
  const from: number[] = []
  const to: number[] = []
  for (const at of [6, 7]) {
    const [lowHead, lowTail] = octetsOf(low[at] ?? 0)
    const [highHead, highTail] = octetsOf(high[at] ?? 0)
    // A range of groups is a box of octets only where the first octet is one value or the second takes every value.
    if (lowHead !== highHead && (lowTail !== 0 || highTail !== 0xff)) {
      throw new MaskError('mapped', 'This is a range of IPv4 addresses in the spelling of IPv6; write it as IPv4.')
    }
    from.push(lowHead, lowTail)
    to.push(highHead, highTail)
  }
  return partsMask(4, from, to)
}
