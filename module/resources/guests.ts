/** From where a resource lets guests in. */
import ipaddr from 'ipaddr.js'
import type { GuestAccess } from '../settings/resource.ts'

/** Whether guests from this address get anything; the address is canonical text. */
export type GuestDoor = (address: string, lan: boolean) => boolean

/** Makes the door of a resource; networks are read once. */
export function guestDoor(guests: GuestAccess): GuestDoor {
  if (guests.profile === 'off') return () => false
  if (guests.from === 'everywhere') return () => true
  if (guests.from === 'lan') return (_address, lan) => lan
  const networks = guests.networks.map((network) =>
    network.includes('/')
      ? ipaddr.parseCIDR(network)
      : ipaddr.parseCIDR(`${network}/${network.includes(':') ? 128 : 32}`),
  )
  return (address) => {
    if (!ipaddr.isValid(address)) return false
    const parsed = ipaddr.process(address)
    return networks.some(([base, bits]) => base.kind() === parsed.kind() && parsed.match(base, bits))
  }
}
