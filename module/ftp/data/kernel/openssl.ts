/**
 * TLS on a bare descriptor: the few calls of the OpenSSL inside Node that it takes, through koffi; absent where they are. Contexts
 * are made by node:tls, so that settings, tickets and their checks are those of every other connection.
 */
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { createSecureContext } from 'node:tls'
import type { SecureContext } from 'node:tls'
import { inspect } from 'node:util'
import { CallFailed } from './libc.ts'
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
}

export interface Openssl {
  /** Begins on a non-blocking connection that nobody has read from. */
  accept(context: SecureContext, socket: number): Tls
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

/** The prototypes of ssl.h and err.h. Pointers are numbers here: they never leave this file. */
function bind(koffi: typeof import('koffi').default) {
  const lib = koffi.load(null)
  const select = koffi.proto(
    'int ftp_alpn_select(uintptr_t ssl, uintptr_t out, uintptr_t outLength, uintptr_t in, unsigned int inLength, uintptr_t arg)',
  )
  return {
    select: koffi.pointer(select),
    make: lib.func('uintptr_t SSL_new(uintptr_t context)'),
    free: lib.func('void SSL_free(uintptr_t ssl)'),
    setFd: lib.func('int SSL_set_fd(uintptr_t ssl, int fd)'),
    setAcceptState: lib.func('void SSL_set_accept_state(uintptr_t ssl)'),
    control: lib.func('long SSL_ctrl(uintptr_t ssl, int command, long number, uintptr_t pointer)'),
    setOptions: lib.func('uint64_t SSL_set_options(uintptr_t ssl, uint64_t options)'),
    clearOptions: lib.func('uint64_t SSL_clear_options(uintptr_t ssl, uint64_t options)'),
    setReadAhead: lib.func('void SSL_set_read_ahead(uintptr_t ssl, int yes)'),
    setReadBuffer: lib.func('void SSL_set_default_read_buffer_len(uintptr_t ssl, size_t octets)'),
    handshake: lib.func('int SSL_do_handshake(uintptr_t ssl)'),
    read: lib.func('int SSL_read(uintptr_t ssl, void *octets, int length)'),
    write: lib.func('int SSL_write(uintptr_t ssl, const void *octets, int length)'),
    shutdown: lib.func('int SSL_shutdown(uintptr_t ssl)'),
    getError: lib.func('int SSL_get_error(uintptr_t ssl, int result)'),
    reused: lib.func('int SSL_session_reused(uintptr_t ssl)'),
    selectNext: lib.func(
      'int SSL_select_next_proto(uintptr_t out, uintptr_t outLength, const void *own, unsigned int ownLength, uintptr_t in, unsigned int inLength)',
    ),
    setAlpn: lib.func('void SSL_CTX_set_alpn_select_cb(uintptr_t context, void *select, uintptr_t arg)'),
    clearErrors: lib.func('void ERR_clear_error()'),
    lastError: lib.func('unsigned long ERR_peek_last_error()'),
    reason: lib.func('const char *ERR_reason_error_string(unsigned long error)'),
  }
}

type Calls = ReturnType<typeof bind>

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
    accept: (context, socket) => new Connection(calls, () => koffi.errno(), context, addressOf(context), socket),
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

  constructor(calls: Calls, errno: () => number, context: SecureContext, address: number, socket: number) {
    this.#calls = calls
    this.#errno = errno
    this.#context = context
    calls.clearErrors()
    this.#ssl = Number(calls.make(address))
    if (this.#ssl === 0) throw failureIn(calls, 'SSL_new')
    if (calls.setFd(this.#ssl, socket) !== 1) {
      this.free()
      throw failureIn(calls, 'SSL_set_fd')
    }
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
    return typeof result === 'number' ? undefined : result
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

  #call(name: string, act: (ssl: number) => unknown, least = 1): number | Wanted | 'end' | 'cut' {
    if (this.#ssl === 0 || !this.#context) throw new Error('The TLS connection has been freed.')
    // What another connection of this thread left behind would be taken for ours.
    this.#calls.clearErrors()
    const result = Number(act(this.#ssl))
    if (result >= least) return result
    const errno = this.#errno()
    switch (Number(this.#calls.getError(this.#ssl, result))) {
      case SSL_ERROR_WANT_READ:
        return 'readable'
      case SSL_ERROR_WANT_WRITE:
        return 'writable'
      case SSL_ERROR_ZERO_RETURN:
        return 'end'
      case SSL_ERROR_SYSCALL:
        if (errno === 0) return 'cut'
        throw new CallFailed(name, errno)
      default: {
        const failure = failureIn(this.#calls, name)
        if (failure.reason === SSL_R_UNEXPECTED_EOF_WHILE_READING) return 'cut'
        throw failure
      }
    }
  }
}

function failureIn(calls: Calls, name: string): TlsFailed {
  const error = Number(calls.lastError())
  const text: unknown = error === 0 ? undefined : calls.reason(error)
  return new TlsFailed(typeof text === 'string' ? text : `${name} failed`, error & REASON_MASK)
}
