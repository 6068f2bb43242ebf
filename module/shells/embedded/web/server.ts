/** Listens for browsers, over HTTP or HTTPS, within bounds; can try out another place beside the one it has. */
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerOptions } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { Server as SecureServer } from 'node:https'
import { isIPv6 } from 'node:net'
import type Koa from 'koa'
import { limitConnections } from './connection-limit.ts'
import { errorCode } from '../../../settings/error-code.ts'
import type { WebAddress } from '../../../settings/preset.ts'
import type { CertificatePair } from '../../../shell.ts'

/** Milliseconds and numbers that keep slow or greedy clients from holding the pages up. */
const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 5000,
  maxHeaderSize: 16_384,
} as const satisfies ServerOptions
const CONNECTIONS = 256
const HEADERS = 100

/** Thrown when the pages cannot be served where they should be; the message is for people. */
export class WebListenError extends Error {
  override readonly name = 'WebListenError'
  /** Whether somebody has the port, which may be ourselves. */
  readonly inUse: boolean

  constructor(message: string, inUse: boolean) {
    super(message)
    this.inUse = inUse
  }
}

/** A place with who listens there. */
interface Listening {
  readonly at: WebAddress
  readonly server: Server | SecureServer
  readonly selfSigned: boolean
}

export class WebServer {
  readonly #app: () => Pick<Koa, 'callback'>
  readonly #certificate: (id: string | undefined) => Promise<CertificatePair>
  #kept: Listening | undefined
  #tried: Listening | undefined
  readonly #cameTo = new WeakMap<IncomingMessage, object>()

  /** `certificate` is asked for at each start over HTTPS and when it has changed. */
  constructor(app: () => Pick<Koa, 'callback'>, certificate: (id: string | undefined) => Promise<CertificatePair>) {
    this.#app = app
    this.#certificate = certificate
  }

  /** Whether browsers reach us over HTTPS with a certificate that they can check: only then may they be bound to HTTPS. */
  get trusted(): boolean {
    return this.#kept?.at.https === true && !this.#kept.selfSigned && !this.#tried
  }

  /** Where browsers find the pages; on trial still the place that was before, unless it had to give way. */
  get url(): string {
    return urlOf(this.#kept?.server.listening === true ? this.#kept : (this.#tried ?? this.#kept))
  }

  /** Whether a request came to the place that is on trial. */
  onTrial(request: IncomingMessage): boolean {
    return this.#tried !== undefined && this.#cameTo.get(request) === this.#tried.server
  }

  /** Serves there from now on. Rejects with {@link WebListenError}. */
  async listen(at: WebAddress): Promise<void> {
    this.#kept = await this.#start(at)
  }

  /**
   * Serves there besides, until {@link keep} or {@link giveUp}, and answers where browsers find that. What cannot be had beside
   * the place there is, such as the same port, is had instead of it. Rejects with {@link WebListenError}; then nothing has changed.
   */
  async tryOut(at: WebAddress): Promise<string> {
    this.#tried = await this.#start(at).catch(async (error: unknown) => {
      const before = this.#kept
      if (!(error instanceof WebListenError && error.inUse) || before?.at.port !== at.port) throw error
      letGo(before.server)
      return this.#start(at).catch(async (again: unknown) => {
        await this.listen(before.at)
        throw again
      })
    })
    return urlOf(this.#tried)
  }

  /** What was tried is where the pages are from now on. */
  keep(): void {
    const before = this.#kept
    this.#kept = this.#tried ?? before
    this.#tried = undefined
    if (before && before !== this.#kept) letGo(before.server)
  }

  /** Back to the place before. Rejects with {@link WebListenError} when that cannot be had again. */
  async giveUp(): Promise<void> {
    const { server } = this.#tried ?? {}
    this.#tried = undefined
    if (server) letGo(server)
    if (this.#kept && !this.#kept.server.listening) await this.listen(this.#kept.at)
  }

  /** Another certificate at the same place, or the same one anew: new connections get it. */
  async renew(certificate: string | undefined): Promise<void> {
    const { at, server } = this.#kept ?? {}
    if (!at || !server) return
    const { certificate: _before, ...rest } = at
    const next = { ...rest, ...(certificate === undefined ? {} : { certificate }) }
    if (!('setSecureContext' in server)) return void (this.#kept = { at: next, server, selfSigned: true })
    const pair = await this.#pair(certificate)
    server.setSecureContext(pair)
    this.#kept = { at: next, server, selfSigned: isSelfSigned(pair) }
  }

  close(): void {
    for (const one of [this.#kept, this.#tried]) {
      one?.server.close()
      one?.server.closeAllConnections()
    }
  }

  async #start(at: WebAddress): Promise<Listening> {
    const pair = at.https ? await this.#pair(at.certificate) : undefined
    const answer = this.#app().callback()
    const handle: Parameters<typeof createServer>[1] = (request, response) => {
      this.#cameTo.set(request, server)
      void answer(request, response)
    }
    const server: Server | SecureServer = pair
      ? createSecureServer({ ...LIMITS, ...pair, minVersion: 'TLSv1.2' }, handle)
      : createServer(LIMITS, handle)
    server.maxConnections = CONNECTIONS
    limitConnections(server)
    server.maxHeadersCount = HEADERS
    server.listen({ host: at.address, port: at.port, ipv6Only: false })
    try {
      await once(server, 'listening')
    } catch (error) {
      const code = errorCode(error)
      const inUse = code === 'EADDRINUSE'
      const reason = inUse ? 'the port is in use by another program' : `listening failed (${code})`
      throw new WebListenError(`Web pages at ${at.address} port ${at.port}: ${reason}.`, inUse)
    }
    return { at, server, selfSigned: pair === undefined || isSelfSigned(pair) }
  }

  async #pair(id: string | undefined): Promise<{ cert: string; key: string }> {
    const { certificate, key } = await this.#certificate(id)
    return { cert: certificate, key }
  }
}

/** Takes no more connections; the answers that are on their way arrive. */
function letGo(server: Server | SecureServer): void {
  server.close()
  server.closeIdleConnections()
}

function urlOf(place: Listening | undefined): string {
  const bound = place?.server.address()
  const { address = '127.0.0.1', port = 0 } = typeof bound === 'object' && bound ? bound : {}
  const shown = address === '0.0.0.0' || address === '::' ? 'localhost' : address
  return `${place?.at.https ? 'https' : 'http'}://${isIPv6(shown) ? `[${shown}]` : shown}:${port}/`
}

function isSelfSigned({ cert }: { readonly cert: string }): boolean {
  const { subject, issuer } = new X509Certificate(cert)
  return subject === issuer
}
