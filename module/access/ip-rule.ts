/** The mask language of access rules (product section 6): text becomes a mask, or an error that says what was meant. */
import { parseIpv4Mask, parseIpv6Mask } from './mask-address.ts'
import { networkMask, type Mask } from './mask.ts'
import { parseNameMask } from './mask-name.ts'
import { MaskError, type MaskProblem } from './mask-problem.ts'
import { parseAddress } from './address.ts'

export type MaskResult = { readonly mask: Mask } | { readonly problem: MaskProblem }

/** Characters beyond which nothing can be a mask. */
const LONGEST = 255

/** Reads a mask. Never throws. */
export function parseMask(text: string): MaskResult {
  try {
    return { mask: read(text.trim()) }
  } catch (error) {
    if (!(error instanceof MaskError)) throw error
    const meant = error.meant === undefined ? undefined : usable(error.meant, 4)
    const { code, message } = error
    return { problem: meant === undefined ? { code, message } : { code, message, meant } }
  }
}

function read(text: string): Mask {
  if (text === '') throw new MaskError('empty', 'An address is missing: write one, or a network or a name.')
  if (text.length > LONGEST) throw new MaskError('several', 'This is too long for one mask.')
  refuseHabits(text)
  if (/^[\d.*/-]+$/.test(text)) return parseIpv4Mask(text)
  return text.includes(':') ? parseIpv6Mask(text) : parseNameMask(text)
}

/** Spellings of other programs, each with what it is called here. */
function refuseHabits(text: string): void {
  if (/^(?:\*|all|any|everyone)$/i.test(text)) {
    throw new MaskError('everyone', 'Everyone is two rules here: *.*.*.* for IPv4 and *:* for IPv6.', '*.*.*.*')
  }
  if (text.startsWith('!')) {
    throw new MaskError('negation', '“!” is not used here; write a deny rule without it.', text.slice(1).trim())
  }
  const range = /^([\d.]+)\s*(?:-|–|\.\.)\s*([\d.]+)$/.exec(text)
  const [from, to] = [parseAddress(range?.[1] ?? ''), parseAddress(range?.[2] ?? '')]
  if (from?.family === 4 && to?.family === 4) {
    const message = 'A range is written inside one part, as in 192.0.2.0-24; several blocks need several rules.'
    throw new MaskError('full-range', message, between(from.parts, to.parts))
  }
  if (/[\s,;]/.test(text)) throw new MaskError('several', 'One rule takes one mask; write a rule for each.')
  const [, bracketed] = /^\[([^\]]*)\](?::\d+)?$/.exec(text) ?? []
  if (bracketed) throw new MaskError('brackets', 'An IPv6 address is written without brackets.', bracketed)
  const [, host] = /^([^:]+):\d+$/.exec(text) ?? []
  if (host?.includes('.')) throw new MaskError('port', 'A rule holds for every port; leave the port out.', host)
  const [, address, octets] = /^([\d.]+)\/(\d+\.\d+\.\d+\.\d+)$/.exec(text) ?? []
  if (octets) {
    const length = maskLength(octets)
    const meant = length === undefined ? undefined : `${address}/${length}`
    throw new MaskError('netmask', 'A network is written with a prefix length, not with a netmask.', meant)
  }
}

/** The one mask of all addresses between two IPv4 addresses, where there is one. */
function between(from: readonly number[], to: readonly number[]): string | undefined {
  const open = from.findIndex((part, at) => part !== to[at])
  const inner = from.map((part, at) => (part === to[at] ? `${part}` : `${part}-${to[at] ?? 0}`))
  const tail = from.slice(open + 1)
  if (open < 0) return from.join('.')
  if (tail.every((part, at) => part === 0 && to[open + 1 + at] === 255)) return inner.join('.')
  return undefined
}

/** The prefix length of a netmask such as 255.255.255.0. */
function maskLength(octets: string): number | undefined {
  const all = [255, 255, 255, 255]
  for (let length = 0; length <= 32; length++) {
    if (networkMask(4, all, length).low.join('.') === octets) return length
  }
  return undefined
}

/** What was meant, as long as that is itself a mask or leads to one. */
function usable(text: string, tries: number): string | undefined {
  try {
    return read(text).text
  } catch (error) {
    if (!(error instanceof MaskError)) throw error
    return error.meant === undefined || tries === 0 ? undefined : usable(error.meant, tries - 1)
  }
}
