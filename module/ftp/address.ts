/** Addresses of peers in one canonical spelling, so that they can be compared as text. */
import ipaddr from 'ipaddr.js'

/**
 * The canonical text of an address: an IPv4-mapped IPv6 address is its IPv4 one, zone ids are dropped, every spelling of one
 * IPv6 address is equal. Empty for what is no address (a socket that is already closed has none).
 */
export function canonicalAddress(text: string | undefined): string {
  if (!text) return ''
  if (isIPv4Text(text)) return text
  const bare = text.replace(/%.*$/, '')
  // Shortened and octal IPv4, which ipaddr.js can read, is what a bounce would be spelt with: strict in an IPv6 address too.
  const dotted = /[^:]*\.[^:]*$/.exec(bare)?.[0]
  if (dotted !== undefined && !isIPv4Text(dotted)) return ''
  return ipaddr.IPv6.isValid(bare) ? ipaddr.process(bare).toString() : ''
}

/** 4 or 6, as RFC 2428 section 2 calls them 1 and 2. */
export function familyOf(canonical: string): 4 | 6 {
  return canonical.includes(':') ? 6 : 4
}

/** Four decimal numbers 0 to 255 without leading zeros. */
export function isIPv4Text(text: string): boolean {
  return /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/.test(text)
}
