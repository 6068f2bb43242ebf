/** The facade that pages, API and shell talk to: settings, sessions and the life of the service, as plain data. */
import type { AccessControl } from './access/access-control.ts'
import type { Activity } from './activity/registry.ts'
import type { SessionView } from './ftp/session-view.ts'
import type { Journal } from './journal/journal.ts'
import type { ResourceState } from './resources/resources.ts'
import type { Blocks } from './service/blocks.ts'
import { checkEntrance } from './service/entrance.ts'
import type { Explorer } from './service/explorer.ts'
import type { Insights } from './service/insights.ts'
import type { Topic } from './service/listeners.ts'
import { Log } from './service/log.ts'
import { Service, type ServiceParts } from './service/assembled.ts'
import type { Metrics } from './service/metrics.ts'
import type { Rules } from './service/rules.ts'
import type { Statistics } from './service/statistics.ts'
import type { Supervisor } from './service/supervisor.ts'
import type { Tokens } from './service/tokens.ts'
import { checked } from './settings/problems.ts'
import type { Settings } from './settings/schema.ts'
import { settings as schema } from './settings/schema.ts'
import { SettingsStore } from './settings/store.ts'
import type { ApplianceShell, AuditEntry, Health, PortNeed, ServiceStatus, Unsubscribe } from './shell.ts'

/** Everything the pages and the API may ask; plain data in and out. `by` is the administrator's name, for the log. */
export interface FtpService {
  status(): ServiceStatus
  settings(): Settings
  /**
   * Changes settings by a JSON merge patch. Rejects with `SettingsError` for what is not possible, a port in use included; then
   * nothing has changed. What it resolves with is in force for live sessions and stored. With the `revision` that the patch was
   * made from it rejects with `ChangedMeanwhile` if somebody has since changed what it names.
   */
  change(patch: unknown, by: string, options?: { readonly revision?: string | undefined }): Promise<Settings>
  /** Names the settings as they are; changes with their content. */
  revision(): string
  /** Calls the listener after each change of one of these, with nothing but its name; often, so it has to be quick. */
  subscribe(listener: (topic: Topic) => void): Unsubscribe
  readonly journal: Journal
  /** Live and finished sessions with what they did. */
  readonly activity: Activity
  /** Rules, bans and counters at work. */
  readonly access: AccessControl
  /** The rule lists of all levels for those who edit them, and what of them is on trial. */
  readonly rules: Rules
  /** Bans as administrators give and lift them. */
  readonly blocks: Blocks
  readonly statistics: Statistics
  /** Tokens of the API. */
  readonly tokens: Tokens
  readonly metrics: Metrics
  health(): Health
  /** How each resource stands, in the order of the settings. */
  resources(): Promise<readonly ResourceState[]>
  /** The folder picker, and who may do what where. */
  readonly explorer: Explorer
  /** Why something happens, and what other settings would have done. */
  readonly insights: Insights
  sessions(): readonly SessionView[]
  /** What may be done with sessions. */
  readonly supervisor: Supervisor
}

/** The service with what only its owner may do. */
export interface OwnedFtpService extends FtpService {
  /** Starts if the settings say so. Rejects when it cannot; the reason is also in the status. */
  start(): Promise<void>
  stop(options: { readonly graceMs: number }): Promise<void>
  /** Looks anew at what the shell gives. */
  reload(): Promise<void>
  firewallNeeds(): readonly PortNeed[]
  /** Takes down in the log what was done elsewhere, such as in the shell. */
  record(entry: AuditEntry): void
  /** Stops at once and gives everything back. */
  dispose(): Promise<void>
}

/**
 * Opens the settings and makes a service that is not started. `initial` holds where nothing was stored before; it is stored once the
 * service has started with it, so that a start that fails can be tried again with another one.
 */
export async function createFtpService(
  shell: ApplianceShell,
  initial?: unknown,
  { timing, clock, names }: Pick<ServiceParts, 'timing' | 'clock' | 'names'> = {},
): Promise<OwnedFtpService> {
  const store = await SettingsStore.open(shell.paths.config)
  const first = store.fresh && initial !== undefined ? checked(schema, initial) : undefined
  const settings = first ?? store.current
  checkEntrance(settings, first ? undefined : 'settings.json')
  const log = await Log.open(shell.paths.log, settings.settings.log)
  const service = new Service({ shell, store, first, log, timing, clock, names })
  await service.load()
  return service
}
