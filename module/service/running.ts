/** One time of being switched on: the engine with its listeners, its certificate and the address it announces. */
import { chooseCertificate } from '../certificates/choose.ts'
import type { Chosen } from '../certificates/choose.ts'
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
import type { Certificates, Network, Warning } from '../shell.ts'

export interface RunningParts {
  readonly certificates: Certificates
  readonly network: Network
  readonly accounts: Accounts
  readonly gate: Gate
  readonly observers: readonly Observer[]
  /** Whether an address belongs to the LAN. */
  lan(address: string): boolean
}

export class Running {
  readonly server: FtpServer
  readonly #parts: RunningParts
  readonly #external: ExternalAddress
  #settings: Settings
  #certificate: Certificate

  private constructor(parts: RunningParts, settings: Settings, certificate: Certificate) {
    this.#parts = parts
    this.#settings = settings
    this.#certificate = certificate
    this.#external = new ExternalAddress({
      lan: (address) => parts.lan(address),
      wanAddress: () => parts.network.wanAddress(),
      lookup: lookupIPv4,
    })
    const backend = { gate: parts.gate, accounts: parts.accounts }
    this.server = createFtpServer({
      backend,
      options: this.#options(settings, certificate),
      observers: parts.observers,
    })
  }

  /** Starts to listen. Rejects with `SettingsError` for a port that cannot be had, with `CertificateError` without a needed one. */
  static async open(parts: RunningParts, settings: Settings): Promise<Running> {
    const running = new Running(parts, settings, await chooseCertificate(parts.certificates, settings.settings.tls))
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
    return this.#certificate.chosen?.description.fingerprint
  }

  get warnings(): readonly Warning[] {
    return this.#certificate.warnings
  }

  /** Changes what differs, in force for live sessions at their next decision; when it rejects nothing has changed. */
  async reconfigure(settings: Settings): Promise<void> {
    const certificate = await this.#reload(settings)
    await this.#listen(settings)
    void this.#external.configure(settings.settings)
    this.#take(settings, certificate)
  }

  /** Loads the certificate again: the next handshake uses it. The old one stays in use when it cannot be loaded. */
  async renewCertificate(): Promise<void> {
    this.#take(this.#settings, await this.#reload(this.#settings))
  }

  /** Accepts nobody any more, lets transfers end for so many milliseconds, then ends every session. */
  async close(graceMs: number): Promise<void> {
    this.#external.close()
    await this.server.close({ graceMs })
  }

  #take(settings: Settings, certificate: Certificate): void {
    this.#settings = settings
    this.#certificate = certificate
    this.server.update(this.#options(settings, certificate))
  }

  #options(settings: Settings, { chosen }: Certificate): Options {
    return engineOptions(settings, {
      keyPair: chosen?.keyPair,
      externalAddress: (client) => this.#external.for(client),
    })
  }

  async #reload(settings: Settings): Promise<Certificate> {
    const next = await chooseCertificate(this.#parts.certificates, settings.settings.tls)
    const [old, now] = [this.#certificate.chosen?.keyPair, next.chosen?.keyPair]
    // The engine tells a renewed certificate by the object: the same text keeps the same one.
    const same = old && now && old.certificate === now.certificate && old.key === now.key
    return same && next.chosen ? { ...next, chosen: { ...next.chosen, keyPair: old } } : next
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

interface Certificate {
  readonly chosen?: Chosen
  readonly warnings: readonly Warning[]
}

const clash = (old: ListenerOptions, next: ListenerOptions) => old.port === next.port && old.address !== next.address
