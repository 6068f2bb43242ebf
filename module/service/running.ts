/** One time of being switched on: the engine with its listeners, its certificates and the address it announces. */
import type { Accounts, Gate } from '../ftp/backend.ts'
import type { Observer } from '../ftp/events.ts'
import type { ListenerOptions, Options } from '../ftp/options.ts'
import { createFtpServer } from '../ftp/server.ts'
import type { FtpServer } from '../ftp/server.ts'
import { engineOptions, listenerOptions } from '../settings/engine-options.ts'
import { errorCode } from '../settings/error-code.ts'
import { ExternalAddress, lookupIPv4 } from '../settings/external-address.ts'
import { listenProblem } from '../settings/listen-problem.ts'
import type { Settings } from '../settings/schema.ts'
import { settingsNow } from '../settings/settings-now.ts'
import type { ApplianceShell, Certificates, Network, Warning } from '../shell.ts'
import { loadCertificates } from './certificates-in-use.ts'
import type { CertificatesInUse } from './certificates-in-use.ts'
import { HourHand } from './hour-hand.ts'
import type { WallClock } from './hour-hand.ts'

export interface RunningParts {
  readonly product: ApplianceShell['product']
  readonly certificates: Certificates
  readonly network: Network
  readonly accounts: Accounts
  readonly gate: Gate
  readonly observers: readonly Observer[]
  /** Whether an address belongs to the LAN. */
  lan(address: string): boolean
  readonly clock: WallClock
  /** Called when hours or access rules have begun or ended by themselves: who is in may be shut out now. */
  readonly turned: () => void
}

export class Running {
  readonly server: FtpServer
  readonly #parts: RunningParts
  readonly #external: ExternalAddress
  readonly #hourHand: HourHand
  #settings: Settings
  #certificates: CertificatesInUse

  private constructor(parts: RunningParts, settings: Settings, certificates: CertificatesInUse) {
    this.#parts = parts
    this.#settings = settings
    this.#certificates = certificates
    this.#external = new ExternalAddress({
      lan: (address) => parts.lan(address),
      wanAddress: () => parts.network.wanAddress(),
      lookup: lookupIPv4,
    })
    this.#hourHand = new HourHand(parts.clock, () => {
      this.#take(this.#settings, this.#certificates)
      parts.turned()
    })
    this.#hourHand.follow(settings)
    const backend = { gate: parts.gate, accounts: parts.accounts }
    this.server = createFtpServer({
      backend,
      options: this.#options(settings, certificates),
      observers: parts.observers,
    })
  }

  /** Starts to listen. Rejects with `SettingsError` for a port that cannot be had, with `CertificateError` without a needed one. */
  static async open(parts: RunningParts, settings: Settings): Promise<Running> {
    const running = new Running(parts, settings, await loadCertificates(parts.certificates, settings))
    try {
      await running.server.listen(listenerOptions(settings))
    } catch (error) {
      await running.close(0)
      throw listenProblem(error, settings)
    }
    // A name server that does not answer must not hold up the start; the LAN needs no external address.
    void running.#external.configure(settings.settings)
    return running
  }

  /** SHA-256 of the certificate in use. */
  get fingerprint(): string | undefined {
    return this.#certificates.chosen?.description.fingerprint
  }

  get warnings(): readonly Warning[] {
    return this.#certificates.warnings
  }

  /** Changes what differs, in force for live sessions at their next decision; when it rejects nothing has changed. */
  async reconfigure(settings: Settings): Promise<void> {
    const certificates = await this.#reload(settings)
    await this.#listen(settings)
    void this.#external.configure(settings.settings)
    this.#take(settings, certificates)
  }

  /** Loads the certificates again: the next handshake uses them. The old ones stay in use when the server's cannot be loaded. */
  async renewCertificates(): Promise<void> {
    this.#take(this.#settings, await this.#reload(this.#settings))
  }

  /** Accepts nobody any more, lets transfers end for so many milliseconds, then ends every session. */
  async close(graceMs: number): Promise<void> {
    this.#external.close()
    this.#hourHand.stop()
    await this.server.close({ graceMs })
  }

  #take(settings: Settings, certificates: CertificatesInUse): void {
    this.#settings = settings
    this.#certificates = certificates
    this.#hourHand.follow(settings)
    this.server.update(this.#options(settings, certificates))
  }

  #options(settings: Settings, { chosen, domains }: CertificatesInUse): Options {
    const { clock } = this.#parts
    return engineOptions(settingsNow(settings, { at: clock.now(), timeZone: clock.timeZone() }), {
      keyPair: chosen?.keyPair,
      domainKeyPairs: domains,
      serverName: this.#parts.product.name,
      externalAddress: (client) => this.#external.for(client),
    })
  }

  #reload(settings: Settings): Promise<CertificatesInUse> {
    return loadCertificates(this.#parts.certificates, settings, this.#certificates)
  }

  async #listen(settings: Settings): Promise<void> {
    const before = listenerOptions(this.#settings)
    const next = listenerOptions(settings)
    if (JSON.stringify(before) === JSON.stringify(next)) return
    try {
      await this.server.listen(next)
    } catch (error) {
      const free = before.filter((old) => !next.some((one) => clash(old, one)))
      // One port cannot be had for "::" and for one address at the same time: our own old listener has to go first.
      if (errorCode(error) !== 'EADDRINUSE' || free.length === before.length) throw listenProblem(error, settings)
      await this.#swap(before, free, next, settings)
    }
  }

  async #swap(
    before: readonly ListenerOptions[],
    free: readonly ListenerOptions[],
    next: readonly ListenerOptions[],
    settings: Settings,
  ): Promise<void> {
    await this.server.listen(free)
    try {
      await this.server.listen(next)
    } catch (error) {
      await this.server.listen(before)
      throw listenProblem(error, settings)
    }
  }
}

const clash = (old: ListenerOptions, next: ListenerOptions) => old.port === next.port && old.address !== next.address
