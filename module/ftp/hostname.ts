/** The argument of HOST (RFC 7151 section 3.1): a domain name of A-labels, or an address literal. */
import { canonicalAddress, isIPv4Text } from './address.ts'
import type { Parser } from './command.ts'
import { Refusal } from './reply.ts'

export interface Hostname {
  /** Lower case, without a dot at the end; an address in its canonical spelling, without brackets. */
  readonly text: string
  /** It is an address. */
  readonly literal: boolean
}

const LABELS = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/

/** Refuses with 501 what can be no host name; ports and scopes belong to no name. */
export const hostname: Parser<Hostname> = (argument) => {
  const text = argument.toLowerCase().replace(/\.$/, '')
  const bracketed = /^\[([0-9a-f:.]+)\]$/.exec(text)?.[1]
  if (bracketed !== undefined) {
    const address = canonicalAddress(bracketed)
    if (address === '' || isIPv4Text(bracketed)) throw new Refusal(501, 'This is no IPv6 address.')
    return { text: address, literal: true }
  }
  if (isIPv4Text(text)) return { text, literal: true }
  if (!LABELS.test(text)) throw new Refusal(501, 'This is no host name.')
  return { text, literal: false }
}
