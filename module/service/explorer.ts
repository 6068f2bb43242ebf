/** Looks into the storage and into rights for whoever sets up resources: the folder picker and "who may do what". */
import { resolvePathname, ROOT } from '../ftp/pathname.ts'
import { createFolder, listFolders, type FolderLevel } from '../resources/folders.ts'
import type { Resources, RightsExplanation } from '../resources/resources.ts'
import { shownIn } from '../settings/domain.ts'
import { networkTest } from '../settings/networks.ts'
import type { Settings } from '../settings/schema.ts'
import type { ApplianceShell, AuditEntry, DirectoryUser, StorageRoot } from '../shell.ts'

export type { FolderLevel } from '../resources/folders.ts'
export type { RightsExplanation } from '../resources/resources.ts'

/** Whose rights are asked for: a user's, or those of a guest who comes from an address. */
export type Whose = { readonly user: string } | { readonly guestFrom: string }

/** An answer, with the user it is about as the shell knows it. */
export interface ExplainedRights {
  readonly rights: RightsExplanation
  /** Absent for guests. */
  readonly user?: DirectoryUser
  /** Whether the guest's address belongs to the LAN. */
  readonly lan: boolean
}

interface ExplorerParts {
  readonly shell: ApplianceShell
  readonly resources: Resources
  settings(): Settings
  audit(entry: AuditEntry): void
}

export class Explorer {
  readonly #parts: ExplorerParts

  constructor(parts: ExplorerParts) {
    this.#parts = parts
  }

  /** The folders of one level of a storage root; undefined when there is no such root. Fails as a `FilesError`. */
  async folders(root: string | undefined, path: string): Promise<FolderLevel | undefined> {
    const found = await this.#root(root)
    return found && listFolders(found, path)
  }

  /** Makes a folder at a path of a storage root. Fails as a `FilesError`, also when there is no such root. */
  async createFolder(root: string | undefined, path: string, name: string, by: string): Promise<void> {
    const found = await this.#root(root)
    if (!found) return
    await createFolder(found, path, name)
    const text = `The folder ${[found.label, path, name].filter(Boolean).join('/')} was made.`
    this.#parts.audit({ level: 'notice', event: 'folder.made', text, by })
  }

  /**
   * The effective rights at a path as clients type it, with what decided each; undefined when the shell knows no such user.
   * Throws a `Refusal` for a path that cannot be. `domain` is the id of the one where they log in; absent = the default one.
   */
  async explain(whose: Whose, path: string, domain?: string): Promise<ExplainedRights | undefined> {
    const { shell, resources } = this.#parts
    const at = resolvePathname(ROOT, path)
    const shown = shownIn(this.#parts.settings().domains, domain)
    const where = shown ? { shown } : {}
    if ('guestFrom' in whose) {
      const lan = networkTest(this.#parts.settings().settings.lanNetworks ?? shell.network.lan())(whose.guestFrom)
      const visitor = { name: 'anonymous', groups: [], guest: true, address: whose.guestFrom, lan, ...where }
      return { rights: await resources.explain(visitor, at), lan }
    }
    const user = await shell.users.find(whose.user)
    if (!user) return undefined
    // Rights of users do not depend on where they come from.
    const visitor = { name: user.name, groups: user.groups, guest: false, address: '127.0.0.1', lan: true, ...where }
    return { rights: await resources.explain(visitor, at), user, lan: true }
  }

  async #root(id: string | undefined): Promise<StorageRoot | undefined> {
    const roots = await this.#parts.shell.storage.roots()
    return id === undefined ? roots[0] : roots.find((root) => root.id === id)
  }
}
