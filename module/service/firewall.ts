/** What the appliance's firewall has to let through, told to it whenever that changes. */
import { isDeepStrictEqual } from 'node:util'
import { portRange } from '../settings/port-range.ts'
import type { ServerSettings } from '../settings/schema.ts'
import type { Firewall, PortNeed, ServiceStatus, Warning } from '../shell.ts'
import { reasonOf } from './faults.ts'

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
  #applying: Promise<boolean> = Promise.resolve(false)
  /** Why it does not let through what was wanted last. */
  #problem: string | undefined

  constructor(firewall: Firewall | undefined, failed: (error: unknown) => void) {
    this.#firewall = firewall
    this.#failed = failed
  }

  get warnings(): readonly Warning[] {
    const problem = this.#problem
    if (problem === undefined) return []
    const text = `The firewall of the appliance did not take the ports, so that clients may not get through: ${problem}`
    return [{ code: 'firewall-refused', values: { problem }, text }]
  }

  /**
   * Resolves when the firewall says so, or has refused, with whether the warnings are others now; what it was told last is not told
   * again.
   */
  want(needs: readonly PortNeed[]): Promise<boolean> {
    const firewall = this.#firewall
    if (!firewall || isDeepStrictEqual(needs, this.#wanted)) return this.#applying
    this.#wanted = needs
    this.#applying = this.#applying.then(async () => {
      // Others have been wanted meanwhile.
      if (this.#wanted !== needs) return false
      const before = this.#problem
      try {
        await firewall.apply(needs)
        this.#problem = undefined
      } catch (error) {
        // The next change, or start, tries again.
        if (this.#wanted === needs) this.#wanted = undefined
        this.#problem = reasonOf(error)
        this.#failed(error)
      }
      return this.#problem !== before
    })
    return this.#applying
  }
}
