/** The embedded shell's certificates: pairs `<id>.pem` and `<id>.key` in a folder; one is made where there is none. */
import { chmod, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspectPair } from '../../certificates/inspect.ts'
import type { CertificateLabel, CertificatePair, Certificates } from '../../shell.ts'

const OWN = 'self-signed'
const DAY = 86_400_000
/** The self-signed certificate is made anew so long before it expires. */
const RENEW_BEFORE = 30 * DAY

export class CertificateStore implements Certificates {
  readonly #folder: string
  readonly #names: () => readonly string[]
  readonly #changed: () => void
  readonly #timer: NodeJS.Timeout

  /** `names` are the host names and addresses a new certificate is for; `changed` is called when one has been renewed. */
  constructor(folder: string, names: () => readonly string[], changed: () => void) {
    this.#folder = folder
    this.#names = names
    this.#changed = changed
    this.#timer = setInterval(() => void this.#renew(), DAY).unref()
  }

  async list(): Promise<readonly CertificateLabel[]> {
    const files = await readdir(this.#folder)
    return files
      .filter((file) => file.endsWith('.pem') && files.includes(file.replace(/\.pem$/, '.key')))
      .map((file) => file.slice(0, -'.pem'.length))
      .sort()
      .map((id) => ({ id, label: id === OWN ? 'Self-signed' : id }))
  }

  async load(id = OWN): Promise<CertificatePair> {
    // The id becomes part of a path: it must be one of the list.
    if (!(await this.list()).some((known) => known.id === id)) throw new Error(`There is no certificate "${id}".`)
    const certificate = await readFile(join(this.#folder, `${id}.pem`), 'utf8')
    const key = await readFile(join(this.#folder, `${id}.key`), 'utf8')
    return { certificate, key }
  }

  /** Makes the self-signed certificate if it is missing, unusable or about to expire. Answers whether it did. */
  async ensure(now = Date.now()): Promise<boolean> {
    const present = await this.load().catch(() => undefined)
    if (present) {
      const { usable, description } = inspectPair(present, now)
      if (usable && description && description.validUntil - RENEW_BEFORE > now) return false
    }
    // Needed once in two years, and the library behind it is large.
    const { selfSigned } = await import('../../certificates/self-signed.ts')
    const { certificate, key } = await selfSigned(this.#names(), now)
    // A crash between the two leaves a pair that does not match: it is unusable and made anew at the next start.
    await this.#write(`${OWN}.key`, key)
    await this.#write(`${OWN}.pem`, certificate)
    return true
  }

  close(): void {
    clearInterval(this.#timer)
  }

  async #renew(): Promise<void> {
    // A full disk today may be an empty one tomorrow: there are thirty tries.
    if (await this.ensure().catch(() => false)) this.#changed()
  }

  async #write(name: string, text: string): Promise<void> {
    const temporary = join(this.#folder, `.${name}.tmp`)
    await writeFile(temporary, text, { mode: 0o600, flush: true })
    await chmod(temporary, 0o600)
    await rename(temporary, join(this.#folder, name))
  }
}
