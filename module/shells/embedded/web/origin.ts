/** What counts as one host when connections and guesses are counted by the address they come from. */
import ipaddr from 'ipaddr.js'
import { isIPv6 } from 'node:net'

/** Whoever has one address of an IPv6 /64 has all of them. */
export function originOf(address: string): string {
  if (!isIPv6(address)) return address
  const parsed = ipaddr.process(address)
  return parsed.kind() === 'ipv4' ? parsed.toString() : parsed.toByteArray().slice(0, 8).join('.')
}

/** Whether it is this machine itself: a proxy in front of the pages speaks for many browsers. */
export function isLoopback(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback'
}
