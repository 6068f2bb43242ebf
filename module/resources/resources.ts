/** What clients see and where it lies: the resources of the settings at work, one tree of files for each visitor. */
import type { Files } from '../ftp/backend.ts'
import type { VirtualPath } from '../ftp/pathname.ts'
import type { Resource } from '../settings/resource.ts'
import { AccountFiles } from './account-files.ts'
import { AccountTree } from './account-tree.ts'
import { Accounting } from './accounting.ts'
import { answers } from './answers.ts'
import { Confinement } from './confinement.ts'
import { Disks, spaceAt } from './disk.ts'
import { silentPlaces, threadsAt } from './disk-threads.ts'
import { explainRights, type RightsExplanation } from './explain.ts'
import { Growing } from './growing.ts'
import { inTurns } from './in-turns.ts'
import { Ledger } from './ledger.ts'
import { NameTurns } from './name-turns.ts'
import { Meters } from './quota.ts'
import type { Visitor } from './rights.ts'
import { Share, type FolderProblem, type Place, type StorageRoot } from './share.ts'
import { Surveyor } from './surveyor.ts'
import type { Catalogue } from './views.ts'

export type { RightsExplanation } from './explain.ts'
export type { Visitor } from './rights.ts'
export type { FolderProblem, StorageRoot } from './share.ts'

/** How a resource stands, for the page. */
export interface ResourceState {
  readonly name: string
  readonly enabled: boolean
  /** Why the folder cannot be used, and the resource therefore is hidden; absent = it can. */
  readonly problem?: FolderProblem
  /** Its disk, or one in it, does not answer. */
  readonly silent?: true
  /** Bytes of all its files; absent = not counted yet. */
  readonly usedBytes?: number
  /** Of the disk it lies on. */
  readonly freeBytes?: number
  readonly totalBytes?: number
}

export interface Resources {
  /** Takes new settings; live `Files` see them at their next call. */
  update(resources: readonly Resource[], roots: readonly StorageRoot[]): Promise<void>
  /** The tree of one visitor, who is asked for again at each decision so that changed groups and quotas count at once. */
  filesFor(visitor: () => Visitor): Files
  /** The same tree for questions: everything is decided as ever, and nothing on the disk changes. */
  rehearsedFiles(visitor: () => Visitor): Files
  /** Whether any resource lets guests in from this address; `shown` as in {@link Visitor}. */
  guestsAllowed(address: string, lan: boolean, shown?: ReadonlySet<string>): boolean
  /** How each resource stands, in the order of the settings; within a second or so, whichever disks hang. */
  states(): Promise<readonly ResourceState[]>
  /** The names of the resources that are switched on and whose disk has not answered for long; asks no disk. */
  silent(): readonly string[]
  /** The effective rights of a visitor at a path, with what decided each. */
  explain(visitor: Visitor, path: VirtualPath): Promise<RightsExplanation>
  /** Removes what uploads of dead processes left behind and counts what folders hold; meant for the start. */
  sweep(): Promise<void>
  /** Counts anew what folders hold and users have stored, because others than clients may have changed it. */
  recount(): Promise<void>
  /** Stops counting and writes down what was counted. */
  close(): Promise<void>
}

/** Makes the resources of one service; `stateFolder` keeps `usage.json` and, once there was a quota, `ledger.sqlite`. */
export function createResources(options: { readonly stateFolder: string }): Resources {
  return new LiveResources(options.stateFolder)
}

/** Milliseconds between two counts because somebody was refused. */
const DOUBT_MS = 600_000

class LiveResources implements Resources {
  readonly #confinement = new Confinement()
  readonly #disks = new Disks()
  readonly #meters: Meters
  readonly #ledger: Ledger
  readonly #surveyor: Surveyor
  readonly #accounting: Accounting
  #catalogue: Catalogue = { version: 0, shares: [], byName: new Map() }
  #loaded: Promise<void> | undefined
  #recounted = -Infinity
  /** One for all trees. */
  readonly #now = (): Catalogue => this.#catalogue

  constructor(stateFolder: string) {
    this.#meters = new Meters(stateFolder)
    this.#ledger = new Ledger(stateFolder)
    const [meters, ledger, growing, turns] = [this.#meters, this.#ledger, new Growing(), new NameTurns()]
    this.#surveyor = new Surveyor({ confinement: this.#confinement, meters, ledger, growing, turns })
    this.#accounting = new Accounting({
      meters,
      ledger,
      disks: this.#disks,
      growing,
      turns,
      count: (meter) => this.#surveyor.count(meter),
      doubt: () => this.#doubted(),
    })
  }

  async update(resources: readonly Resource[], roots: readonly StorageRoot[]): Promise<void> {
    await (this.#loaded ??= this.#meters.load())
    const shares = resources.map((resource) => {
      const root = resource.root === undefined ? roots[0] : roots.find(({ id }) => id === resource.root)
      return new Share(resource, root, this.#confinement, (share, place) => this.#attach(share, place))
    })
    const limits = new Map<string, number | undefined>()
    for (const { meterKey, resource } of shares) {
      const limit = Math.min(limits.get(meterKey) ?? Infinity, resource.options.maximumBytes ?? Infinity)
      limits.set(meterKey, limit === Infinity ? undefined : limit)
    }
    this.#meters.configure(limits)
    this.#confinement.forget()
    this.#disks.forget()
    const byName = new Map(shares.map((share) => [share.resource.name, share]))
    this.#catalogue = { version: this.#catalogue.version + 1, shares, byName }
    await answers(shares, (share) => share.problem())
    this.#surveyor.countUnknown(limits.keys())
  }

  rehearsedFiles(visitor: () => Visitor): Files {
    const tree = new AccountTree(visitor, this.#now, this.#confinement, false)
    return new AccountFiles(tree, this.#accounting, true)
  }

  filesFor(visitor: () => Visitor): Files {
    return new AccountFiles(new AccountTree(visitor, this.#now, this.#confinement), this.#accounting)
  }

  guestsAllowed(address: string, lan: boolean, shown?: ReadonlySet<string>): boolean {
    return this.#catalogue.shares.some(
      (share) =>
        share.resource.enabled &&
        shown?.has(share.resource.name) !== false &&
        !share.private &&
        share.admitsGuest(address, lan),
    )
  }

  async states(): Promise<readonly ResourceState[]> {
    const { shares } = this.#catalogue
    const found = await answers(shares, (share) => this.#state(share))
    const isSilent = silentPlaces()
    return shares.map((share, at) => {
      const { name, enabled } = share.resource
      const state = found[at]
      return state && !isSilent(share.path) ? state : { name, enabled, ...state, silent: true }
    })
  }

  silent(): readonly string[] {
    const isSilent = silentPlaces()
    return this.#catalogue.shares.flatMap(({ resource, path }) =>
      resource.enabled && isSilent(path) ? resource.name : [],
    )
  }

  explain(visitor: Visitor, path: VirtualPath): Promise<RightsExplanation> {
    const tree = new AccountTree(() => visitor, this.#now, this.#confinement, false)
    return explainRights(tree, path)
  }

  async sweep(): Promise<void> {
    await this.#perDisk((shares) => this.#sweep(shares))
  }

  /** A disk that hangs holds up no other. */
  async #perDisk(work: (shares: readonly Share[]) => Promise<void>): Promise<void> {
    const disks = Map.groupBy(this.#catalogue.shares, (share) => threadsAt(share.path))
    await Promise.all(Array.from(disks.values(), work))
  }

  async recount(): Promise<void> {
    this.#recounted = performance.now()
    await this.#perDisk((shares) => this.#surveyor.recount(shares))
  }

  /** What was removed by others, over SMB for instance, may be why there is no room. */
  #doubted(): void {
    if (performance.now() - this.#recounted < DOUBT_MS) return
    // A count that fails leaves the numbers as they were.
    this.recount().catch(() => undefined)
  }

  async close(): Promise<void> {
    await this.#surveyor.close()
    this.#confinement.forget()
    await this.#meters.close()
    this.#ledger.close()
  }

  async #sweep(shares: readonly Share[]): Promise<void> {
    const places = await inTurns(shares, (share) => share.wholePlace().catch(() => undefined))
    const roots = places.flatMap((place) => place?.whole ?? [])
    await this.#surveyor.sweep(roots, shares)
  }

  #attach(share: Share, place: Place): void {
    const meter = this.#meters.meter(share.meterKey)
    if (meter) meter.real = place.whole
  }

  async #state(share: Share): Promise<ResourceState> {
    const { name, enabled } = share.resource
    const problem = await share.problem()
    if (problem) return { name, enabled, problem }
    const usedBytes = this.#meters.meter(share.meterKey)?.used
    const { whole, pace } = await share.wholePlace()
    return { name, enabled, ...(usedBytes === undefined ? {} : { usedBytes }), ...(await spaceAt(whole, pace)) }
  }
}
