/** The service's life: off, starting, on, stopping or failed; and how new settings take effect in each of these. */
import { Logins } from '../access/login.ts'
import { CertificateError, loadCertificate } from '../certificates/choose.ts'
import type { Gate } from '../ftp/backend.ts'
import type { FtpEvent } from '../ftp/events.ts'
import { allowedBy } from '../ftp/verdict.ts'
import type { FolderProblem, Resources } from '../resources/resources.ts'
import { portConflicts } from '../settings/connection.ts'
import { networkTest } from '../settings/networks.ts'
import { SettingsError } from '../settings/problems.ts'
import type { Settings } from '../settings/schema.ts'
import { settingsWarnings } from '../settings/warnings.ts'
import type { ApplianceShell, ServiceState, ServiceStatus } from '../shell.ts'
import { Running } from './running.ts'

/** Until there are rules, everybody may try to log in. */
const OPEN_GATE: Gate = {
  admit: () => allowedBy('gate.open', 'server'),
  admitHost: () => allowedBy('gate.open', 'server'),
}

/** Milliseconds in which the same fault is told once. */
const FAULT_SILENCE = 60_000

export class Lifecycle {
  readonly #shell: ApplianceShell
  readonly #resources: Resources
  readonly #logins: Logins
  /** The settings that decide now; ahead of the stored ones only while a change is being applied. */
  #inForce: Settings
  #lan: (address: string) => boolean = () => false
  #started = false
  #running: Running | undefined
  #folderWarnings: readonly string[] = []
  #swept = false
  readonly #faults = new Map<string, { readonly reason: string; readonly at: number }>()
  #state: { readonly state: ServiceState; readonly reason?: string; readonly since: number }

  constructor(shell: ApplianceShell, resources: Resources, settings: Settings) {
    this.#shell = shell
    this.#resources = resources
    this.#inForce = settings
    this.#state = { state: 'off', since: Date.now() }
    this.#logins = new Logins({
      directory: shell.users,
      policy: () => this.#inForce,
      lan: (address) => this.#lan(address),
      filesFor: (visitor) => resources.filesFor(visitor),
      guestsAllowed: (address, lan) => resources.guestsAllowed(address, lan),
      fault: (error) => this.fault('directory', error),
    })
  }

  /** What runs now, if anything does. */
  get running(): Running | undefined {
    return this.#running
  }

  status(): ServiceStatus {
    const running = this.#running
    return {
      ...this.#state,
      sessions: running?.server.sessions().length ?? 0,
      addresses: running?.server.addresses() ?? [],
      ...(running?.fingerprint ? { fingerprint: running.fingerprint } : {}),
      warnings: [...(running?.warnings ?? []), ...this.#folderWarnings, ...settingsWarnings(this.#inForce)],
    }
  }

  /** From now on the service runs whenever the settings say so. Rejects when it should and cannot. */
  async start(): Promise<void> {
    this.#started = true
    if (this.#inForce.enabled && !this.#running) await this.#open(this.#inForce)
  }

  async stop(graceMs: number): Promise<void> {
    this.#started = false
    await this.#close(graceMs)
  }

  /** Makes settings take effect. What can be refused comes first; when it rejects everything is as it was. */
  async apply(next: Settings): Promise<void> {
    const before = this.#inForce
    await this.#check(next, before)
    if (this.#started && next.enabled) {
      await (this.#running ? this.#reconfigure(this.#running, next, before) : this.#open(next))
      return
    }
    this.#inForce = next
    if (this.#running) await this.#close(0)
  }

  /** The shell's users have changed: live sessions follow at their next command. */
  refreshUsers(): Promise<void> {
    return this.#logins.refresh()
  }

  refreshNetwork(): void {
    this.#lan = networkTest(this.#inForce.settings.lanNetworks ?? this.#shell.network.lan())
  }

  async refreshStorage(): Promise<void> {
    await this.#updateResources(this.#inForce)
  }

  async refreshCertificate(): Promise<void> {
    await this.#running?.renewCertificate()
  }

  /** Takes down that something failed in a way nobody planned. */
  fault(what: string, error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    const last = this.#faults.get(what)
    const now = performance.now()
    // Attackers who find a way to cause one must not fill the log with it.
    if (last?.reason === reasonOf(error) && now - last.at < FAULT_SILENCE) return
    this.#faults.set(what, { reason: reasonOf(error), at: now })
    this.#shell.audit({ level: 'error', event: `fault.${what}`, text })
  }

  async #check({ settings }: Settings, before: Settings): Promise<void> {
    const conflicts = portConflicts(settings, this.#shell.network.usedPorts())
    if (conflicts.length > 0) {
      throw new SettingsError(
        conflicts.map(({ path, message }) => ({ path: `settings.${path.join('.')}`, text: message })),
      )
    }
    const { certificate } = settings.tls
    if (certificate === undefined || certificate === before.settings.tls.certificate) return
    try {
      await loadCertificate(this.#shell.certificates, certificate)
    } catch (error) {
      if (!(error instanceof CertificateError)) throw error
      throw new SettingsError([{ path: 'settings.tls.certificate', text: `must be usable: ${error.message}` }])
    }
  }

  async #reconfigure(running: Running, next: Settings, before: Settings): Promise<void> {
    await running.reconfigure(next.settings)
    try {
      this.#inForce = next
      this.refreshNetwork()
      await this.#updateResources(next)
    } catch (error) {
      this.#inForce = before
      this.refreshNetwork()
      await running.reconfigure(before.settings)
      throw error
    }
  }

  async #open(settings: Settings): Promise<void> {
    this.#enter('starting')
    const before = this.#inForce
    this.#inForce = settings
    this.refreshNetwork()
    try {
      await this.#check(settings, settings)
      await this.#updateResources(settings)
      this.#running = await Running.open(this.#parts(), settings.settings)
    } catch (error) {
      this.#inForce = before
      this.#enter('failed', reasonOf(error))
      throw error
    }
    this.#enter('on')
    this.#sweep()
  }

  /** What a process that died has left behind is looked for while clients are served: a large disk takes its time. */
  #sweep(): void {
    if (!this.#swept) this.#resources.sweep().catch((error: unknown) => this.fault('sweep', error))
    this.#swept = true
  }

  #parts() {
    const { certificates, network } = this.#shell
    const observers = [
      (event: FtpEvent) => {
        if (event.kind === 'fault') this.fault('engine', event.error)
      },
    ]
    const lan = (address: string) => this.#lan(address)
    return { certificates, network, accounts: this.#logins, gate: OPEN_GATE, observers, lan }
  }

  async #close(graceMs: number): Promise<void> {
    if (this.#running) {
      this.#enter('stopping')
      await this.#running.close(graceMs)
      this.#running = undefined
    }
    if (this.#state.state !== 'off') this.#enter('off')
  }

  async #updateResources({ resources }: Settings): Promise<void> {
    await this.#resources.update(resources, await this.#shell.storage.roots())
    const before = this.#folderWarnings
    const states = await this.#resources.states()
    this.#folderWarnings = states.flatMap(({ name, enabled, problem }) =>
      enabled && problem ? [`"${name}" is hidden from clients: ${FOLDER_PROBLEMS[problem]}`] : [],
    )
    for (const text of this.#folderWarnings) {
      if (!before.includes(text)) this.#shell.audit({ level: 'warning', event: 'resource.hidden', text })
    }
  }

  #enter(state: ServiceState, reason?: string): void {
    this.#state = { state, since: Date.now(), ...(reason === undefined ? {} : { reason }) }
    const text = reason === undefined ? `The FTP server is ${state}.` : `The FTP server has failed: ${reason}`
    this.#shell.audit({ level: state === 'failed' ? 'error' : 'info', event: `service.${state}`, text })
  }
}

const FOLDER_PROBLEMS: Readonly<Record<FolderProblem, string>> = {
  'no-storage': 'its storage is not there.',
  missing: 'its folder is missing.',
  'not-a-directory': 'its folder is a file.',
  outside: 'its folder leads out of the storage.',
  unreadable: 'its folder cannot be read.',
}

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
