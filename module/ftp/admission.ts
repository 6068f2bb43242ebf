/** Who gets a session: the limits of the server and the embedder's gate, asked before the greeting (product section 2). */
import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import { canonicalAddress } from './address.ts'
import type { Client } from './backend.ts'
import { overDomainLimit } from './domain-choice.ts'
import type { Domain } from './domains.ts'
import { BOUNDS } from './options.ts'
import { Refusal, reply } from './reply.ts'
import type { Session, Shared } from './session.ts'
import { refusedBy } from './verdict.ts'

/** Milliseconds for a refused client to read why. */
const FAREWELL = 1000

export interface Admitted {
  readonly client: Client
  readonly domain: Domain
}

export class Admission {
  readonly #shared: Shared

  constructor(shared: Shared) {
    this.#shared = shared
  }

  /** The client of a new connection, or undefined when it has been refused and told so. */
  async admit(socket: Socket, domainId: string): Promise<Admitted | undefined> {
    const address = canonicalAddress(socket.remoteAddress)
    // A client that has gone again has no address any more.
    if (address === '') return undefined
    const client: Client = {
      id: randomUUID(),
      address,
      port: socket.remotePort ?? 0,
      localAddress: canonicalAddress(socket.localAddress),
      localPort: socket.localPort ?? 0,
      since: Date.now(),
    }
    const { deniedText } = this.#shared.options()
    const domain = this.#shared.domains().of(domainId)
    const asked = this.#shared.backend.gate.admit(client, domain.id)
    const verdict = asked instanceof Promise ? await asked : asked
    if (!verdict.allowed) {
      this.#refuse(socket, client, domain, new Refusal(421, deniedText ?? '', verdict))
      return undefined
    }
    const over = this.#overLimit(address) ?? overDomainLimit(this.#shared, domain, client)
    if (!over) return { client, domain }
    this.#refuse(socket, client, domain, over)
    return undefined
  }

  #overLimit(address: string): Refusal | undefined {
    const { limits } = this.#shared.options()
    const { census } = this.#shared
    const ofHost = census.ofHost(address)
    if (ofHost.size >= limits.sessionsPerHost) {
      const text = `Too many connections from your address (limit ${limits.sessionsPerHost}).`
      return new Refusal(421, text, refusedBy('limit.sessionsPerHost', 'server', String(limits.sessionsPerHost)))
    }
    if (ofHost.size >= BOUNDS.halfOpenPerHost && halfOpen(ofHost).length >= BOUNDS.halfOpenPerHost) {
      const text = `Too many connections from your address that are not logged in (limit ${BOUNDS.halfOpenPerHost}).`
      return new Refusal(421, text, refusedBy('limit.halfOpenPerHost', 'system', String(BOUNDS.halfOpenPerHost)))
    }
    // The reserve is for those who have nothing yet: one address cannot take every place.
    const open = ofHost.size > 0 ? limits.sessions - Math.floor(limits.sessions * limits.reserve) : limits.sessions
    if (census.size < open || this.#makeRoom()) return undefined
    const text = `Too many connections, try again later (limit ${limits.sessions}).`
    return new Refusal(421, text, refusedBy('limit.sessions', 'server', String(limits.sessions)))
  }

  /** Ends the session that has waited longest without logging in, so that half-open ones cannot lock others out. */
  #makeRoom(): boolean {
    const patient = performance.now() - BOUNDS.halfOpenPatience * 1000
    const oldest = halfOpen(this.#shared.census.all())
      .filter((session) => session.opened < patient)
      .reduce<Session | undefined>((first, each) => (first && first.opened <= each.opened ? first : each), undefined)
    if (!oldest) return false
    this.#shared.end(oldest, 'login-timeout', reply(421, 'Others are waiting and nobody logged in.'))
    return true
  }

  #refuse(socket: Socket, session: Client, domain: Domain, refusal: Refusal): void {
    const { verdict } = refusal
    if (verdict) this.#shared.emit({ kind: 'connection-refused', session, domain: domain.id, verdict })
    const text = refusal.reply.lines[0]
    if (!text) return void socket.destroy()
    const timer = setTimeout(() => socket.destroy(), FAREWELL)
    socket.once('close', () => clearTimeout(timer))
    socket.end(`421 ${text}\r\n`)
    socket.resume()
  }
}

function halfOpen(sessions: ReadonlySet<Session>): Session[] {
  return [...sessions].filter((session) => !session.login)
}
