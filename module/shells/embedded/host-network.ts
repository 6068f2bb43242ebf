/** What a machine's own interfaces tell about its networks. */
import { hostname, networkInterfaces } from 'node:os'
import ipaddr from 'ipaddr.js'
import type { Network } from '../../shell.ts'

type Interfaces = ReturnType<typeof networkInterfaces>

/** Milliseconds between two looks at the interfaces. */
const POLL = 30_000

/** Ranges whose networks are never the internet's (RFC 1918, 4193, 4291, 3927). */
const LOCAL_RANGES = new Set(['private', 'loopback', 'linkLocal', 'uniqueLocal'])

export class HostNetwork implements Network {
  readonly #read: () => Interfaces
  readonly #usedPorts: () => readonly number[]
  readonly #timer: NodeJS.Timeout
  #interfaces: Interfaces

  /** `changed` is called when the addresses of the interfaces differ from before. */
  constructor(usedPorts: () => readonly number[], changed: () => void, read: () => Interfaces = networkInterfaces) {
    this.#usedPorts = usedPorts
    this.#read = read
    this.#interfaces = read()
    this.#timer = setInterval(() => {
      if (this.look()) changed()
    }, POLL).unref()
  }

  /** Looks at the interfaces now; answers whether something differs. */
  look(): boolean {
    const before = JSON.stringify(this.#interfaces)
    this.#interfaces = this.#read()
    return JSON.stringify(this.#interfaces) !== before
  }

  lan(): readonly string[] {
    const networks = new Set(['127.0.0.0/8', '::1/128'])
    for (const { cidr, address } of this.#addresses()) if (cidr && local(address)) networks.add(cidr)
    return [...networks]
  }

  wanAddress(): string | undefined {
    return this.#addresses().find(({ family, address }) => family === 'IPv4' && !local(address))?.address
  }

  usedPorts(): readonly number[] {
    return this.#usedPorts()
  }

  /** The machine's name and its addresses in the LAN: what a certificate should be for. */
  names(): readonly string[] {
    const addresses = this.#addresses()
      .map(({ address }) => address)
      .filter((address) => local(address) && ipaddr.parse(address).range() !== 'linkLocal')
    const name = hostname().toLowerCase()
    const names = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name) ? [name] : []
    return [...new Set([...names, 'localhost', '127.0.0.1', '::1', ...addresses])]
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #addresses() {
    return Object.values(this.#interfaces).flatMap((addresses) => addresses ?? [])
  }
}

function local(address: string): boolean {
  return ipaddr.isValid(address) && LOCAL_RANGES.has(ipaddr.process(address).range())
}
