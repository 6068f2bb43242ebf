/** The server's side of a TLS connection on a descriptor, by the calls of OpenSSL. */
import { constants } from 'node:os'
import type { SecureContext } from 'node:tls'
import { isMainThread } from 'node:worker_threads'
import type { Secured } from '../../channel.ts'
import { CallFailed } from './libc.ts'
import type { Tls, Wanted } from './openssl.ts'
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
const SSL_MODE_RELEASE_BUFFERS = 16
const SSL_CTRL_CLEAR_MODE = 78
const TLSEXT_NAMETYPE_host_name = 0
const SSL_OP_IGNORE_UNEXPECTED_EOF = 1 << 7
const SSL_OP_ALLOW_CLIENT_RENEGOTIATION = 1 << 8
const SSL_OP_NO_RENEGOTIATION = 1 << 30
const SSL_R_UNEXPECTED_EOF_WHILE_READING = 294
const REASON_MASK = 0x7fffff

const BIO_C_SET_BUFF_SIZE = 117
const BIO_CTRL_FLUSH = 11
const BIO_FLAGS_SHOULD_RETRY = 8
/** Which of the two buffers of a BIO_f_buffer. */
const WRITING = 1

/** Octets of records that one read of the socket may bring; so few that they are still in the processor's cache. */
const READ_AHEAD = 64 * 1024
/** Octets of records that are written to the socket at once. */
const GATHERED = 256 * 1024

export class Connection implements Tls {
  readonly #calls: Calls
  readonly #errno: () => number
  /** Their tickets' keys are read for as long as the connection lasts. */
  #contexts: SecureContext[] | undefined
  #ssl: number
  /** The BIO that gathers, 0 where there is none; of the SSL. */
  #gathering = 0
  #closed = false

  constructor(calls: Calls, errno: () => number, context: SecureContext, ssl: unknown, socket: number) {
    this.#calls = calls
    this.#errno = errno
    this.#contexts = [context]
    this.#ssl = Number(ssl)
    if (this.#ssl === 0) throw failureIn(calls, 'SSL_new')
    if (calls.setFd(this.#ssl, socket) !== 1) {
      this.free()
      throw failureIn(calls, 'SSL_set_fd')
    }
  }

  /** `records`: the BIO of a control connection, which its records are written to. */
  begin(records?: number): void {
    const calls = this.#calls
    const modes = SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
    calls.control(this.#ssl, SSL_CTRL_MODE, records === undefined ? modes : modes | SSL_MODE_RELEASE_BUFFERS, 0)
    // Else a client could hold up the thread by messages that are no data, one after another.
    calls.control(this.#ssl, SSL_CTRL_CLEAR_MODE, SSL_MODE_AUTO_RETRY, 0)
    // Node allows renegotiation and counts it; nobody has a use for it here.
    calls.setOptions(this.#ssl, SSL_OP_NO_RENEGOTIATION)
    calls.clearOptions(this.#ssl, SSL_OP_ALLOW_CLIENT_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF)
    calls.setReadAhead(this.#ssl, 1)
    if (records === undefined) calls.setReadBuffer(this.#ssl, READ_AHEAD)
    else {
      calls.keepBio(records)
      calls.setWriteBio(this.#ssl, records)
    }
    calls.setAcceptState(this.#ssl)
  }

  /** Goes on in another context. */
  keep(context: SecureContext): void {
    this.#contexts?.push(context)
  }

  /** Whether octets have been read from the socket that no `read` has answered yet. */
  get pending(): boolean {
    return this.#ssl !== 0 && this.#calls.hasPending(this.#ssl) === 1
  }

  /** What a handshake that is done led to. */
  get secured(): Secured {
    const calls = this.#calls
    return {
      protocol: String(calls.version(this.#ssl)),
      cipher: String(calls.cipherName(calls.cipher(this.#ssl))),
      serverName: textOf(calls.serverName(this.#ssl, TLSEXT_NAMETYPE_host_name)),
    }
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

  gather(): void {
    const calls = this.#calls
    const socket = calls.readBio(this.#ssl)
    this.#gathering = Number(calls.makeBio(calls.bufferMethod()))
    if (this.#gathering === 0) return
    calls.setBio(this.#gathering, BIO_C_SET_BUFF_SIZE, GATHERED, WRITING)
    // The chain is freed as a whole, and the socket's end of it is also what is read from.
    calls.keepBio(socket)
    calls.pushBio(this.#gathering, socket)
    calls.setWriteBio(this.#ssl, this.#gathering)
  }

  flush(): Wanted | undefined {
    if (this.#gathering === 0) return undefined
    if (Number(this.#calls.controlBio(this.#gathering, BIO_CTRL_FLUSH, 0, 0)) > 0) return undefined
    const errno = this.#errno()
    if (this.#calls.testBio(this.#gathering, BIO_FLAGS_SHOULD_RETRY) === 0) throw new CallFailed('write', errno)
    return 'writable'
  }

  finish(): Wanted | undefined {
    if (!this.#closed) {
      // 0: said, but not answered. Nobody waits for the answer.
      const result = this.#call('SSL_shutdown', (ssl) => this.#calls.shutdown(ssl), 0)
      if (result === 'readable' || result === 'writable') return result
      this.#closed = true
    }
    return this.flush()
  }

  free(): void {
    if (this.#ssl !== 0) this.#calls.free(this.#ssl)
    this.#ssl = this.#gathering = 0
    this.#contexts = undefined
  }

  give(): number {
    const given = this.#ssl
    this.#ssl = this.#gathering = 0
    this.#contexts = undefined
    return given
  }

  #call(name: string, act: (ssl: number) => unknown, least = 1): number | Wanted | 'end' | 'cut' {
    if (this.#ssl === 0 || !this.#contexts) throw new Error('The TLS connection has been freed.')
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

function textOf(text: unknown): string | undefined {
  return typeof text === 'string' && text !== '' ? text : undefined
}

function failureIn(calls: Calls, name: string): TlsFailed {
  const error = Number(calls.lastError())
  const text: unknown = error === 0 ? undefined : calls.reason(error)
  return new TlsFailed(typeof text === 'string' ? text : `${name} failed`, error & REASON_MASK)
}
