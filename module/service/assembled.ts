/** The service as it stands behind the facade: settings, engine, log, statistics and access control put together. */
import type { AccessControl } from '../access/access-control.ts'
import { Activity } from '../activity/registry.ts'
import type { SessionView } from '../ftp/session-view.ts'
import type { Journal } from '../journal/journal.ts'
import { createResources, type ResourceState, type Resources } from '../resources/resources.ts'
import type { OwnedFtpService } from '../service.ts'
import { differenceText } from '../settings/differences.ts'
import { mergePatch } from '../settings/merge.ts'
import type { Settings } from '../settings/schema.ts'
import type { SettingsStore } from '../settings/store.ts'
import type { ApplianceShell, AuditEntry, Health, PortNeed, ServiceStatus, Unsubscribe, Warning } from '../shell.ts'
import { Blocks } from './blocks.ts'
import { ChangeHistory, revisionOf } from './changes.ts'
import { FirewallKeeper, portNeeds } from './firewall.ts'
import { healthOf } from './health.ts'
import { Insights } from './insights.ts'
import { Explorer } from './explorer.ts'
import type { WallClock } from './hour-hand.ts'
import { Lifecycle, type LifecycleParts } from './lifecycle.ts'
import { Listeners, SESSION_EVENTS, type Topic } from './listeners.ts'
import type { Log } from './log.ts'
import { Notices } from './notices.ts'
import { metricsOf, type Metrics } from './metrics.ts'
import { Rules, type RulesParts } from './rules.ts'
import { followShell } from './shell-events.ts'
import { Statistics } from './statistics.ts'
import { Supervisor } from './supervisor.ts'
import { Tokens } from './tokens.ts'
import { Turns } from './turns.ts'
import { wholeStatus } from './warnings.ts'

export interface ServiceParts {
  readonly shell: ApplianceShell
  readonly store: SettingsStore
  /** Settings that hold and are not stored yet. */
  readonly first: Settings | undefined
  readonly log: Log
  readonly timing?: RulesParts['timing']
  readonly clock?: WallClock | undefined
  readonly names?: LifecycleParts['names']
}

export class Service implements OwnedFtpService {
  readonly activity: Activity
  readonly statistics: Statistics
  readonly tokens: Tokens
  readonly metrics: Metrics
  readonly explorer: Explorer
  readonly insights: Insights
  readonly rules: Rules
  readonly blocks: Blocks
  readonly record = (entry: AuditEntry): void => this.#log.record(entry)
  readonly supervisor: Supervisor
  readonly #shell: ApplianceShell
  readonly #store: SettingsStore
  readonly #log: Log
  readonly #resources: Resources
  readonly #life: Lifecycle
  readonly #firewall: FirewallKeeper
  readonly #listeners = new Listeners()
  readonly #turns = new Turns()
  readonly #history = new ChangeHistory()
  readonly #notices: Notices
  readonly #unsubscribe: readonly Unsubscribe[]
  /** Said until somebody has looked at the settings and changed them. */
  #recovered: readonly Warning[]
  #first: Settings | undefined

  constructor({ shell, store, first, log, timing, clock, names }: ServiceParts) {
    this.#first = first
    this.#shell = shell
    this.#notices = new Notices(shell)
    this.#store = store
    this.#log = log
    this.#resources = createResources({ stateFolder: shell.paths.state })
    this.#recovered = store.notices
    this.explorer = new Explorer({
      shell,
      resources: this.#resources,
      settings: () => this.settings(),
      audit: (entry) => this.#audit(entry),
    })
    this.statistics = new Statistics(shell.paths.state)
    this.activity = new Activity({
      deliver: (session, text) => this.#life.running?.server.message(session, text) ?? false,
    })
    this.metrics = metricsOf(this)
    const fault = (error: unknown) => life.fault('trial', error)
    const changed = () => this.#listeners.tell('settings')
    const engine = () => life.running?.server
    this.supervisor = new Supervisor({ service: this, engine, audit: (entry) => this.#audit(entry) })
    this.insights = new Insights({ service: this, shell, entrance: () => life.entrance, engine })
    this.rules = new Rules({ service: this, shell, timing, audit: (entry) => this.#audit(entry), fault, changed })
    this.blocks = new Blocks({ service: this, audit: (entry) => this.#audit(entry) })
    this.tokens = new Tokens({
      stored: () => this.settings().tokens,
      store: (tokens, by) => this.change({ tokens }, by),
      stateFolder: shell.paths.state,
      audit: (event, text, by) => this.#audit({ level: 'notice', event, text, by }),
    })
    this.#firewall = new FirewallKeeper(shell.firewall, (error) => life.fault('firewall', error))
    const life = new Lifecycle({
      shell,
      clock,
      names,
      resources: this.#resources,
      settings: first ?? store.current,
      observers: [
        log.journal.observe,
        ...[this.activity, this.statistics, this.metrics].map(({ observer }) => observer),
        ({ kind }) => SESSION_EVENTS.has(kind) && this.#listeners.tell('sessions'),
      ],
      audit: (entry) => this.#audit(entry),
      changed: () => this.#changed(),
      resumable: () => void this.#follow('resume', () => life.resume()),
    })
    this.#life = life
    this.#unsubscribe = [
      ...followShell(shell, {
        life,
        inTurn: (name, work) => this.#follow(name, work),
        stop: (how) => this.stop(how),
      }),
      log.journal.subscribe(() => this.#listeners.tell('log')),
    ]
  }

  /** Takes over what the run before left behind; before anything else. */
  async load(): Promise<void> {
    for (const { text } of this.#recovered) this.#audit({ level: 'warning', event: 'settings.recovered', text })
    await Promise.all([this.access.start(), this.statistics.load(), this.tokens.load()])
    await this.rules.load()
  }

  get journal(): Journal {
    return this.#log.journal
  }

  get access(): AccessControl {
    return this.#life.entrance.control
  }

  subscribe(listener: (topic: Topic) => void): Unsubscribe {
    return this.#listeners.add(listener)
  }

  status(): ServiceStatus {
    return wholeStatus(this.#life.status(), [...this.#recovered, ...this.#firewall.warnings], this.journal.state())
  }

  revision(): string {
    return revisionOf(this.settings())
  }

  settings(): Settings {
    return this.#first ?? this.#store.current
  }

  change(patch: unknown, by: string, { revision }: { readonly revision?: string | undefined } = {}): Promise<Settings> {
    return this.#turns.take(async () => {
      const before = this.settings()
      if (revision !== undefined) this.#history.check(revision, before, patch)
      const next = await this.#store.change(
        () => mergePatch(before, patch),
        (wanted) => this.#life.apply(wanted),
      )
      this.#first = undefined
      await this.#log.configure(next.settings.log)
      this.#recovered = []
      for (const difference of this.#history.add(before, next, by)) {
        this.#audit({ level: 'notice', event: 'settings.changed', text: differenceText(difference), by })
      }
      this.#listeners.tell('settings')
      this.#changed()
      // In the next turn: who changed something to end a session has it ended with his own words before.
      setImmediate(() => this.#life.review())
      return next
    })
  }

  start(): Promise<void> {
    return this.#turns.take(async () => {
      await this.#life.start()
      if (this.#first) await this.#store.change(() => this.#first)
      this.#first = undefined
    })
  }

  stop({ graceMs }: { readonly graceMs: number }): Promise<void> {
    return this.#turns.take(() => this.#life.stop(graceMs))
  }

  reload(): Promise<void> {
    return this.#turns.take(async () => {
      this.#life.refreshNetwork()
      await Promise.all([this.#life.refreshUsers(), this.#life.refreshStorage(), this.#life.refreshCertificate()])
    })
  }

  health(): Health {
    return healthOf(this.status(), this.journal.state())
  }

  firewallNeeds(): readonly PortNeed[] {
    return portNeeds(this.settings().settings, this.#life.status())
  }

  async dispose(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    await this.stop({ graceMs: 0 })
    await this.#firewall.want([])
    this.metrics.close()
    this.rules.close()
    await Promise.all([this.#life.dispose(), this.#resources.close(), this.statistics.close(), this.tokens.close()])
    await this.journal.close()
  }

  resources(): Promise<readonly ResourceState[]> {
    return this.#resources.states()
  }

  sessions(): readonly SessionView[] {
    return this.#life.running?.server.sessions() ?? []
  }

  /** Follows a change outside; when that fails, what was before goes on and the log says so. */
  async #follow(what: string, work: () => Promise<void>): Promise<void> {
    await this.#turns.take(work).catch((error: unknown) => this.#life.fault(what, error))
  }

  #changed(): void {
    const show = () => {
      this.#notices.look(this.status())
      this.#listeners.tell('status')
    }
    void this.#firewall.want(this.firewallNeeds()).then((news) => news && show())
    show()
  }

  #audit(entry: AuditEntry): void {
    this.#shell.audit(entry)
    // The engine's faults come to the log by themselves.
    if (entry.event !== 'fault.engine') this.#log.record(entry)
  }
}
