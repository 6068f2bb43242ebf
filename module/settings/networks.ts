/** Whether an address lies in one of a list of networks. */
import ipaddr from 'ipaddr.js'

/** Answers that a test keeps: the same few addresses ask with every command. */
const KEPT = 1000

/** A test for membership, made once for a list of addresses and CIDR networks. IPv4-mapped IPv6 addresses count as IPv4. */
export function networkTest(networks: readonly string[]): (address: string) => boolean {
  const ranges = networks.map(range)
  const known = new Map<string, boolean>()
  return (address) => {
    const before = known.get(address)
    if (before !== undefined) return before
    const answer = inside(address, ranges)
    if (known.size >= KEPT) known.clear()
    known.set(address, answer)
    return answer
  }
}

function inside(address: string, ranges: readonly ReturnType<typeof range>[]): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.process(address)
  return ranges.some(([base, bits]) => base.kind() === parsed.kind() && parsed.match(base, bits))
}

function range(network: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  if (network.includes('/')) return ipaddr.parseCIDR(network)
  const address = ipaddr.process(network)
  return [address, address.kind() === 'ipv4' ? 32 : 128]
}
