/** The service's life: off, starting, on, stopping or failed; and how new settings take effect in each of these. */
import { Logins } from '../access/login.ts'
import type { FtpEvent, Observer } from '../ftp/events.ts'
import type { Resources } from '../resources/resources.ts'
import { networkTest } from '../settings/networks.ts'
import type { Settings } from '../settings/schema.ts'
import { settingsWarnings } from '../settings/warnings.ts'
import type { ApplianceShell, AuditEntry, ServiceState, ServiceStatus, Warning } from '../shell.ts'
import { checkSettings } from './check.ts'
import { Entrance } from './entrance.ts'
import { Faults, reasonOf } from './faults.ts'
import { endTransfers, resourcesOn, withoutRoots } from './leaving.ts'
import { Alarm, pausedUntil, wanted } from './pause.ts'
import { Running } from './running.ts'
import { resourceWarnings } from './warnings.ts'

/** Milliseconds between two looks at folders and disks. */
const LOOK = 60_000

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
}

export class Lifecycle {
  readonly entrance: Entrance
  readonly #parts: LifecycleParts
  readonly #logins: Logins
  readonly #alarm: Alarm
  readonly #looks: NodeJS.Timeout
  /** The settings that decide now; ahead of the stored ones only while a change is being applied. */
  #inForce: Settings
  #lan: (address: string) => boolean = () => false
  #started = false
  #running: Running | undefined
  #warnings: readonly Warning[] = []
  #swept = false
  /** Ids of storage roots that are about to be unmounted. */
  readonly #leaving = new Set<string>()
  readonly #faults: Faults
  #state: { readonly state: ServiceState; readonly reason?: string; readonly since: number }

  constructor(parts: LifecycleParts) {
    const { shell, resources, settings, audit } = parts
    this.#parts = parts
    this.#faults = new Faults(audit)
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
    this.entrance = new Entrance({
      shell,
      logins: this.#logins,
      settings,
      lan: (address) => this.#lan(address),
      audit,
      fault: (what, error) => this.fault(what, error),
    })
    this.#alarm = new Alarm(parts.resumable)
    this.#looks = setInterval(() => void this.#look().catch((error: unknown) => this.fault('storage', error)), LOOK)
    this.#looks.unref()
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
      warnings: [...(running?.warnings ?? []), ...this.#warnings, ...settingsWarnings(this.#inForce)],
    }
  }

  /** From now on the service runs whenever the settings say so. Rejects when it should and cannot. */
  async start(): Promise<void> {
    this.#started = true
    this.#enforce(this.#inForce)
    await this.resume()
    if (!this.#running) await this.#updateResources(this.#inForce)
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
    clearInterval(this.#looks)
    await this.entrance.control.stop()
  }

  /** Makes settings take effect. What can be refused comes first; when it rejects everything is as it was. */
  async apply(next: Settings): Promise<void> {
    const before = this.#inForce
    await checkSettings(this.#parts.shell, next, before)
    if (this.#started && wanted(next)) {
      await (this.#running ? this.#reconfigure(this.#running, next, before) : this.#open(next))
      return
    }
    this.#enforce(next)
    if (this.#running || this.#state.state === 'failed') await this.#close(0)
    if (this.#started) await this.#updateResources(next)
  }

  /** The shell's users have changed: live sessions follow at their next command. */
  refreshUsers(): Promise<void> {
    return this.#logins.refresh()
  }

  refreshNetwork(): void {
    this.#lan = networkTest(this.#inForce.settings.lanNetworks ?? this.#parts.shell.network.lan())
  }

  async refreshStorage(): Promise<void> {
    this.#leaving.clear()
    await this.#updateResources(this.#inForce)
  }

  /** Closes everything of a storage root and hides its resources until the storage has changed. */
  async releaseStorage(root: string): Promise<void> {
    const names = resourcesOn(root, this.#inForce.resources, await this.#parts.shell.storage.roots())
    this.#leaving.add(root)
    await this.#updateResources(this.#inForce)
    if (this.#running) await endTransfers(this.#running.server, names)
  }

  async refreshCertificate(): Promise<void> {
    await this.#running?.renewCertificate()
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
      await this.#updateResources(next)
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
      await this.#updateResources(settings)
      this.#running = await Running.open(this.#runningParts(), settings)
    } catch (error) {
      this.#enforce(before)
      this.#enter('failed', reasonOf(error))
      throw error
    }
    this.#enter('on')
    this.#sweep()
  }

  /** From here on these settings decide. */
  #enforce(settings: Settings): void {
    this.#inForce = settings
    this.refreshNetwork()
    this.entrance.configure(settings)
    this.#alarm.set(this.#started ? pausedUntil(settings) : undefined)
  }

  /** What a process that died has left behind is looked for while clients are served: a large disk takes its time. */
  #sweep(): void {
    if (!this.#swept) this.#parts.resources.sweep().catch((error: unknown) => this.fault('sweep', error))
    this.#swept = true
  }

  #runningParts() {
    const { certificates, network } = this.#parts.shell
    const faults = (event: FtpEvent) => event.kind === 'fault' && this.fault('engine', event.error)
    const { accounts, control } = this.entrance
    const lan = (address: string) => this.#lan(address)
    return { certificates, network, accounts, gate: control.gate, observers: [faults, ...this.#parts.observers], lan }
  }

  async #close(graceMs: number): Promise<void> {
    if (this.#running) {
      this.#enter('stopping')
      await this.#running.close(graceMs)
      this.#running = undefined
    }
    if (this.#state.state !== 'off') this.#enter('off')
  }

  async #updateResources(settings: Settings): Promise<void> {
    const present = await this.#parts.shell.storage.roots()
    const { resources, roots } = withoutRoots(settings.resources, present, this.#leaving)
    await this.#parts.resources.update(resources, roots)
    await this.#look()
  }

  /** Looks at folders and disks, and says what is new. */
  async #look(): Promise<void> {
    const before = this.#warnings.map(({ text }) => text)
    this.#warnings = resourceWarnings(await this.#parts.resources.states())
    const fresh = this.#warnings.filter(({ text }) => !before.includes(text))
    for (const { code, text } of fresh) this.#parts.audit({ level: 'warning', event: `resource.${code}`, text })
    if (fresh.length > 0 || before.length !== this.#warnings.length) this.#parts.changed()
  }

  #enter(state: ServiceState, reason?: string): void {
    this.#state = { state, since: Date.now(), ...(reason === undefined ? {} : { reason }) }
    const text = reason === undefined ? `The FTP server is ${state}.` : `The FTP server has failed: ${reason}`
    this.#parts.audit({ level: state === 'failed' ? 'error' : 'info', event: `service.${state}`, text })
    this.#parts.changed()
  }
}
