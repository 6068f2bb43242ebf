/**
 * TLS on a bare descriptor: the few calls of the OpenSSL inside Node that it takes, through koffi; absent where they are. Contexts
 * are made by node:tls, so that settings, tickets and their checks are those of every other connection.
 */
import { createRequire } from 'node:module'
import { createSecureContext } from 'node:tls'
import type { SecureContext } from 'node:tls'
import { inspect } from 'node:util'
import { ControlTls, Outgoing } from './control-tls.ts'
import { bind } from './openssl-calls.ts'
import type { Calls } from './openssl-calls.ts'
import { Connection } from './tls-connection.ts'

const SSL_TLSEXT_ERR_OK = 0
const SSL_TLSEXT_ERR_ALERT_FATAL = 2
const OPENSSL_NPN_NEGOTIATED = 1

/** What the socket has to become before the same call is made again. */
export type Wanted = 'readable' | 'writable'

/** The server's side of one TLS connection. Calls throw `CallFailed` and `TlsFailed`; only `free` may follow then. */
export interface Tls {
  /** Whether it goes on with a session that a ticket of the context told. */
  readonly resumed: boolean
  /** Goes on with the handshake; undefined once it is done. */
  handshake(): Wanted | undefined
  /** Octets of plain text put into the buffer; `end` behind a close_notify, `cut` behind an end of TCP without one. */
  read(into: Uint8Array): number | Wanted | 'end' | 'cut'
  /** Octets of plain text taken from the buffer, one record at most. What was wanted last is to be offered again. */
  write(from: Uint8Array): number | Wanted
  /** From here on, what is written waits until there is much of it, or until {@link flush}. To be called behind the handshake. */
  gather(): void
  /** Sends what waits; undefined once it is on its way. */
  flush(): Wanted | undefined
  /** Says close_notify; undefined once it and all before it is on its way. */
  finish(): Wanted | undefined
  free(): void
  /** Gives it to another thread, which {@link Openssl.adopt}s it; here nothing may follow. */
  give(): number
}

export interface ControlRequest {
  /** Takes records at once; they are overwritten by the next ones. */
  readonly send: (records: Buffer) => void
  /** The context for a server name (SNI); undefined = the one begun with. */
  readonly contextFor: (serverName: string) => SecureContext | undefined
}

export interface Openssl {
  /** Begins on a non-blocking connection that nobody has read from. */
  accept(context: SecureContext, socket: number): Tls
  /**
   * The same for a control connection: its records go to `send`, which must not throw, and the client may name a server (SNI)
   * that has another context.
   */
  control(context: SecureContext, socket: number, request: ControlRequest): ControlTls
  /** Goes on with what another thread gave away, over its own descriptor of the same connection. */
  adopt(context: SecureContext, given: number, socket: number): Tls
}

let known: Openssl | undefined | false = false

/** The calls, or undefined where Node has its OpenSSL otherwise than we know it. To be asked only where there is a libc. */
export function openssl(): Openssl | undefined {
  if (known === false) known = load()
  return known
}

function load(): Openssl | undefined {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the package's own type; required so that it may be missing
    const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi').default
    const version: unknown = koffi.load(null).func('const char *OpenSSL_version(int type)')(0)
    // Another library of the same name would read Node's memory in its own way.
    const same = typeof version === 'string' && version.startsWith(`OpenSSL ${process.versions.openssl} `)
    if (!same || !process.versions.openssl.startsWith('3.')) return undefined
    addressIn(createSecureContext({ ca: [] }))
    return bound(koffi)
  } catch {
    return undefined
  }
}

function bound(koffi: typeof import('koffi').default): Openssl {
  const calls = bind(koffi)
  const select = koffi.register(selectFtp(calls), calls.select)
  let outgoing: Outgoing | undefined
  const addresses = new WeakMap<SecureContext, number>()
  const addressOf = (context: SecureContext): number => {
    const seen = addresses.get(context)
    if (seen !== undefined) return seen
    const address = addressIn(context)
    calls.setAlpn(address, select, 0)
    addresses.set(context, address)
    return address
  }
  return {
    accept(context, socket) {
      calls.clearErrors()
      const connection = new Connection(calls, () => koffi.errno(), context, calls.make(addressOf(context)), socket)
      connection.begin()
      return connection
    },
    control(context, socket, { send, contextFor }) {
      calls.clearErrors()
      outgoing ??= new Outgoing(calls, (named) => koffi.register(named, calls.named))
      const address = addressOf(context)
      outgoing.hearNamesOf(address)
      const connection = new Connection(calls, () => koffi.errno(), context, calls.make(address), socket)
      const chosen = (name: string) => {
        const other = contextFor(name)
        return other && { context: other, address: addressOf(other) }
      }
      return new ControlTls(connection, outgoing, send, chosen)
    },
    adopt: (context, given, socket) => new Connection(calls, () => koffi.errno(), context, given, socket),
  }
}

/** A client that speaks another protocol to us is being used against us (ALPACA, CVE-2021-3618); as tls.ts has it. */
function selectFtp(calls: Calls) {
  // Outside of V8's heap, where nothing moves.
  const own = Buffer.allocUnsafeSlow(4)
  own.write('\x03ftp', 'latin1')
  return (_ssl: number, out: number, outLength: number, offered: number, length: number): number => {
    const chosen: unknown = calls.selectNext(out, outLength, own, own.length, offered, length)
    return chosen === OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL
  }
}

/** Node shows native code where the SSL_CTX is, and inspect tells it to us. */
function addressIn(context: SecureContext): number {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- missing from the types of node:tls
  const { _external: shown } = context.context as { readonly _external?: unknown }
  const address = /^\[External: (?:0x)?([0-9a-f]{4,13})\]$/.exec(inspect(shown, { colors: false }))?.[1]
  if (address === undefined) throw new Error('Node does not show its TLS contexts.')
  return Number.parseInt(address, 16)
}
