/** The facade that pages, API and shell talk to: settings, sessions and the life of the service, as plain data. */
import type { SessionView } from './ftp/session-view.ts'
import { createResources } from './resources/resources.ts'
import type { ResourceState, Resources } from './resources/resources.ts'
import { Lifecycle } from './service/lifecycle.ts'
import type { Running } from './service/running.ts'
import { differences } from './settings/differences.ts'
import { mergePatch } from './settings/merge.ts'
import { checked } from './settings/problems.ts'
import type { Settings } from './settings/schema.ts'
import { settings as schema } from './settings/schema.ts'
import { SettingsStore } from './settings/store.ts'
import type { ApplianceShell, ServiceStatus } from './shell.ts'

/** Everything the pages and the API may ask; plain data in and out. `by` is the administrator's name, for the log. */
export interface FtpService {
  status(): ServiceStatus
  settings(): Settings
  /**
   * Changes settings by a JSON merge patch. Rejects with `SettingsError` for what is not possible, a port in use included; then
   * nothing has changed. What it resolves with is in force for live sessions and stored.
   */
  change(patch: unknown, by: string): Promise<Settings>
  /** How each resource stands, in the order of the settings. */
  resources(): Promise<readonly ResourceState[]>
  sessions(): readonly SessionView[]
  /** These answer false when there is no such session, or it has no transfer. */
  disconnect(id: string, by: string, message?: string): boolean
  abortTransfer(id: string, by: string): boolean
  message(id: string, text: string, by: string): boolean
}

/** The service with what only its owner may do. */
export interface OwnedFtpService extends FtpService {
  /** Starts if the settings say so. Rejects when it cannot; the reason is also in the status. */
  start(): Promise<void>
  stop(options: { readonly graceMs: number }): Promise<void>
  /** Stops at once and gives everything back. */
  dispose(): Promise<void>
}

/**
 * Opens the settings and makes a service that is not started. `initial` holds where nothing was stored before; it is stored once the
 * service has started with it, so that a start that fails can be tried again with another one.
 */
export async function createFtpService(shell: ApplianceShell, initial?: unknown): Promise<OwnedFtpService> {
  const store = await SettingsStore.open(shell.paths.config)
  for (const text of store.notices) shell.audit({ level: 'warning', event: 'settings.recovered', text })
  const first = store.fresh && initial !== undefined ? checked(schema, initial) : undefined
  return new Service(shell, store, createResources({ stateFolder: shell.paths.state }), first)
}

class Service implements OwnedFtpService {
  readonly #shell: ApplianceShell
  readonly #store: SettingsStore
  readonly #resources: Resources
  readonly #life: Lifecycle
  readonly #unsubscribe: readonly (() => void)[]
  #working: Promise<unknown> = Promise.resolve()

  /** Settings that hold and are not stored yet. */
  #first: Settings | undefined

  constructor(shell: ApplianceShell, store: SettingsStore, resources: Resources, first: Settings | undefined) {
    const life = new Lifecycle(shell, resources, first ?? store.current)
    this.#first = first
    this.#shell = shell
    this.#store = store
    this.#resources = resources
    this.#life = life
    this.#unsubscribe = [
      // Users do not wait for their turn: who was locked out must not stay in because a change hangs.
      shell.on('users-changed', () => void life.refreshUsers()),
      shell.on('network-changed', () => life.refreshNetwork()),
      shell.on('storage-changed', () => void this.#follow('storage', () => life.refreshStorage())),
      shell.on('certificates-changed', () => void this.#follow('certificate', () => life.refreshCertificate())),
    ]
  }

  status(): ServiceStatus {
    return this.#life.status()
  }

  settings(): Settings {
    return this.#first ?? this.#store.current
  }

  change(patch: unknown, by: string): Promise<Settings> {
    return this.#inTurn(async () => {
      const before = this.settings()
      const next = await this.#store.change(
        () => mergePatch(before, patch),
        (wanted) => this.#life.apply(wanted),
      )
      this.#first = undefined
      for (const { path } of differences(before, next)) this.#audit('settings.changed', `${path} was changed.`, by)
      return next
    })
  }

  start(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#life.start()
      if (this.#first) await this.#store.change(() => this.#first)
      this.#first = undefined
    })
  }

  stop({ graceMs }: { readonly graceMs: number }): Promise<void> {
    return this.#inTurn(() => this.#life.stop(graceMs))
  }

  async dispose(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    await this.stop({ graceMs: 0 })
    await this.#resources.close()
  }

  resources(): Promise<readonly ResourceState[]> {
    return this.#resources.states()
  }

  sessions(): readonly SessionView[] {
    return this.#life.running?.server.sessions() ?? []
  }

  disconnect(id: string, by: string, message?: string): boolean {
    return this.#act('session.disconnected', id, by, ({ server }) => server.disconnect(id, message))
  }

  abortTransfer(id: string, by: string): boolean {
    return this.#act('transfer.aborted', id, by, ({ server }) => server.abortTransfer(id))
  }

  message(id: string, text: string, by: string): boolean {
    return this.#act('session.messaged', id, by, ({ server }) => server.message(id, text))
  }

  #act(event: string, id: string, by: string, act: (running: Running) => boolean): boolean {
    const { running } = this.#life
    const done = running !== undefined && act(running)
    if (done) this.#audit(event, `Session ${id}.`, by)
    return done
  }

  /** Work that changes something waits for what runs already. */
  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#working.then(work)
    this.#working = done.catch(() => undefined)
    return done
  }

  /** Follows a change outside; when that fails, what was before goes on and the log says so. */
  async #follow(what: string, work: () => Promise<void>): Promise<void> {
    await this.#inTurn(work).catch((error: unknown) => this.#life.fault(what, error))
  }

  #audit(event: string, text: string, by: string): void {
    this.#shell.audit({ level: 'notice', event, text, by })
  }
}
