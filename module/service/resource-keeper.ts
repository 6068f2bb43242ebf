/** Keeps the resources as the settings and the shell's storage want them, and looks at folders and disks from time to time. */
import type { FtpServer } from '../ftp/server.ts'
import type { Resources } from '../resources/resources.ts'
import type { Settings } from '../settings/schema.ts'
import type { AuditEntry, Storage, Warning } from '../shell.ts'
import { endTransfers, resourcesOn, withoutRoots } from './leaving.ts'
import { resourceWarnings, silentWarning } from './warnings.ts'

/** Milliseconds between two looks. */
const LOOK = 60_000
/** Milliseconds between two looks for disks that do not answer, which ask no disk. */
const LISTEN = 2000
/** Milliseconds between two counts of what folders hold: others than clients change it, too. */
const COUNT = 86_400_000

export interface KeeperParts {
  readonly storage: Storage
  readonly resources: Resources
  audit(entry: AuditEntry): void
  /** There are other warnings than before. */
  changed(): void
  fault(what: string, error: unknown): void
}

export class ResourceKeeper {
  readonly #parts: KeeperParts
  readonly #timers: readonly NodeJS.Timeout[]
  /** Ids of storage roots that are about to be unmounted. */
  readonly #leaving = new Set<string>()
  #warnings: readonly Warning[] = []
  /** Names of resources whose disks do not answer, as far as that was told. */
  #silent: readonly string[] = []
  #swept = false

  constructor(parts: KeeperParts) {
    this.#parts = parts
    const look = () => void this.#look().catch((error: unknown) => parts.fault('storage', error))
    const count = () => void parts.resources.recount().catch((error: unknown) => parts.fault('count', error))
    this.#timers = [
      setInterval(look, LOOK).unref(),
      setInterval(() => this.#listen(), LISTEN).unref(),
      setInterval(count, COUNT).unref(),
    ]
  }

  /** What was found at the last look, and the disks that do not answer now. */
  get warnings(): readonly Warning[] {
    return [...this.#parts.resources.silent().map(silentWarning), ...this.#warnings]
  }

  async update({ resources: wanted }: Settings): Promise<void> {
    const { resources, roots } = withoutRoots(wanted, await this.#parts.storage.roots(), this.#leaving)
    await this.#parts.resources.update(resources, roots)
    await this.#look()
  }

  /** The storage has changed. */
  async refresh(settings: Settings): Promise<void> {
    this.#leaving.clear()
    await this.update(settings)
  }

  /** Closes everything of a storage root and hides its resources until the storage has changed. */
  async release(root: string, settings: Settings, server: FtpServer | undefined): Promise<void> {
    const names = resourcesOn(root, settings.resources, await this.#parts.storage.roots())
    this.#leaving.add(root)
    await this.update(settings)
    if (server) await endTransfers(server, names)
  }

  /** What a process that died has left behind is looked for while clients are served: a large disk takes its time. */
  sweep(): void {
    if (!this.#swept) this.#parts.resources.sweep().catch((error: unknown) => this.#parts.fault('sweep', error))
    this.#swept = true
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer)
  }

  /** Looks at folders and disks, and says what is new. */
  async #look(): Promise<void> {
    const before = this.#warnings.map(({ text }) => text)
    const states = await this.#parts.resources.states()
    // Of disks that do not answer, what was known holds on.
    const silent = new Set(states.filter((state) => state.silent).map(({ name }) => name))
    const kept = this.#warnings.filter(({ values }) => silent.has(String(values['name'])))
    this.#warnings = [...kept, ...resourceWarnings(states.filter(({ name }) => !silent.has(name)))]
    const fresh = this.#warnings.filter(({ text }) => !before.includes(text))
    fresh.forEach((warning) => this.#tell(warning))
    if (fresh.length > 0 || before.length !== this.#warnings.length) this.#parts.changed()
  }

  /** Says which disks do not answer any more. */
  #listen(): void {
    const before = this.#silent
    this.#silent = this.#parts.resources.silent()
    const fresh = this.#silent.filter((name) => !before.includes(name))
    for (const name of fresh) this.#tell(silentWarning(name))
    if (fresh.length > 0 || before.length !== this.#silent.length) this.#parts.changed()
  }

  #tell({ code, text }: Warning): void {
    this.#parts.audit({ level: 'warning', event: `resource.${code}`, text })
  }
}
