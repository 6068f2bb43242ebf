/** Masks of addresses as people write them: `192.0.2.0-24`, `134.*.34.7`, `2001:db8::/32`, `fe80::a915-a9aa`. */
import { mapped } from './address.ts'
import { networkMask, partsMask, SHAPE, type AddressMask } from './mask.ts'
import { MaskError } from './mask-problem.ts'

/** Puts a corrected part back in its place and answers the whole mask. */
type Whole = (part: string) => string

/** Reads a mask of IPv4. Throws {@link MaskError}. */
export function parseIpv4Mask(text: string): AddressMask {
  const [address, prefix] = splitPrefix(text)
  const parts = address.split('.')
  if (parts.length !== 4) throw wrongCount(parts, prefix)
  const whole = (at: number) => (part: string) => withPrefix(parts.with(at, part).join('.'), prefix)
  return maskOf(
    4,
    parts.map((part, at) => octetRange(part, whole(at))),
    prefix,
    address,
  )
}

/** Reads a mask of IPv6, which is one of IPv4 where it is written as `::ffff:…`. Throws {@link MaskError}. */
export function parseIpv6Mask(text: string): AddressMask {
  // A zone id says which cable, not which address.
  const [address, prefix] = splitPrefix(text.replace(/%[^/]*/, ''))
  if (address === '*:*' && prefix === undefined) return partsMask(6, Array(8).fill(0), Array(8).fill(0xffff))
  const dotted = address.lastIndexOf(':') + 1
  if (address.includes('.', dotted)) return dottedMask(address.slice(0, dotted), address.slice(dotted), prefix)
  const groups = expand(address)
  const whole = (at: number) => (part: string) => withPrefix(groups.with(at, part).join(':'), prefix)
  return maskOf(
    6,
    groups.map((group, at) => groupRange(group, whole(at))),
    prefix,
    address,
  )
}

function maskOf(family: 4 | 6, ranges: [number, number][], prefix: string | undefined, address: string): AddressMask {
  const low = ranges.map(([from]) => from)
  const high = ranges.map(([, to]) => to)
  if (prefix === undefined) return partsMask(family, low, high)
  const length = prefixLength(prefix, family, address)
  if (low.some((value, at) => value !== high[at])) {
    throw new MaskError(
      'prefix-and-range',
      'A prefix length and a range do not go together; leave the prefix length out.',
      partsMask(family, low, high).text,
    )
  }
  return networkMask(family, low, length)
}

/** `::ffff:192.0.2.0-24`: the dotted tail carries the mask; before any other head it must be one address. */
function dottedMask(head: string, tail: string, prefix: string | undefined): AddressMask {
  if (/[*-]/.test(head)) throw new MaskError('part', 'Ranges and “*” do not go before a dotted part.')
  const groups = expand(`${head}0:0`).map((group) => groupRange(group, (part) => part)[0])
  const four = parseIpv4Mask(tail)
  const length = prefix === undefined ? 128 : prefixLength(prefix, 6, head + tail)
  if (mapped(groups) && length >= 96) {
    return prefix === undefined ? four : parseIpv4Mask(`${tail}/${length - 96}`)
  }
  if (four.form !== 'exact') throw new MaskError('part', 'After these groups a dotted part must be one address.')
  const [a = 0, b = 0, c = 0, d = 0] = four.low
  const ranges = [...groups.slice(0, 6), a * 256 + b, c * 256 + d].map((part): [number, number] => [part, part])
  return maskOf(6, ranges, prefix, head + tail)
}

/** The eight groups of an address with at most one `::`, each as it was typed. */
function expand(address: string): string[] {
  const sides = address.split('::').map((side) => (side === '' ? [] : side.split(':')))
  const [left = [], right] = sides
  const count = sides.flat().length
  if (sides.length > 2) throw new MaskError('part', '“::” may stand only once in an address.')
  if (right ? count > 7 : count !== 8) {
    const filled = left.at(-1) === '*' && count < 8 ? [...left, ...Array<string>(8 - count).fill('*')].join(':') : ''
    const network =
      left.every((group) => /^[0-9a-f]{1,4}$/i.test(group)) && count < 8 ? `${address}::/${count * 16}` : ''
    throw new MaskError(
      'parts',
      `An IPv6 mask has eight groups, this one has ${count}.`,
      right ? undefined : filled || network || undefined,
    )
  }
  return [...left, ...Array<string>(right ? 8 - count : 0).fill('0'), ...(right ?? [])]
}

function octetRange(part: string, whole: Whole): [number, number] {
  if (part === '*') return [0, SHAPE[4].maximum]
  const ends = part.split('-')
  if (ends.length > 2 || !ends.every((end) => /^\d{1,15}$/.test(end))) {
    throw new MaskError('part', `“${part}” is neither a number, nor a range such as 0-24, nor “*”.`)
  }
  const plain = ends.map((end) => String(Number(end)))
  if (plain.join('-') !== part) {
    throw new MaskError(
      'zeros',
      `Leading zeros in “${part}” can be read as octal; write the number without them.`,
      plain.every((end) => Number(end) <= 255) ? whole(ordered(plain, 10)) : undefined,
    )
  }
  return range(part, ends.map(Number), SHAPE[4].maximum, whole)
}

function groupRange(part: string, whole: Whole): [number, number] {
  if (part === '*') return [0, SHAPE[6].maximum]
  const ends = part.split('-')
  if (ends.length > 2 || !ends.every((end) => /^[0-9a-f]{1,15}$/i.test(end))) {
    throw new MaskError('part', `“${part}” is neither a hexadecimal group, nor a range such as a915-a9aa, nor “*”.`)
  }
  const longest = ends.every((end) => end.length <= 4) ? SHAPE[6].maximum : -1
  return range(
    part,
    ends.map((end) => Number.parseInt(end, 16)),
    longest,
    whole,
  )
}

function range(part: string, ends: readonly number[], maximum: number, whole: Whole): [number, number] {
  const [low = 0, high = low] = ends
  const radix = maximum === 255 ? 10 : 16
  const top = maximum === 255 ? '255' : 'ffff'
  if (low > maximum || high > maximum) {
    const capped = ends.length === 2 && low <= maximum ? whole(`${low.toString(radix)}-${top}`) : undefined
    throw new MaskError('too-large', `“${part}” goes beyond ${top}, the largest value of a part.`, capped)
  }
  if (low > high) {
    const turned = whole(ordered([low.toString(radix), high.toString(radix)], radix))
    throw new MaskError('reversed', `The range “${part}” runs backwards.`, turned)
  }
  return [low, high]
}

function ordered(ends: readonly string[], radix: number): string {
  return [...ends].sort((a, b) => Number.parseInt(a, radix) - Number.parseInt(b, radix)).join('-')
}

function splitPrefix(text: string): [string, string | undefined] {
  const slash = text.indexOf('/')
  return slash < 0 ? [text, undefined] : [text.slice(0, slash), text.slice(slash + 1)]
}

function withPrefix(address: string, prefix: string | undefined): string {
  return prefix === undefined ? address : `${address}/${prefix}`
}

function prefixLength(text: string, family: 4 | 6, address: string): number {
  const longest = SHAPE[family].parts * SHAPE[family].bits
  const length = Number(text)
  if (!/^\d{1,3}$/.test(text) || length > longest) {
    throw new MaskError('prefix', `A prefix length of IPv${family} is 0 to ${longest}.`)
  }
  if (String(length) !== text) {
    throw new MaskError('zeros', 'A prefix length has no leading zeros.', `${address}/${length}`)
  }
  return length
}

/** Three parts are no prefix here: say which of the two spellings of a network was meant. */
function wrongCount(parts: readonly string[], prefix: string | undefined): MaskError {
  const plain =
    parts.length < 4 && parts.every((part) => part === '*' || (/^\d{1,3}$/.test(part) && Number(part) <= 255))
  const zeros = Array<string>(Math.max(4 - parts.length, 0))
  const meant =
    prefix === undefined
      ? [...parts, ...zeros.fill('*')].join('.')
      : `${[...parts, ...zeros.fill('0')].join('.')}/${prefix}`
  return new MaskError('parts', `An IPv4 mask has four parts, this one has ${parts.length}.`, plain ? meant : undefined)
}
