/** Listens for browsers, over HTTP or HTTPS, within bounds; can go elsewhere while it runs. */
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Server, ServerOptions } from 'node:http'
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
}

export class WebServer {
  readonly #app: Koa
  readonly #certificate: () => Promise<CertificatePair>
  #server: Server | SecureServer | undefined
  #at: WebAddress | undefined
  #selfSigned = true

  /** `certificate` is asked for at each start over HTTPS and when it has changed. */
  constructor(app: Koa, certificate: () => Promise<CertificatePair>) {
    this.#app = app
    this.#certificate = certificate
  }

  /** Whether browsers reach us over HTTPS with a certificate that they can check: only then may they be bound to HTTPS. */
  get trusted(): boolean {
    return this.#at?.https === true && !this.#selfSigned
  }

  /** Where browsers find the pages. */
  get url(): string {
    const bound = this.#server?.address()
    const { address = '127.0.0.1', port = 0 } = typeof bound === 'object' && bound ? bound : {}
    const shown = address === '0.0.0.0' || address === '::' ? 'localhost' : address
    return `${this.#at?.https ? 'https' : 'http'}://${isIPv6(shown) ? `[${shown}]` : shown}:${port}/`
  }

  /** Serves there from now on. Rejects with {@link WebListenError}; what was served before goes on then. */
  async listen(next: WebAddress): Promise<void> {
    const before = this.#server
    const same = before !== undefined && this.#at?.address === next.address && this.#at.port === next.port
    // The same port cannot be taken twice: the old one is let go first, and taken again if need be.
    if (same) before.close()
    const server = await this.#start(next).catch(async (error: unknown) => {
      if (same && this.#at) this.#server = await this.#start(this.#at)
      throw error
    })
    this.#server = server
    this.#at = next
    if (!before) return
    if (!same) before.close()
    // The answer that tells of the new place is still on its way.
    before.closeIdleConnections()
  }

  /** The certificate has changed: new connections get the new one. */
  async renew(): Promise<void> {
    if (this.#server && 'setSecureContext' in this.#server) {
      this.#server.setSecureContext(await this.#pair())
    }
  }

  close(): void {
    this.#server?.close()
    this.#server?.closeAllConnections()
  }

  async #start(next: WebAddress): Promise<Server | SecureServer> {
    const answer = this.#app.callback()
    const handle: Parameters<typeof createServer>[1] = (request, response) => void answer(request, response)
    const server = next.https
      ? createSecureServer({ ...LIMITS, ...(await this.#pair()), minVersion: 'TLSv1.2' }, handle)
      : createServer(LIMITS, handle)
    server.maxConnections = CONNECTIONS
    limitConnections(server)
    server.maxHeadersCount = HEADERS
    server.listen({ host: next.address, port: next.port, ipv6Only: false })
    try {
      await once(server, 'listening')
    } catch (error) {
      const code = errorCode(error)
      const reason = code === 'EADDRINUSE' ? 'the port is in use by another program' : `listening failed (${code})`
      throw new WebListenError(`Web pages at ${next.address} port ${next.port}: ${reason}.`)
    }
    return server
  }

  async #pair(): Promise<{ cert: string; key: string }> {
    const { certificate, key } = await this.#certificate()
    const { subject, issuer } = new X509Certificate(certificate)
    this.#selfSigned = subject === issuer
    return { cert: certificate, key }
  }
}
