/** What the appliance's firewall has to let through, told to it whenever that changes. */
import { isDeepStrictEqual } from 'node:util'
import { portRange } from '../settings/port-range.ts'
import type { ServerSettings } from '../settings/schema.ts'
import type { Firewall, PortNeed, ServiceStatus } from '../shell.ts'

/** The ports for the listeners there are; none while nothing listens. */
export function portNeeds(
  { firewall, passivePorts, port }: ServerSettings,
  { addresses }: Pick<ServiceStatus, 'addresses'>,
): readonly PortNeed[] {
  if (addresses.length === 0) return []
  const { control, passive, zones } = firewall
  const need = (id: PortNeed['id'], from: number, to = from): PortNeed => ({ id, protocol: 'tcp', from, to, zones })
  const ports = [...new Set(addresses.map((each) => each.port))]
  const [first] = ports
  const main = ports.includes(port) ? port : first
  const range = portRange(passivePorts)
  return [
    ...(control ? ports.map((each) => need(each === main ? 'control' : 'listener', each)) : []),
    // "any" takes ports of the system, which nobody can name before.
    ...(passive && range && range.from > 0 ? [need('passive', range.from, range.to)] : []),
  ]
}

export class FirewallKeeper {
  readonly #firewall: Firewall | undefined
  readonly #failed: (error: unknown) => void
  #wanted: readonly PortNeed[] | undefined
  #applying: Promise<void> = Promise.resolve()

  constructor(firewall: Firewall | undefined, failed: (error: unknown) => void) {
    this.#firewall = firewall
    this.#failed = failed
  }

  /** Resolves when the firewall says so, or has refused; what it was told last is not told again. */
  want(needs: readonly PortNeed[]): Promise<void> {
    const firewall = this.#firewall
    if (!firewall || isDeepStrictEqual(needs, this.#wanted)) return this.#applying
    this.#wanted = needs
    this.#applying = this.#applying.then(async () => {
      // Others have been wanted meanwhile.
      if (this.#wanted !== needs) return
      try {
        await firewall.apply(needs)
      } catch (error) {
        // The next change, or start, tries again.
        if (this.#wanted === needs) this.#wanted = undefined
        this.#failed(error)
      }
    })
    return this.#applying
  }
}
