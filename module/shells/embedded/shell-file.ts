/** What the embedded shell stores for itself, in `shell.json`: who administers, where the web pages and further storage are. */
import { isAbsolute, join } from 'node:path'
import { z } from 'zod'
import { DurableFile } from '../../settings/durable-file.ts'
import { webAddress } from '../../settings/preset.ts'
import { checked } from '../../settings/problems.ts'
import { loadDocument } from '../../settings/stored-document.ts'
import { accountName } from '../../settings/values.ts'
import { parseHash } from './password-hash.ts'

const administrator = z.strictObject({
  name: accountName,
  password: z.string().refine((text) => parseHash(text) !== undefined, 'must be a password hash'),
  permission: z.enum(['view', 'operate', 'manage']).default('manage'),
})
export type StoredAdministrator = z.infer<typeof administrator>

const storageFolder = z.strictObject({
  /** What resources name it by. */
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,40}$/, 'must be made of small letters, digits and "-"'),
  label: accountName,
  path: z.string().max(4096).refine(isAbsolute, 'must be an absolute path'),
})
export type StorageFolder = z.infer<typeof storageFolder>

const document = z.strictObject({
  version: z.literal(1),
  administrators: z.array(administrator).max(50).default([]),
  web: webAddress.prefault({}),
  storage: z.array(storageFolder).max(32).default([]),
  /** Whether the shell opens ports of the machine's firewall. */
  firewall: z.boolean().default(false),
})
export type ShellDocument = z.infer<typeof document>

export class ShellFile {
  readonly notices: readonly string[]
  readonly #file: DurableFile
  #current: ShellDocument
  #writing: Promise<unknown> = Promise.resolve()

  private constructor(file: DurableFile, stored: ShellDocument | null, notices: readonly string[]) {
    this.#file = file
    this.#current = stored ?? document.parse({ version: 1 })
    this.notices = notices
  }

  static async open(folder: string): Promise<ShellFile> {
    const file = new DurableFile(join(folder, 'shell.json'))
    const { content, notices } = await loadDocument(file, (stored) => checked(document, stored))
    return new ShellFile(file, content, notices)
  }

  get current(): ShellDocument {
    return this.#current
  }

  /**
   * Changes wait for each other; each sees what the one before has stored. Rejects with what `change` throws, or with
   * `SettingsError`; then nothing has changed.
   */
  edit(change: (stored: ShellDocument) => Partial<ShellDocument>): Promise<void> {
    const edited = this.#writing.then(async () => {
      const content = checked(document, { ...this.#current, ...change(this.#current) })
      await this.#file.write(content)
      this.#current = content
    })
    this.#writing = edited.catch(() => undefined)
    return edited
  }
}
