/** The service's life: off, starting, on, stopping or failed; and how new settings take effect in each of these. */
import { Logins } from '../access/login.ts'
import type { FtpEvent, Observer } from '../ftp/events.ts'
import type { Resources } from '../resources/resources.ts'
import { networkTest } from '../settings/networks.ts'
import type { Settings } from '../settings/schema.ts'
import { settingsWarnings } from '../settings/warnings.ts'
import type { ApplianceShell, AuditEntry, ServiceState, ServiceStatus } from '../shell.ts'
import { checkSettings } from './check.ts'
import { Entrance, type EntranceParts } from './entrance.ts'
import { Faults, reasonOf } from './faults.ts'
import { wallClock, type WallClock } from './hour-hand.ts'
import { Alarm, pausedUntil, wanted } from './pause.ts'
import { ResourceKeeper } from './resource-keeper.ts'
import { Running } from './running.ts'

export interface LifecycleParts {
  readonly shell: ApplianceShell
  readonly resources: Resources
  /** Decide until others are applied. */
  readonly settings: Settings
  /** Told what the engine tells. */
  readonly observers: readonly Observer[]
  readonly audit: (entry: AuditEntry) => void
  /** The status differs from before. */
  readonly changed: () => void
  /** The time to be off is over: `resume` is due. */
  readonly resumable: () => void
  /** Absent = that of the machine and the zone of the shell. */
  readonly clock?: WallClock | undefined
  readonly names?: EntranceParts['names']
}

export class Lifecycle {
  readonly entrance: Entrance
  readonly #parts: LifecycleParts
  readonly #logins: Logins
  readonly #alarm: Alarm
  readonly #resources: ResourceKeeper
  readonly #clock: WallClock
  /** The settings that decide now; ahead of the stored ones only while a change is being applied. */
  #inForce: Settings
  #lan: (address: string) => boolean = () => false
  #started = false
  #running: Running | undefined
  readonly #faults: Faults
  #state: { readonly state: ServiceState; readonly reason?: string; readonly since: number }

  constructor(parts: LifecycleParts) {
    const { shell, resources, settings, audit } = parts
    this.#parts = parts
    this.#faults = new Faults(audit)
    this.#clock = parts.clock ?? { ...wallClock, timeZone: () => shell.timeZone?.() ?? wallClock.timeZone() }
    this.#inForce = settings
    this.#state = { state: 'off', since: Date.now() }
    this.#logins = new Logins({
      directory: shell.users,
      policy: () => this.#inForce,
      lan: (address) => this.#lan(address),
      filesFor: (visitor) => resources.filesFor(visitor),
      rehearsedFiles: (visitor) => resources.rehearsedFiles(visitor),
      guestsAllowed: (address, lan, shown) => resources.guestsAllowed(address, lan, shown),
      fault: (error) => this.fault('directory', error),
      now: () => this.#clock.now(),
      timeZone: () => this.#clock.timeZone(),
    })
    this.entrance = new Entrance({
      shell,
      logins: this.#logins,
      settings,
      groupsOf: (user) => this.#logins.groupsOf(user),
      lan: (address) => this.#lan(address),
      audit,
      fault: (what, error) => this.fault(what, error),
      names: parts.names,
    })
    this.#alarm = new Alarm(parts.resumable)
    const fault = (what: string, error: unknown) => this.fault(what, error)
    this.#resources = new ResourceKeeper({ storage: shell.storage, resources, audit, changed: parts.changed, fault })
  }

  /** What runs now, if anything does. */
  get running(): Running | undefined {
    return this.#running
  }

  status(): ServiceStatus {
    const running = this.#running
    const until = pausedUntil(this.#inForce)
    return {
      ...this.#state,
      sessions: running?.server.sessions().length ?? 0,
      addresses: running?.server.addresses() ?? [],
      ...(running?.fingerprint ? { fingerprint: running.fingerprint } : {}),
      ...(until === undefined || this.#state.state !== 'off' ? {} : { pausedUntil: until }),
      warnings: [...(running?.warnings ?? []), ...this.#resources.warnings, ...settingsWarnings(this.#inForce)],
    }
  }

  /** From now on the service runs whenever the settings say so. Rejects when it should and cannot. */
  async start(): Promise<void> {
    this.#started = true
    this.#enforce(this.#inForce)
    await this.resume()
    if (!this.#running) await this.#resources.update(this.#inForce)
  }

  /** Starts if it should run now: a time to be off may be over. */
  async resume(): Promise<void> {
    if (this.#started && wanted(this.#inForce) && !this.#running) await this.#open(this.#inForce)
  }

  async stop(graceMs: number): Promise<void> {
    this.#started = false
    this.#alarm.set(undefined)
    await this.#close(graceMs)
  }

  /** Gives back what is held even while the service is off; after `stop`. */
  async dispose(): Promise<void> {
    this.#resources.close()
    await this.entrance.control.stop()
  }

  /** Makes settings take effect. What can be refused comes first; when it rejects everything is as it was. */
  async apply(next: Settings): Promise<void> {
    const before = this.#inForce
    await checkSettings(this.#parts.shell, next, before)
    if (this.#started && wanted(next)) {
      if (!this.#running) return this.#open(next)
      return this.#reconfigure(this.#running, next, before)
    }
    this.#enforce(next)
    if (this.#running || this.#state.state === 'failed') await this.#close(0)
    if (this.#started) await this.#resources.update(next)
  }

  /** Ends the sessions of those whom a change has shut out. */
  review(): void {
    this.#running?.server.review((session) => this.entrance.stays(session))
  }

  /** The shell's users have changed: live sessions follow. */
  async refreshUsers(): Promise<void> {
    await this.#logins.refresh()
    this.review()
  }

  refreshNetwork(): void {
    this.#findLan()
    this.review()
  }

  refreshStorage(): Promise<void> {
    return this.#resources.refresh(this.#inForce)
  }

  /** Closes everything of a storage root and hides its resources until the storage has changed. */
  releaseStorage(root: string): Promise<void> {
    return this.#resources.release(root, this.#inForce, this.#running?.server)
  }

  async refreshCertificate(): Promise<void> {
    await this.#running?.renewCertificates()
    this.#parts.changed()
  }

  /** Takes down that something failed in a way nobody planned. */
  fault(what: string, error: unknown): void {
    this.#faults.tell(what, error)
  }

  async #reconfigure(running: Running, next: Settings, before: Settings): Promise<void> {
    await running.reconfigure(next)
    try {
      this.#enforce(next)
      await this.#resources.update(next)
    } catch (error) {
      this.#enforce(before)
      await running.reconfigure(before)
      throw error
    }
  }

  async #open(settings: Settings): Promise<void> {
    this.#enter('starting')
    const before = this.#inForce
    try {
      await checkSettings(this.#parts.shell, settings, settings)
      this.#enforce(settings)
      await this.#resources.update(settings)
      this.#running = await Running.open(this.#runningParts(), settings)
    } catch (error) {
      this.#enforce(before)
      this.#enter('failed', reasonOf(error))
      throw error
    }
    this.#enter('on')
    this.#resources.sweep()
  }

  /** From here on these settings decide. */
  #enforce(settings: Settings): void {
    this.#inForce = settings
    this.#findLan()
    this.entrance.configure(settings)
    this.#alarm.set(this.#started ? pausedUntil(settings) : undefined)
  }

  #findLan(): void {
    this.#lan = networkTest(this.#inForce.settings.lanNetworks ?? this.#parts.shell.network.lan())
  }

  #runningParts() {
    const { product, certificates, network } = this.#parts.shell
    const faults = (event: FtpEvent) => event.kind === 'fault' && this.fault('engine', event.error)
    const { accounts, control } = this.entrance
    const lan = (address: string) => this.#lan(address)
    const observers = [faults, ...this.#parts.observers]
    return {
      product,
      certificates,
      network,
      accounts,
      gate: control.gate,
      observers,
      lan,
      clock: this.#clock,
      turned: () => this.review(),
    }
  }

  async #close(graceMs: number): Promise<void> {
    if (this.#running) {
      this.#enter('stopping')
      await this.#running.close(graceMs)
      this.#running = undefined
    }
    if (this.#state.state !== 'off') this.#enter('off')
  }

  #enter(state: ServiceState, reason?: string): void {
    this.#state = { state, since: Date.now(), ...(reason === undefined ? {} : { reason }) }
    const text = reason === undefined ? `The FTP server is ${state}.` : `The FTP server has failed: ${reason}`
    this.#parts.audit({ level: state === 'failed' ? 'error' : 'info', event: `service.${state}`, text })
    this.#parts.changed()
  }
}
