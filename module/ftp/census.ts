/** Who is here: the sessions of a server, by host, by login and by domain, so that no limit has to count them all. */

/** A session as far as counting goes. */
interface Counted {
  readonly client: { readonly address: string }
  readonly domainId: string
}

export class Census<Session extends Counted> {
  readonly #all = new Set<Session>()
  readonly #byHost = new Map<string, Set<Session>>()
  readonly #byLogin = new Map<string, Set<Session>>()
  readonly #byDomain = new Map<string, Set<Session>>()

  get size(): number {
    return this.#all.size
  }

  all(): ReadonlySet<Session> {
    return this.#all
  }

  ofHost(address: string): ReadonlySet<Session> {
    return this.#byHost.get(address) ?? new Set()
  }

  ofLogin(name: string): ReadonlySet<Session> {
    return this.#byLogin.get(name) ?? new Set()
  }

  ofDomain(id: string): ReadonlySet<Session> {
    return this.#byDomain.get(id) ?? new Set()
  }

  opened(session: Session): void {
    this.#all.add(session)
    add(this.#byDomain, session.domainId, session)
    add(this.#byHost, session.client.address, session)
  }

  closed(session: Session): void {
    this.#all.delete(session)
    remove(this.#byDomain, session.domainId, session)
    remove(this.#byHost, session.client.address, session)
  }

  /** The session has another domain than before. */
  moved(from: string, session: Session): void {
    if (!this.#all.has(session)) return
    remove(this.#byDomain, from, session)
    add(this.#byDomain, session.domainId, session)
  }

  loggedIn(name: string, session: Session): void {
    add(this.#byLogin, name, session)
  }

  loggedOut(name: string, session: Session): void {
    remove(this.#byLogin, name, session)
  }
}

function add<Session>(map: Map<string, Set<Session>>, key: string, session: Session): void {
  const known = map.get(key)
  if (known) known.add(session)
  else map.set(key, new Set([session]))
}

function remove<Session>(map: Map<string, Set<Session>>, key: string, session: Session): void {
  const known = map.get(key)
  known?.delete(session)
  if (known?.size === 0) map.delete(key)
}
