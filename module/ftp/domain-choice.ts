/** The way into a domain: its rules and its limits, asked wherever a session begins in it or moves to it. */
import type { Client } from './backend.ts'
import type { Domain } from './domains.ts'
import { Refusal } from './reply.ts'
import type { Session, Shared } from './session.ts'
import { refusedBy } from './verdict.ts'

/** Moves a session to the domain that its client named by HOST or SNI; refuses with 421 what that domain does not let in. */
export async function enterDomain(session: Session, domain: Domain): Promise<void> {
  const { client, shared } = session
  const verdict = await shared.backend.gate.admitHost(client, domain.id)
  if (!verdict.allowed) throw new Refusal(421, 'This host cannot be reached from your address.', verdict, 'close')
  const over = session.domainId === domain.id ? undefined : overDomainLimit(shared, domain, client)
  if (over) throw over
  session.moveTo(domain)
}

/** The domain whose certificate the client has seen: clients compare that of the data connection with it. */
export function seenDomain(session: Session): Domain {
  return session.shared.domains().of(session.control.servedAs ?? session.domainId)
}

/** The refusal that one more session of this client meets in a domain, if any; the server's own limits are asked elsewhere. */
export function overDomainLimit(shared: Shared, domain: Domain, client: Pick<Client, 'address'>): Refusal | undefined {
  const { sessions = Infinity, sessionsPerHost = Infinity } = domain
  if (sessions === Infinity && sessionsPerHost === Infinity) return undefined
  const here = shared.census.ofDomain(domain.id)
  if (here.size >= sessions) {
    const text = `Too many connections to this host, try again later (limit ${sessions}).`
    return new Refusal(421, text, refusedBy('limit.sessions', 'domain', String(sessions)), 'close')
  }
  const ofHost = [...shared.census.ofHost(client.address)].filter(({ domainId }) => domainId === domain.id)
  if (ofHost.length < sessionsPerHost) return undefined
  const text = `Too many connections to this host from your address (limit ${sessionsPerHost}).`
  return new Refusal(421, text, refusedBy('limit.sessionsPerHost', 'domain', String(sessionsPerHost)), 'close')
}
