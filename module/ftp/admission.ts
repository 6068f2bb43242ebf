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
import type { Verdict } from './verdict.ts'

/** Milliseconds for a refused client to read why. */
const FAREWELL = 1000

export class Admission {
  readonly #shared: Shared

  constructor(shared: Shared) {
    this.#shared = shared
  }

  /**
   * What `enter` makes of the client of a new connection, or undefined when it has been refused and told so. It takes its place in
   * there, before anybody else is looked at: many may have waited for the same answer of the gate.
   */
  async admit<Entered>(
    socket: Socket,
    domainId: string,
    enter: (client: Client, domain: Domain) => Entered,
  ): Promise<Entered | undefined> {
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
    const denied = verdict.allowed ? undefined : { over: new Refusal(421, deniedText ?? '', verdict) }
    const { over, instead }: Room = denied ?? placeFor(this.#shared, domain, client)
    if (instead) this.#shared.end(instead, 'login-timeout', reply(421, 'Others are waiting and nobody logged in.'))
    if (!over) return socket.destroyed ? undefined : enter(client, domain)
    this.#refuse(socket, client, domain, over)
    return undefined
  }

  #refuse(socket: Socket, session: Client, domain: Domain, refusal: Refusal): void {
    const { verdict } = refusal
    this.#shared.emit({ kind: 'connection-refused', session, domain: domain.id, verdict })
    const text = refusal.reply.lines[0]
    if (!text) return void socket.destroy()
    const timer = setTimeout(() => socket.destroy(), FAREWELL)
    socket.once('close', () => clearTimeout(timer))
    socket.end(`421 ${text}\r\n`)
    socket.resume()
  }
}

/** What one more connection meets: a refusal, or a place, which somebody may have to leave for it. */
export interface Room {
  readonly over?: Refusal
  /** The session that has waited longest without logging in: half-open ones must not lock others out. */
  readonly instead?: Session
}

/** Decides about one more connection by the sessions there are now; ends nothing itself. */
export function placeFor(shared: Shared, domain: Domain, client: Pick<Client, 'address'>): Room {
  const { limits } = shared.options()
  const { census } = shared
  const ofHost = census.ofHost(client.address)
  if (ofHost.size >= limits.sessionsPerHost) {
    const text = `Too many connections from your address (limit ${limits.sessionsPerHost}).`
    return full(text, refusedBy('limit.sessionsPerHost', 'server', String(limits.sessionsPerHost)))
  }
  if (ofHost.size >= BOUNDS.halfOpenPerHost && halfOpen(ofHost).length >= BOUNDS.halfOpenPerHost) {
    const text = `Too many connections from your address that are not logged in (limit ${BOUNDS.halfOpenPerHost}).`
    return full(text, refusedBy('limit.halfOpenPerHost', 'system', String(BOUNDS.halfOpenPerHost)))
  }
  // The reserve is for those who have nothing yet: one address cannot take every place.
  const open = ofHost.size > 0 ? limits.sessions - Math.floor(limits.sessions * limits.reserve) : limits.sessions
  const instead = census.size < open ? undefined : longestHalfOpen(census.all())
  if (census.size < open || instead) {
    const ofDomain = overDomainLimit(shared, domain, client)
    return ofDomain ? { over: ofDomain } : instead ? { instead } : {}
  }
  const text = `Too many connections, try again later (limit ${limits.sessions}).`
  return full(text, refusedBy('limit.sessions', 'server', String(limits.sessions)))
}

function full(text: string, verdict: Verdict): Room {
  return { over: new Refusal(421, text, verdict) }
}

function longestHalfOpen(sessions: ReadonlySet<Session>): Session | undefined {
  const patient = performance.now() - BOUNDS.halfOpenPatience * 1000
  return halfOpen(sessions)
    .filter((session) => session.vacant < patient)
    .reduce<Session | undefined>((first, each) => (first && first.vacant <= each.vacant ? first : each), undefined)
}

function halfOpen(sessions: ReadonlySet<Session>): Session[] {
  return [...sessions].filter((session) => !session.login)
}
