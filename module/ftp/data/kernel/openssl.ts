/**
 * TLS on a bare descriptor: the few calls of the OpenSSL inside Node that it takes, through koffi; absent where they are. Contexts
 * are made by node:tls, so that settings, tickets and their checks are those of every other connection.
 */
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { createSecureContext } from 'node:tls'
import type { SecureContext } from 'node:tls'
import { inspect } from 'node:util'
import { isMainThread } from 'node:worker_threads'
import { CallFailed } from './libc.ts'
import { bind } from './openssl-calls.ts'
import type { Calls } from './openssl-calls.ts'
import { TlsFailed } from './tls-failed.ts'

const SSL_ERROR_WANT_READ = 2
const SSL_ERROR_WANT_WRITE = 3
const SSL_ERROR_SYSCALL = 5
const SSL_ERROR_ZERO_RETURN = 6
const SSL_CTRL_MODE = 33
const SSL_MODE_ENABLE_PARTIAL_WRITE = 1
const SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER = 2
const SSL_MODE_AUTO_RETRY = 4
const SSL_OP_IGNORE_UNEXPECTED_EOF = 1 << 7
const SSL_OP_ALLOW_CLIENT_RENEGOTIATION = 1 << 8
const SSL_OP_NO_RENEGOTIATION = 1 << 30
const SSL_R_UNEXPECTED_EOF_WHILE_READING = 294
const SSL_TLSEXT_ERR_OK = 0
const SSL_TLSEXT_ERR_ALERT_FATAL = 2
const OPENSSL_NPN_NEGOTIATED = 1
const REASON_MASK = 0x7fffff

/** Octets of records that one read of the socket may bring. */
const READ_AHEAD = 256 * 1024

/** What the socket has to become before the same call is made again. */
export type Wanted = 'readable' | 'writable'

/** The server's side of one TLS connection. Calls throw {@link CallFailed} and {@link TlsFailed}; only `free` may follow then. */
export interface Tls {
  /** Whether it goes on with a session that a ticket of the context told. */
  readonly resumed: boolean
  /** Goes on with the handshake; undefined once it is done. */
  handshake(): Wanted | undefined
  /** Octets of plain text put into the buffer; `end` behind a close_notify, `cut` behind an end of TCP without one. */
  read(into: Uint8Array): number | Wanted | 'end' | 'cut'
  /** Octets of plain text taken from the buffer, one record at most. What was wanted last is to be offered again. */
  write(from: Uint8Array): number | Wanted
  /** Says close_notify; undefined once it is on its way. */
  finish(): Wanted | undefined
  free(): void
  /** Gives it to another thread, which {@link Openssl.adopt}s it; here nothing may follow. */
  give(): number
}

export interface Openssl {
  /** Begins on a non-blocking connection that nobody has read from. */
  accept(context: SecureContext, socket: number): Tls
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
  const address = /^\[External: (?:0x)?([0-9a-f]{4,13})\]$/.exec(inspect(shown))?.[1]
  if (address === undefined) throw new Error('Node does not show its TLS contexts.')
  return Number.parseInt(address, 16)
}

class Connection implements Tls {
  readonly #calls: Calls
  readonly #errno: () => number
  /** Its tickets' keys are read for as long as the connection lasts. */
  #context: SecureContext | undefined
  #ssl: number

  constructor(calls: Calls, errno: () => number, context: SecureContext, ssl: unknown, socket: number) {
    this.#calls = calls
    this.#errno = errno
    this.#context = context
    this.#ssl = Number(ssl)
    if (this.#ssl === 0) throw failureIn(calls, 'SSL_new')
    if (calls.setFd(this.#ssl, socket) !== 1) {
      this.free()
      throw failureIn(calls, 'SSL_set_fd')
    }
  }

  begin(): void {
    const calls = this.#calls
    const modes = SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_AUTO_RETRY
    calls.control(this.#ssl, SSL_CTRL_MODE, modes, 0)
    // Node allows renegotiation and counts it; a data connection has no use for it.
    calls.setOptions(this.#ssl, SSL_OP_NO_RENEGOTIATION)
    calls.clearOptions(this.#ssl, SSL_OP_ALLOW_CLIENT_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF)
    calls.setReadAhead(this.#ssl, 1)
    calls.setReadBuffer(this.#ssl, READ_AHEAD)
    calls.setAcceptState(this.#ssl)
  }

  get resumed(): boolean {
    return this.#ssl !== 0 && this.#calls.reused(this.#ssl) === 1
  }

  handshake(): Wanted | undefined {
    const result = this.#call('SSL_do_handshake', (ssl) => this.#calls.handshake(ssl))
    if (result === 'end' || result === 'cut') throw new TlsFailed('the connection ended in the middle of the handshake')
    if (typeof result !== 'number') return result
    // Also what went well may have left something, a ticket of others for one.
    this.#calls.clearErrors()
    return undefined
  }

  read(into: Uint8Array): number | Wanted | 'end' | 'cut' {
    return this.#call('SSL_read', (ssl) => this.#calls.read(ssl, into, into.length))
  }

  write(from: Uint8Array): number | Wanted {
    const result = this.#call('SSL_write', (ssl) => this.#calls.write(ssl, from, from.length))
    if (result === 'end' || result === 'cut') throw new CallFailed('SSL_write', constants.errno.EPIPE)
    return result
  }

  finish(): Wanted | undefined {
    // 0: said, but not answered. Nobody waits for the answer.
    const result = this.#call('SSL_shutdown', (ssl) => this.#calls.shutdown(ssl), 0)
    return result === 'readable' || result === 'writable' ? result : undefined
  }

  free(): void {
    if (this.#ssl !== 0) this.#calls.free(this.#ssl)
    this.#ssl = 0
    this.#context = undefined
  }

  give(): number {
    const given = this.#ssl
    this.#ssl = 0
    this.#context = undefined
    return given
  }

  #call(name: string, act: (ssl: number) => unknown, least = 1): number | Wanted | 'end' | 'cut' {
    if (this.#ssl === 0 || !this.#context) throw new Error('The TLS connection has been freed.')
    // In this one node:tls and node:crypto may have left something behind.
    if (isMainThread) this.#calls.clearErrors()
    const result = Number(act(this.#ssl))
    if (result >= least) return result
    const errno = this.#errno()
    switch (Number(this.#calls.getError(this.#ssl, result))) {
      // Answered only where no error is left behind.
      case SSL_ERROR_WANT_READ:
        return 'readable'
      case SSL_ERROR_WANT_WRITE:
        return 'writable'
      case SSL_ERROR_ZERO_RETURN:
        return 'end'
      case SSL_ERROR_SYSCALL:
        this.#calls.clearErrors()
        if (errno === 0) return 'cut'
        throw new CallFailed(name, errno)
      default:
        return this.#failed(name)
    }
  }

  #failed(name: string): 'cut' {
    const failure = failureIn(this.#calls, name)
    // What is left behind would be taken for the next connection's.
    this.#calls.clearErrors()
    if (failure.reason === SSL_R_UNEXPECTED_EOF_WHILE_READING) return 'cut'
    throw failure
  }
}

function failureIn(calls: Calls, name: string): TlsFailed {
  const error = Number(calls.lastError())
  const text: unknown = error === 0 ? undefined : calls.reason(error)
  return new TlsFailed(typeof text === 'string' ? text : `${name} failed`, error & REASON_MASK)
}
