/** The domains of a server (RFC 7151), each with the options that hold in it: put together once for each change of the options. */
import type { DomainOptions, Options } from './options.ts'

/** One domain as sessions know it. */
export interface Domain extends DomainOptions {
  /** The server's options with what this domain says otherwise. */
  readonly options: Options
}

export class Domains {
  /** The server itself: where sessions begin on a listener that belongs to no other domain. */
  readonly default: Domain
  readonly #byId = new Map<string, Domain>()
  readonly #byName = new Map<string, Domain>()

  constructor(options: Options) {
    const [first, ...others] = options.domains.map((domain) => within(options, domain))
    if (!first) throw new TypeError('there must be a default domain')
    this.default = first
    for (const domain of [first, ...others]) {
      this.#byId.set(domain.id, domain)
      for (const name of domain.names) if (!this.#byName.has(name)) this.#byName.set(name, domain)
    }
  }

  /** The domain of an id; undefined when there is none any more. */
  find(id: string): Domain | undefined {
    return this.#byId.get(id)
  }

  /** The domain of an id, the default one in the place of one that is gone. */
  of(id: string): Domain {
    return this.#byId.get(id) ?? this.default
  }

  /**
   * The domain that a client means by a host name (small letters) on a listener. The listener of a domain serves this domain
   * alone: who may reach it there may not reach others through it. The listeners of the default domain serve all.
   */
  named(name: string, listener: string): Domain | undefined {
    const found = this.#byName.get(name)
    if (listener === this.default.id || !this.#byId.has(listener))
      return found ?? (this.default.anyName ? this.default : undefined)
    const own = this.of(listener)
    return found === own || own.names.length === 0 ? own : undefined
  }
}

function within(options: Options, domain: DomainOptions): Domain {
  const { own } = domain
  if (!own) return { ...domain, options }
  const { speeds, ...others } = own
  const { limits } = options
  const download = [...limits.download, ...(speeds?.download ?? [])]
  const upload = [...limits.upload, ...(speeds?.upload ?? [])]
  return { ...domain, options: { ...options, ...others, limits: { ...limits, download, upload } } }
}
