/**
 * Addresses in binary, so that every spelling of one address is the same address: IPv4-mapped IPv6 (RFC 4291 section
 * 2.5.5.2) is IPv4 and zone ids (RFC 4007 section 11) are dropped.
 */
import { isIP } from 'node:net'

export interface Address {
  readonly family: 4 | 6
  /** IPv4: four octets. IPv6: eight groups of 16 bits. */
  readonly parts: readonly number[]
  /** Canonical text (RFC 5952 section 4). */
  readonly text: string
}

/** The address that a text spells, or undefined where it spells none. Leading zeros and short forms of IPv4 are refused. */
export function parseAddress(text: string): Address | undefined {
  const zone = text.indexOf('%')
  const bare = zone < 0 ? text : text.slice(0, zone)
  const family = isIP(bare)
  if (family === 4 && zone < 0) return { family, parts: bare.split('.').map(Number), text: bare }
  if (family !== 6 || zone === text.length - 1) return undefined
  return addressOf(groupsOf(bare))
}

/** The address of binary parts: four octets or eight groups; eight groups that map an IPv4 address give that one. */
export function addressOf(parts: readonly number[]): Address {
  if (parts.length === 4) return { family: 4, parts, text: parts.join('.') }
  if (mapped(parts)) return addressOf([...octetsOf(parts[6] ?? 0), ...octetsOf(parts[7] ?? 0)])
  return { family: 6, parts, text: joinGroups(parts.map((part) => part.toString(16))) }
}

/** Whether eight groups are `::ffff:a.b.c.d`. */
export function mapped(parts: readonly number[]): boolean {
  return parts[5] === 0xffff && parts.slice(0, 5).every((part) => part === 0)
}

/** The two octets of a group of 16 bits. */
export function octetsOf(group: number): [number, number] {
  return [group >> 8, group & 0xff]
}

/** Groups joined by colons, the longest run of two or more `0` written as `::` (RFC 5952 section 4.2). */
export function joinGroups(groups: readonly string[]): string {
  let start = 0
  let length = 0
  for (let from = 0; from < groups.length; from++) {
    let to = from
    while (groups[to] === '0') to++
    if (to - from > length) [start, length] = [from, to - from]
  }
  if (length < 2) return groups.join(':')
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`
}

/**
 * What counts as one origin: an IPv4 address, or the /64 of an IPv6 address, because one subscriber owns all of it and may
 * come from another address of it every time.
 */
export function originOf(address: Address): string {
  if (address.family === 4) return address.text
  return `${joinGroups([...address.parts.slice(0, 4).map((part) => part.toString(16)), '0', '0', '0', '0'])}/64`
}

/** The eight groups of valid IPv6 text without a zone. */
function groupsOf(text: string): number[] {
  const [head = '', tail] = text.split('::')
  const left = side(head)
  if (tail === undefined) return left
  const right = side(tail)
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => 0), ...right]
}

/** The groups of one side of `::`; a dotted tail (RFC 4291 section 2.2) is two groups. */
function side(text: string): number[] {
  const groups: number[] = []
  if (text === '') return groups
  for (const part of text.split(':')) {
    if (!part.includes('.')) groups.push(Number.parseInt(part, 16))
    else {
      const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number)
      groups.push(a * 256 + b, c * 256 + d)
    }
  }
  return groups
}
