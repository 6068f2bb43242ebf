/**
 * DNS names of access rules. Whoever owns an address block can give it any reverse name, so a name counts only if it leads
 * back to the address (RFC 1912 section 2.1 calls that matching PTR and A records).
 */
import { Resolver } from 'node:dns/promises'
import { isIPv4 } from 'node:net'
import { parseAddress, type Address } from './address.ts'
import { errorCode } from '../settings/error-code.ts'
import { BoundedMap } from './bounded-map.ts'
import { systemClock, type Clock } from './clock.ts'
import type { NameLookup } from './ip-rules.ts'
import { fits } from './mask-name.ts'
import type { NameMask } from './mask.ts'

export interface NamesOptions {
  /** DNS servers, `address` or `address:port`; absent = the machine's own. */
  readonly servers?: readonly string[]
  readonly clock?: Clock
  /** Milliseconds that all lookups of one decision may take together. */
  readonly budget?: number
}

const BUDGET = 2000
/** Answers kept; the oldest goes first. */
const CACHED = 4096
/** Lookups under way at once; beyond, the answer is none: a flood of connections is no flood of questions. */
const UNDER_WAY = 256
/** Lookups under way beyond which none is begun only to show a name. */
const FOR_SHOW = 16
/** Reverse names of one address that are looked at. */
const NAMES_OF_ADDRESS = 4
/** Seconds an answer is kept whatever its TTL says. */
const LONGEST = 86_400
const SHORTEST = 1
/** Seconds without a new question after "there is no such name" and after no answer at all. */
const ABSENT = 60
const UNANSWERED = 10

interface Answer {
  readonly values: readonly string[]
  /** Seconds. */
  readonly ttl: number
}

export class Names {
  readonly #resolver: Resolver
  readonly #clock: Clock
  readonly #budget: number
  readonly #cache = new BoundedMap<string, { values: readonly string[]; until: number }>(CACHED)
  readonly #underWay = new Map<string, Promise<readonly string[]>>()

  constructor(options: NamesOptions = {}) {
    // A lost packet is asked for again well inside the budget.
    this.#resolver = new Resolver({ timeout: 500, tries: 3, maxTimeout: 1000 })
    if (options.servers) this.#resolver.setServers(options.servers)
    this.#clock = options.clock ?? systemClock
    this.#budget = options.budget ?? BUDGET
  }

  /** Lookups for one decision; the budget starts with the first of them. */
  lookup(): NameLookup {
    let deadline: number | undefined
    return {
      belongs: (address, mask) => {
        deadline ??= this.#clock.monotonic() + this.#budget
        return mask.kind === 'host'
          ? this.#leadsTo(mask.text, address, deadline)
          : this.#isCalled(mask, address, deadline)
      },
    }
  }

  /**
   * The name of an address that leads back to it, if one is known now. Where nothing is known it is asked for, so that the next
   * look may find it; only while few questions are under way, because decisions come first.
   */
  nameOf(text: string): string | undefined {
    const address = parseAddress(text)
    if (!address) return undefined
    const key = `names ${address.text}`
    const kept = this.#cache.get(key)
    if (kept && kept.until > this.#clock.monotonic()) return kept.values[0]
    if (!this.#underWay.has(key) && this.#underWay.size < FOR_SHOW) {
      const asked = this.#ask(key, () => this.#reverse(address)).finally(() => this.#underWay.delete(key))
      this.#underWay.set(key, asked)
    }
    return kept?.values[0]
  }

  /** The same without asking. */
  knownName(text: string): string | undefined {
    return this.#cache.get(`names ${text}`)?.values[0]
  }

  /** Forgets what it knows and gives up what is under way. */
  close(): void {
    this.#resolver.cancel()
    this.#cache.clear()
  }

  async #leadsTo(host: string, address: Address, deadline: number): Promise<boolean> {
    const addresses = await this.#answer(
      `${address.family} ${host}`,
      () => this.#forward(host, address.family),
      deadline,
    )
    return addresses.includes(address.text)
  }

  async #isCalled(mask: NameMask, address: Address, deadline: number): Promise<boolean> {
    const names = await this.#answer(`names ${address.text}`, () => this.#reverse(address), deadline)
    return names.some((name) => fits(name, mask.text))
  }

  /** A kept answer, or a new one if it comes before the deadline; a late one is kept for the next decision. */
  async #answer(key: string, ask: () => Promise<Answer>, deadline: number): Promise<readonly string[]> {
    const now = this.#clock.monotonic()
    const kept = this.#cache.get(key)
    if (kept && kept.until > now) return kept.values
    if (now >= deadline) return []
    let asked = this.#underWay.get(key)
    if (!asked) {
      if (this.#underWay.size >= UNDER_WAY) return []
      asked = this.#ask(key, ask).finally(() => this.#underWay.delete(key))
      this.#underWay.set(key, asked)
    }
    return before(asked, deadline - now)
  }

  async #ask(key: string, ask: () => Promise<Answer>): Promise<readonly string[]> {
    const { values, ttl } = await ask()
    this.#cache.set(key, { values, until: this.#clock.monotonic() + ttl * 1000 })
    return values
  }

  /** Canonical addresses of a host. */
  async #forward(host: string, family: 4 | 6): Promise<Answer> {
    try {
      const records =
        family === 4
          ? await this.#resolver.resolve4(host, { ttl: true })
          : await this.#resolver.resolve6(host, { ttl: true })
      const ttl = records.reduce((shortest, record) => Math.min(shortest, record.ttl), LONGEST)
      const values = records.flatMap((record) => parseAddress(record.address)?.text ?? [])
      return { values, ttl: Math.max(ttl, SHORTEST) }
    } catch (error) {
      return nothing(error)
    }
  }

  /** Names of an address that lead back to it, lower case. Kept as long as the records that confirm them. */
  async #reverse(address: Address): Promise<Answer> {
    let claimed: string[]
    try {
      claimed = await this.#resolver.reverse(address.text)
    } catch (error) {
      return nothing(error)
    }
    const names = claimed.map((name) => name.toLowerCase().replace(/\.$/, '')).filter(wellFormed)
    const answers = await Promise.all(
      names.slice(0, NAMES_OF_ADDRESS).map(async (name) => ({ name, ...(await this.#forward(name, address.family)) })),
    )
    const confirmed = answers.filter(({ values }) => values.includes(address.text))
    const longest = confirmed.length > 0 ? LONGEST : ABSENT
    const ttl = answers.reduce((shortest, answer) => Math.min(shortest, answer.ttl), longest)
    return { values: confirmed.map(({ name }) => name), ttl }
  }
}

/** A reverse name is what a stranger wrote; only what could be a host name goes on (RFC 1123 section 2.1, and `_`). */
function wellFormed(name: string): boolean {
  return name.length <= 253 && /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)+$/.test(name) && !isIPv4(name)
}

function nothing(error: unknown): Answer {
  const code = errorCode(error)
  return { values: [], ttl: code === 'ENOTFOUND' || code === 'ENODATA' ? ABSENT : UNANSWERED }
}

/** What a promise gives within some milliseconds, else nothing. */
async function before(asked: Promise<readonly string[]>, milliseconds: number): Promise<readonly string[]> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<readonly string[]>((resolve) => {
    timer = setTimeout(resolve, milliseconds, [])
  })
  try {
    return await Promise.race([asked, late])
  } finally {
    clearTimeout(timer)
  }
}
