/** The address announced to clients for passive data connections, kept right while the server runs (product section 2). */
import { lookup } from 'node:dns/promises'
import { isIPv4 } from 'node:net'
import { networkTest } from './networks.ts'
import type { ServerSettings } from './schema.ts'

/** Milliseconds between two look-ups of a host name. */
const REFRESH = 60_000

export interface Surrounding {
  /** Whether a client comes from the LAN. */
  lan(address: string): boolean
  /** The appliance's IPv4 address on the outside, where it is known. */
  wanAddress(): string | undefined
  /** An IPv4 address of a host name. */
  lookup(name: string): Promise<string>
}

type Addresses = Pick<ServerSettings, 'externalAddress' | 'externalAddressExceptions'>

/** Follows the setting; a host name is looked up at once and again each minute, and the last answer holds while none comes. */
export class ExternalAddress {
  readonly #surrounding: Surrounding
  #settings: Addresses = { externalAddress: 'automatic', externalAddressExceptions: [] }
  #exceptions: readonly { matches: (address: string) => boolean; address: string | undefined }[] = []
  #found: { readonly name: string; readonly address: string } | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(surrounding: Surrounding) {
    this.#surrounding = surrounding
  }

  /** Takes over the settings; resolves once a host name has been looked up, whether it was found or not. */
  async configure(settings: Addresses): Promise<void> {
    this.#settings = settings
    this.#exceptions = settings.externalAddressExceptions.map(({ network, address }) => ({
      matches: networkTest([network]),
      address: address === 'local' ? undefined : address,
    }))
    clearInterval(this.#timer)
    if (!this.#named()) return
    this.#timer = setInterval(() => void this.#look(), REFRESH).unref()
    await this.#look()
  }

  /** What to announce to a client; undefined = the address it connected to. */
  for(client: string): string | undefined {
    const exception = this.#exceptions.find(({ matches }) => matches(client))
    if (exception) return exception.address
    const { externalAddress } = this.#settings
    if (this.#surrounding.lan(client)) return undefined
    if (externalAddress === 'automatic') return this.#surrounding.wanAddress()
    if (!this.#named()) return externalAddress
    return this.#found?.name === externalAddress ? this.#found.address : this.#surrounding.wanAddress()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #named(): boolean {
    return this.#settings.externalAddress !== 'automatic' && !isIPv4(this.#settings.externalAddress)
  }

  async #look(): Promise<void> {
    const name = this.#settings.externalAddress
    try {
      this.#found = { name, address: await this.#surrounding.lookup(name) }
    } catch {
      // The name server may be back in a minute; until then the last answer is the best there is.
    }
  }
}

/** An IPv4 address of a host name, as the operating system knows it. */
export async function lookupIPv4(name: string): Promise<string> {
  return (await lookup(name, { family: 4 })).address
}
