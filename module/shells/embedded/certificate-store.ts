/**
 * The embedded shell's certificates: pairs `<id>.pem` and `<id>.key` in a folder, and requests `<id>.csr` whose certificate is
 * still to come. One self-signed pair is made where there is none.
 */
import { chmod, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BundleError, pairFrom } from '../../certificates/bundle.ts'
import type { Bundle } from '../../certificates/bundle.ts'
import type { KeyKind } from '../../certificates/der.ts'
import { inspectPair } from '../../certificates/inspect.ts'
import type { CertificateLabel, CertificatePair, Certificates } from '../../shell.ts'

/** Id of the certificate that the shell makes by itself. */
export const OWN = 'self-signed'
const DAY = 86_400_000
/** The self-signed certificate is made anew so long before it expires. */
const RENEW_BEFORE = 30 * DAY

/** What the id of a certificate may be: it becomes the name of a file. */
export const CERTIFICATE_ID = /^[a-z0-9](?:[a-z0-9._-]{0,58}[a-z0-9])?$/

export class CertificateStore implements Certificates {
  readonly #folder: string
  readonly #names: () => readonly string[]
  readonly #changed: () => void
  readonly #timer: NodeJS.Timeout

  /** `names` are the host names and addresses a new certificate is for; `changed` is called when one is new or gone. */
  constructor(folder: string, names: () => readonly string[], changed: () => void) {
    this.#folder = folder
    this.#names = names
    this.#changed = changed
    this.#timer = setInterval(() => void this.#renew(), DAY).unref()
  }

  async list(): Promise<readonly CertificateLabel[]> {
    return (await this.#ids('.pem')).map((id) => ({ id, label: id === OWN ? 'Self-signed' : id }))
  }

  /** Ids of requests whose certificate has not come yet. */
  requests(): Promise<readonly string[]> {
    return this.#ids('.csr')
  }

  async load(id = OWN): Promise<CertificatePair> {
    await this.#known(id, '.pem')
    return { certificate: await this.#read(`${id}.pem`), key: await this.#read(`${id}.key`) }
  }

  /** The request as PEM. Rejects where there is none of this id. */
  async request(id: string): Promise<string> {
    await this.#known(id, '.csr')
    return this.#read(`${id}.csr`)
  }

  /** Makes the self-signed certificate if it is missing, unusable or about to expire. Answers whether it did. */
  async ensure(now = Date.now()): Promise<boolean> {
    const present = await this.load().catch(() => undefined)
    if (present) {
      const { usable, description } = inspectPair(present, now)
      if (usable && description && description.validUntil - RENEW_BEFORE > now) return false
    }
    await this.#store(OWN, await selfSigned(this.#names(), 'ec', now))
    return true
  }

  /** A new self-signed pair for names and addresses; with the id {@link OWN} it takes the place of the one that is there. */
  async makeSelfSigned(id: string, names: readonly string[], kind: KeyKind): Promise<void> {
    await this.#store(id, await selfSigned(names, kind))
    this.#changed()
  }

  /** A new key with the request for its certificate. */
  async makeRequest(id: string, names: readonly string[], kind: KeyKind): Promise<void> {
    const { certificateRequest } = await import('../../certificates/request.ts')
    const { request, key } = await certificateRequest(names, kind)
    await this.#write(`${id}.key`, key)
    await this.#write(`${id}.csr`, request)
  }

  /**
   * Takes over what a file holds. The key may be missing where a request of this id waits for its certificate. Rejects with
   * {@link BundleError}; then nothing has changed.
   */
  async import(id: string, bundle: Bundle): Promise<void> {
    const waiting = (await this.requests()).includes(id)
    const pair = pairFrom(bundle, waiting ? await this.#read(`${id}.key`) : undefined)
    if (!inspectPair(pair).usable) throw new BundleError('unreadable')
    await this.#store(id, pair)
    await rm(join(this.#folder, `${id}.csr`), { force: true })
    this.#changed()
  }

  /** Removes a certificate or a request with its key. */
  async remove(id: string): Promise<void> {
    const ids = [...(await this.#ids('.pem')), ...(await this.requests())]
    if (!ids.includes(id)) throw new Error(`There is no certificate "${id}".`)
    // The key goes last: a crash before that leaves a key alone, which is not listed.
    for (const ending of ['.pem', '.csr', '.key']) await rm(join(this.#folder, `${id}${ending}`), { force: true })
    this.#changed()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  async #renew(): Promise<void> {
    // A full disk today may be an empty one tomorrow: there are thirty tries.
    if (await this.ensure().catch(() => false)) this.#changed()
  }

  /** Ids of which there is a file with this ending and a key. */
  async #ids(ending: string): Promise<readonly string[]> {
    const files = new Set(await readdir(this.#folder))
    return [...files]
      .filter((file) => file.endsWith(ending) && !file.startsWith('.'))
      .map((file) => file.slice(0, -ending.length))
      .filter((id) => files.has(`${id}.key`))
      .sort()
  }

  /** An id becomes part of a path: it must be one of a list. */
  async #known(id: string, ending: string): Promise<void> {
    if (!(await this.#ids(ending)).includes(id)) throw new Error(`There is no certificate "${id}".`)
  }

  #read(name: string): Promise<string> {
    return readFile(join(this.#folder, name), 'utf8')
  }

  /** A crash between the two leaves a pair that does not match: it is unusable, which the list shows. */
  async #store(id: string, { certificate, key }: CertificatePair): Promise<void> {
    await this.#write(`${id}.key`, key)
    await this.#write(`${id}.pem`, certificate)
  }

  async #write(name: string, text: string): Promise<void> {
    const temporary = join(this.#folder, `.${name}.tmp`)
    await writeFile(temporary, text, { mode: 0o600, flush: true })
    await chmod(temporary, 0o600)
    await rename(temporary, join(this.#folder, name))
  }
}

/** Needed once in two years, and the library behind it is large. */
async function selfSigned(names: readonly string[], kind: KeyKind, now = Date.now()): Promise<CertificatePair> {
  const library = await import('../../certificates/self-signed.ts')
  return library.selfSigned(names, now, kind)
}
