/**
 * TLS of control connections on bare descriptors: what they send passes through memory, so that several records leave in one go;
 * and a server name leads to its context.
 */
import type { SecureContext } from 'node:tls'
import type { Secured } from '../../channel.ts'
import type { Calls } from './openssl-calls.ts'
import type { Wanted } from './openssl.ts'
import type { Connection } from './tls-connection.ts'

const SSL_CTRL_SET_TLSEXT_SERVERNAME_CB = 53
const SSL_TLSEXT_ERR_OK = 0
const SSL_TLSEXT_ERR_NOACK = 3
const TLSEXT_NAMETYPE_host_name = 0
/** Octets of records that are taken out at once: a whole one fits. */
const TAKEN = 32 * 1024

/** A context and where it is. */
interface Chosen {
  readonly context: SecureContext
  readonly address: number
}

type Choose = (serverName: string) => Chosen | undefined

/** What the control connections of a thread share: one call at a time leaves records here, which are taken out behind it. */
export class Outgoing {
  readonly bio: number
  readonly #calls: Calls
  readonly #taken = Buffer.allocUnsafeSlow(TAKEN)
  readonly #named: unknown
  /** Of the handshake that is going on. */
  #choose: Choose | undefined

  constructor(calls: Calls, register: (named: (ssl: number) => number) => unknown) {
    this.#calls = calls
    this.bio = Number(calls.makeBio(calls.memoryMethod()))
    if (this.bio === 0) throw new Error('There is no memory for TLS records.')
    this.#named = register((ssl) => this.#name(ssl))
  }

  /** Lets a context tell which server a client names. */
  hearNamesOf(context: number): void {
    this.#calls.setNamed(context, SSL_CTRL_SET_TLSEXT_SERVERNAME_CB, this.#named)
  }

  /** Makes calls of one connection, and gives away what they leave to be sent, whatever comes of them. */
  during<Value>(send: (records: Buffer) => void, choose: Choose | undefined, act: () => Value): Value {
    this.#choose = choose
    try {
      return act()
    } finally {
      this.#choose = undefined
      for (let length = this.#take(); length > 0; length = this.#take()) send(this.#taken.subarray(0, length))
    }
  }

  #take(): number {
    return Number(this.#calls.takeFromBio(this.bio, this.#taken, TAKEN))
  }

  /** Exceptions must not reach OpenSSL (CVE-2026-21637). */
  #name(ssl: number): number {
    try {
      const name: unknown = this.#calls.serverName(ssl, TLSEXT_NAMETYPE_host_name)
      if (!this.#choose || typeof name !== 'string' || name === '') return SSL_TLSEXT_ERR_NOACK
      const chosen = this.#choose(name)
      if (chosen) this.#calls.setContext(ssl, chosen.address)
      return SSL_TLSEXT_ERR_OK
    } catch {
      return SSL_TLSEXT_ERR_OK
    }
  }
}

/** The server's side of TLS on one control connection. Calls throw `CallFailed` and `TlsFailed`; only `free` may follow then. */
export class ControlTls {
  readonly #connection: Connection
  readonly #outgoing: Outgoing
  readonly #send: (records: Buffer) => void
  #choose: Choose | undefined

  constructor(connection: Connection, outgoing: Outgoing, send: (records: Buffer) => void, choose: Choose) {
    this.#connection = connection
    this.#outgoing = outgoing
    this.#send = send
    this.#choose = (name) => {
      const chosen = choose(name)
      if (chosen) connection.keep(chosen.context)
      return chosen
    }
    connection.begin(outgoing.bio)
  }

  /** Goes on with the handshake; what it led to once it is done. */
  handshake(): Wanted | Secured {
    const wanted = this.#outgoing.during(this.#send, this.#choose, () => this.#connection.handshake())
    if (wanted) return wanted
    this.#choose = undefined
    return this.#connection.secured
  }

  /** Octets of plain text put into the buffer; `end` and `cut` behind the client's end. */
  read(into: Uint8Array): number | Wanted | 'end' | 'cut' {
    return this.#outgoing.during(this.#send, undefined, () => {
      const octets = this.#connection.read(into)
      // Behind a message that is no data, a KeyUpdate mostly, data may wait of which neither socket nor OpenSSL tells any more.
      return octets === 'readable' ? this.#connection.read(into) : octets
    })
  }

  /** Whether `read` may have something although nothing comes any more. */
  get pending(): boolean {
    return this.#connection.pending
  }

  write(from: Uint8Array): void {
    this.#outgoing.during(this.#send, undefined, () => {
      for (let done = 0; done < from.length; ) {
        const taken = this.#connection.write(done === 0 ? from : from.subarray(done))
        if (typeof taken !== 'number') throw new Error('There is no memory for TLS records.')
        done += taken
      }
    })
  }

  /** Says close_notify. */
  finish(): void {
    this.#outgoing.during(this.#send, undefined, () => this.#connection.finish())
  }

  free(): void {
    this.#connection.free()
  }
}
