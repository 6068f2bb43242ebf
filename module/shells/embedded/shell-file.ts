/** What the embedded shell stores for itself, in `shell.json`: who administers, and where the web pages are. */
import { join } from 'node:path'
import { z } from 'zod'
import { DurableFile } from '../../settings/durable-file.ts'
import { webAddress } from '../../settings/preset.ts'
import { checked } from '../../settings/problems.ts'
import { loadDocument } from '../../settings/stored-document.ts'
import { accountName } from '../../settings/values.ts'
import { parseHash } from './password-hash.ts'

const document = z.strictObject({
  version: z.literal(1),
  administrator: z
    .strictObject({
      name: accountName,
      password: z.string().refine((text) => parseHash(text) !== undefined, 'must be a password hash'),
    })
    .optional(),
  web: webAddress.prefault({}),
})
export type ShellDocument = z.infer<typeof document>

export class ShellFile {
  readonly notices: readonly string[]
  readonly #file: DurableFile
  #current: ShellDocument

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

  async save(next: Omit<ShellDocument, 'version'>): Promise<void> {
    const content = checked(document, { version: 1, ...next })
    await this.#file.write(content)
    this.#current = content
  }
}
