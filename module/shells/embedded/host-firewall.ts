/** The machine's firewall as the module sees it: ports are opened while the administrator has switched that on. */
import type { Firewall, FirewallZone, PortNeed } from '../../shell.ts'
import type { Nftables, OpenPorts } from './firewall.ts'
import type { ShellFile } from './shell-file.ts'

const LAN = 'lan'
const EVERYWHERE = 'everywhere'

/** How the firewall stands. */
export interface FirewallState {
  readonly available: boolean
  readonly managed: boolean
  readonly needs: readonly PortNeed[]
  /** Tables of others that drop what they do not know. */
  readonly strictTables: readonly string[]
}

export class HostFirewall implements Firewall {
  readonly #file: ShellFile
  readonly #nftables: Nftables
  readonly #lan: () => readonly string[]
  #needs: readonly PortNeed[] = []

  constructor(file: ShellFile, nftables: Nftables, lan: () => readonly string[]) {
    this.#file = file
    this.#nftables = nftables
    this.#lan = lan
  }

  async zones(): Promise<readonly FirewallZone[]> {
    return [
      { id: LAN, label: 'LAN', trusted: true },
      { id: EVERYWHERE, label: 'Internet', trusted: false },
    ]
  }

  /** Remembers what is needed, and opens it if that is switched on. */
  async apply(needs: readonly PortNeed[]): Promise<void> {
    if (this.#file.current.firewall) await this.#nftables.apply(this.#ports(needs))
    this.#needs = needs
  }

  /** Opens what is needed at once, or removes our table. Rejects when nft refuses; then nothing has changed. */
  async manage(managed: boolean): Promise<void> {
    await this.#nftables.apply(managed ? this.#ports(this.#needs) : [])
    await this.#file.edit(() => ({ firewall: managed }))
  }

  /** The LAN has other networks than before. */
  async refresh(): Promise<void> {
    if (this.#file.current.firewall) await this.#nftables.apply(this.#ports(this.#needs))
  }

  async state(): Promise<FirewallState> {
    const available = await this.#nftables.available()
    return {
      available,
      managed: available && this.#file.current.firewall,
      needs: this.#needs,
      strictTables: available ? await this.#nftables.strictTables() : [],
    }
  }

  #ports(needs: readonly PortNeed[]): OpenPorts[] {
    return needs.map(({ from, to, zones }) => ({ from, to, sources: zones.includes(EVERYWHERE) ? [] : this.#lan() }))
  }
}
