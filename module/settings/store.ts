/** The settings as they are stored: loaded once, changed one after the other, each change whole or not at all. */
import { Low } from 'lowdb'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DurableFile } from './durable-file.ts'
import { migrated, versionAfter, MIGRATIONS } from './migrations.ts'
import { NotStored } from './not-stored.ts'
import type { Warning } from '../shell.ts'
import { checked } from './problems.ts'
import { repaired } from './repair.ts'
import type { Settings } from './schema.ts'
import { settings as schema } from './schema.ts'
import { loadDocument } from './stored-document.ts'

/** Makes new settings take effect; rejects when they cannot, and has then undone what it did. */
export type Apply = (next: Settings) => Promise<void>

export class SettingsStore {
  /** What people should know about how the settings were loaded. */
  readonly notices: readonly Warning[]
  /** Whether nothing was stored before. */
  readonly fresh: boolean
  readonly #database: Low
  #current: Settings
  #changing: Promise<unknown> = Promise.resolve()

  private constructor(file: DurableFile, loaded: { content: Settings | null; notices: readonly Warning[] }) {
    this.notices = loaded.notices
    this.fresh = loaded.content === null
    this.#current = loaded.content ?? schema.parse({})
    this.#database = new Low(file, null)
  }

  /** Loads `settings.json` of the folder. Throws `SettingsError` for a file that cannot be used and has no usable version before. */
  static async open(folder: string): Promise<SettingsStore> {
    const file = new DurableFile(join(folder, 'settings.json'))
    let repairs: readonly Warning[] = []
    const { content, notices } = await loadDocument(file, (stored) => {
      const { document, notices: made } = repaired(migrated(stored))
      repairs = made
      return checked(schema, document)
    })
    const recovered = notices.map((text) => ({ code: 'settings-recovered', values: {}, text }))
    return new SettingsStore(file, { content, notices: [...recovered, ...repairs] })
  }

  /** Whether the folder holds settings, usable or not. */
  static async exists(folder: string): Promise<boolean> {
    const file = new DurableFile(join(folder, 'settings.json'))
    const found = await Promise.all([file.path, file.previousPath].map((path) => stat(path).catch(() => undefined)))
    return found.some((one) => one !== undefined)
  }

  /** The settings in force; never changed in place. */
  get current(): Settings {
    return this.#current
  }

  /**
   * Changes the settings: makes the input out of the current ones, checks it, applies it, saves it. When one of these fails, the
   * settings stay as they are in the file and in memory, and the error is passed on. Changes wait for each other.
   */
  change(edit: (current: Settings) => unknown, apply: Apply = async () => {}): Promise<Settings> {
    const changed = this.#changing.then(() => this.#change(edit, apply))
    this.#changing = changed.catch(() => undefined)
    return changed
  }

  async #change(edit: (current: Settings) => unknown, apply: Apply): Promise<Settings> {
    const before = this.#current
    const next = checked(schema, edit(before))
    await apply(next)
    try {
      this.#database.data = { version: versionAfter(MIGRATIONS), ...next }
      await this.#database.write()
    } catch (error) {
      await apply(before)
      throw new NotStored(error)
    }
    this.#current = next
    return next
  }
}
