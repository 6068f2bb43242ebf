/** TLS of one session (RFC 4217): its contexts, and the handshakes of its control and data connections. */
import { randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { TLSSocket, createSecureContext } from 'node:tls'
import type { SecureContext } from 'node:tls'
import type { Signal } from './data/aborted.ts'
import type { Handshake } from './channel.ts'
import { suites } from './cipher-order.ts'
import type { Suites } from './cipher-order.ts'
import type { DomainOptions, KeyPair, TlsOptions } from './options.ts'

/** Seconds a session ticket lives: longer than any session, or late transfers could not resume. */
const TICKET_LIFETIME = 7 * 24 * 3600

/** Sessions that share a context at most, and milliseconds in which they begin: one for each would be 28 KiB and half a millisecond. */
const SHARED = 64
const NEW_KEYS = 10 * 60_000

/** What a context is made of: plain values, so that threads can make the same one. */
export interface ContextSettings {
  /** Of this process; the same number stands for the same context. */
  readonly id: number
  readonly keyPair: KeyPair
  readonly minimum: TlsOptions['minimum']
  readonly suites: Suites
  /** 48 octets: name, HMAC key and AES key of the tickets. */
  readonly ticketKeys: Uint8Array
  /** Whose tickets a connection takes: 32 random characters of one FTP session. */
  readonly owner: string
}

export function contextOf({ keyPair, minimum, suites: chosen, ticketKeys }: ContextSettings): SecureContext {
  return createSecureContext({
    cert: keyPair.certificate,
    key: keyPair.key,
    // Nobody is asked for a certificate: the authorities of the system would be memory and time for nothing.
    ca: [],
    minVersion: minimum,
    ...chosen,
    honorCipherOrder: true,
    ticketKeys: Buffer.from(ticketKeys),
    sessionTimeout: TICKET_LIFETIME,
  })
}

/**
 * The context for the next connection of this session, which has to be made before anything else happens: OpenSSL copies the
 * owner from the context, writes him into the tickets, and takes no ticket of somebody else (SSL_CTX_set_session_id_context).
 */
export function ownedBy({ owner }: ContextSettings, context: SecureContext): SecureContext {
  innerOf(context).setSessionIdContext(owner)
  return context
}

/** What Node tells nobody of its contexts. */
function innerOf({ context }: SecureContext): { setSessionIdContext(owner: string): void } {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `any` in the types; without it, a handshake fails
  return context as { setSessionIdContext(owner: string): void }
}

/** A context that several sessions use, made when it is first needed. */
class SharedContext {
  readonly settings: Omit<ContextSettings, 'owner'>
  #made: SecureContext | undefined
  #sessions = 0
  readonly #since = performance.now()

  constructor(keyPair: KeyPair, minimum: TlsOptions['minimum']) {
    this.settings = { id: ++lastId, keyPair, minimum, suites: suites(), ticketKeys: randomBytes(48) }
  }

  /** Whether one session more may use it. */
  takes(minimum: TlsOptions['minimum']): boolean {
    if (this.settings.minimum !== minimum || performance.now() - this.#since > NEW_KEYS) return false
    this.#sessions += 1
    return this.#sessions <= SHARED
  }

  made(settings: ContextSettings): SecureContext {
    return ownedBy(settings, (this.#made ??= contextOf(settings)))
  }
}

let lastId = 0
/** The context that the next sessions get. */
const latest = new WeakMap<KeyPair, SharedContext>()

function sharedContext(keyPair: KeyPair, minimum: TlsOptions['minimum']): SharedContext {
  const known = latest.get(keyPair)
  if (known?.takes(minimum)) return known
  const made = new SharedContext(keyPair, minimum)
  made.takes(minimum)
  latest.set(keyPair, made)
  return made
}

/** The context of one session, and what it is made of. */
export class LazyContext {
  readonly settings: ContextSettings
  readonly #shared: SharedContext

  constructor(shared: SharedContext, owner: string) {
    this.#shared = shared
    this.settings = { ...shared.settings, owner }
  }

  /** For one connection, see {@link ownedBy}. */
  get made(): SecureContext {
    return this.#shared.made(this.settings)
  }
}

/**
 * The TLS of one session. Its tickets name it, so that a data connection can resume this session and no other one: who did not
 * make the control connection cannot take over its data connections.
 */
export class SessionTls {
  readonly #owner = randomBytes(16).toString('hex')
  #contexts: Map<string, LazyContext> | undefined

  /** The context for a domain, another one when its certificate has been renewed. */
  contextFor(tls: TlsOptions, domain: Pick<DomainOptions, 'id' | 'keyPair'>): LazyContext {
    const keyPair = domain.keyPair ?? tls.keyPair
    const id = domain.keyPair ? domain.id : ''
    const known = this.#contexts?.get(id)
    if (known?.settings.keyPair === keyPair && known.settings.minimum === tls.minimum) return known
    const context = new LazyContext(sharedContext(keyPair, tls.minimum), this.#owner)
    this.#contexts ??= new Map()
    this.#contexts.set(id, context)
    return context
  }
}

const usable = new WeakMap<KeyPair, boolean>()

/** Whether certificate and key can be read and belong together; looked at once for each pair. */
export function usableKeyPair(keyPair: KeyPair): boolean {
  const known = usable.get(keyPair)
  if (known !== undefined) return known
  const context = attempt(() => createSecureContext({ cert: keyPair.certificate, key: keyPair.key }))
  usable.set(keyPair, context !== undefined)
  return context !== undefined
}

export interface StreamHandshake extends Handshake {
  readonly signal?: Signal
  /** Octets of plain text that may wait for their reader; absent = as Node has it. */
  readonly waiting?: number
}

/** Does the server's side of a handshake over a connection; the connection is destroyed when it fails. */
export function handshake(connection: Duplex, request: StreamHandshake): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const { contextFor } = request
    const buffering = request.waiting !== undefined && { highWaterMark: request.waiting }
    const socket = new TLSSocket(connection, {
      ...buffering,
      isServer: true,
      secureContext: request.context.made,
      requestCert: false,
      // Exceptions in these callbacks would escape every error handler (CVE-2026-21637).
      ...(contextFor && {
        SNICallback: (name, done) => done(null, attempt(() => contextFor(name)?.made) ?? request.context.made),
      }),
      // A client that speaks HTTP to us is being used against us (ALPACA, CVE-2021-3618).
      ALPNCallback: ({ protocols }) => (protocols.includes('ftp') ? 'ftp' : undefined),
    })
    const end = (failure?: unknown) => {
      clearTimeout(timer)
      request.signal?.removeEventListener('abort', aborted)
      socket.off('secure', secured).off('close', closed)
      connection.off('end', closed)
      if (failure === undefined) return resolve(socket)
      socket.destroy()
      connection.destroy()
      reject(failure)
    }
    const secured = () => end()
    const closed = () => end(new Error('the connection ended in the middle of the handshake'))
    const aborted = () => end(request.signal?.reason)
    const timer = setTimeout(() => end(new Error('the handshake took too long')), request.patience)
    request.signal?.addEventListener('abort', aborted, { once: true })
    socket.on('error', end).on('_tlsError', end)
    socket.once('secure', secured).once('close', closed)
    // The TLSSocket says nothing of an end that comes before anybody reads from it.
    connection.once('end', closed)
    if (request.signal?.aborted) aborted()
  })
}

function attempt<Value>(make: () => Value): Value | undefined {
  try {
    return make()
  } catch {
    return undefined
  }
}
