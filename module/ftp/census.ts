/** Who is here: the sessions of a server, by host and by login, so that no limit has to count them all. */

export class Census<Session extends { readonly client: { readonly address: string } }> {
  readonly #all = new Set<Session>()
  readonly #byHost = new Map<string, Set<Session>>()
  readonly #byLogin = new Map<string, Set<Session>>()

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

  opened(session: Session): void {
    this.#all.add(session)
    add(this.#byHost, session.client.address, session)
  }

  closed(session: Session): void {
    this.#all.delete(session)
    remove(this.#byHost, session.client.address, session)
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
