/**
 * A data connection on a bare descriptor, clear or under TLS: the streams that Node puts around one cost a small file more than
 * its octets do.
 */
import { closeSync } from 'node:fs'
import type { Socket } from 'node:net'
import { Deadline } from './deadline.ts'
import { WAITING } from './endpoint.ts'
import { keptContext } from './kernel/contexts.ts'
import { libc } from './kernel/libc.ts'
import type { Libc } from './kernel/libc.ts'
import type { Protection } from './kernel/messages.ts'
import { openssl } from './kernel/openssl.ts'
import type { Tls, Wanted } from './kernel/openssl.ts'
import { sockets, streamOver } from './kernel/sockets.ts'
import type { Sockets } from './kernel/sockets.ts'
import { DataLost } from './mover.ts'
import type { Move } from './mover.ts'
import { handshakeFailed, notResumed } from './secure.ts'

/** What watches over a transfer, see {@link Move}. */
export type Watch = Omit<Move, 'connection' | 'share'>

/** A connection as Node has them. */
export function stream(connection: number | Socket): Socket {
  return typeof connection === 'number' ? streamOver(connection, WAITING).on('error', () => undefined) : connection
}

/** Octets in the wrong direction that are read at once, and how often, before the connection is closed on them. */
const DISCARDED = 64 * 1024
const TURNS = 16

/** Whether connections under TLS can be had. */
export function takesTls(): boolean {
  return openssl() !== undefined
}

export class BareConnection {
  readonly #socket: number
  readonly #watch: Watch
  readonly #calls: Libc
  readonly #net: Sockets
  #tls: Tls | undefined
  #strictEnd = true
  #wanted: Wanted = 'readable'
  /** Whether nothing can come any more. */
  #ended = false
  /** Whether the descriptor is ours to close. */
  #open = true

  /** Takes over the descriptor of a connection that nobody has read from. */
  constructor(socket: number, watch: Watch) {
    const [calls, net] = [libc(), sockets()]
    if (!calls || !net) throw new Error('There are no bare connections without koffi.')
    this.#socket = socket
    this.#watch = watch
    this.#calls = calls
    this.#net = net
  }

  /** The descriptor, while it is ours. */
  get descriptor(): number | undefined {
    return this.#open ? this.#socket : undefined
  }

  /** Does the handshake (RFC 4217 section 7), if there is to be one; refuses with 522 as `secureData` does. */
  secure(protection: Protection | undefined): Promise<void> | undefined {
    return protection && this.#shake(protection)
  }

  async #shake(protection: Protection): Promise<void> {
    const { patience, mustResume, settings, strictEnd } = protection
    this.#strictEnd = strictEnd
    try {
      const end = performance.now() + patience
      const tls = (this.#tls = openssl()?.accept(keptContext(settings), this.#socket))
      for (let wanted = tls?.handshake(); wanted; wanted = tls?.handshake()) {
        await this.#ready(wanted, end - performance.now(), (late) => late(new Error('the handshake took too long')))
      }
    } catch (error) {
      if (this.#watch.signal.aborted) throw error
      throw handshakeFailed(error instanceof Error ? error.message : '')
    }
    if (mustResume && !this.#tls?.resumed) throw notResumed()
  }

  /** Sends all of the octets; undefined where the network has taken them already. */
  send(octets: Uint8Array): Promise<void> | undefined {
    // OpenSSL takes none for a failure.
    if (octets.length === 0) return undefined
    const taken = this.#write(octets)
    return taken === octets.length ? undefined : this.#sendRest(octets, taken)
  }

  async #sendRest(octets: Uint8Array, before: number | Wanted): Promise<void> {
    let rest = octets
    for (let taken = before; ; taken = this.#write(rest)) {
      if (typeof taken !== 'number') await this.#wait(taken)
      else if (taken === rest.length) return
      else rest = rest.subarray(taken)
    }
  }

  /** Octets that the network took, or what to wait for. */
  #write(octets: Uint8Array): number | Wanted {
    return lost(() => (this.#tls ? this.#tls.write(octets) : (this.#net.send(this.#socket, octets) ?? 'writable')))
  }

  /** Octets that had come; 0 at the client's end, undefined while there are none: see {@link wait}. */
  receive(into: Uint8Array): number | undefined {
    if (!this.#tls) {
      const received = lost(() => this.#net.receive(this.#socket, into))
      this.#ended = received === 0
      return received
    }
    const tls = this.#tls
    const received = lost(() => tls.read(into))
    if (typeof received === 'number') return received
    if (received === 'readable' || received === 'writable') {
      this.#wanted = received
      return undefined
    }
    // A man in the middle can end the TCP connection early, but not with a close_notify.
    if (received === 'cut' && this.#strictEnd) throw new DataLost('The data ended without a TLS close_notify.')
    return 0
  }

  /** Resolves when `receive` is worth another try. */
  wait(): Promise<void> {
    return this.#wait(this.#wanted)
  }

  /** Says the end and closes; undefined where that is done already. */
  end(): Promise<void> | undefined {
    const tls = this.#tls
    const wanted = tls && lost(() => tls.finish())
    return wanted ? this.#wait(wanted).then(() => this.end()) : this.#closeRead()
  }

  #closeRead(): undefined {
    // Octets that nobody has read would turn the end into a reset, and cost the client its file.
    if (!this.#ended && this.#calls.arrived(this.#socket) > 0) this.#discard()
    this.close()
  }

  #discard(): void {
    const octets = Buffer.allocUnsafe(DISCARDED)
    try {
      for (let turn = 0; turn < TURNS && this.#net.receive(this.#socket, octets); turn++);
    } catch {
      // Nobody is there any more to read our end.
    }
  }

  /** Closes at once; harmless behind `end` and `handOver`. */
  close(): void {
    if (!this.#open) return
    this.#open = false
    this.#tls?.free()
    closeSync(this.#socket)
  }

  /** The same connection for whoever goes on with it; under TLS with what protects it, theirs to free. */
  handOver(): { readonly stream: Socket; readonly tls: Tls | undefined } {
    this.#open = false
    return { stream: stream(this.#socket), tls: this.#tls }
  }

  #wait(wanted: Wanted): Promise<void> {
    return this.#ready(wanted, this.#watch.stall, () => this.#watch.stalled())
  }

  /** Resolves when the socket is ready, rejects with the signal's reason; `late` when neither has come after so many milliseconds. */
  #ready(wanted: Wanted, patience: number, late: (give: (error: Error) => void) => void): Promise<void> {
    const { signal } = this.#watch
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      const end = (then: () => void) => {
        watched.close()
        deadline?.cancel()
        signal.removeEventListener('abort', aborted)
        then()
      }
      const aborted = () => end(() => reject(signal.reason))
      const tooLate = () => late((error) => end(() => reject(error)))
      const deadline = patience < 2 ** 31 ? new Deadline(patience, tooLate) : undefined
      const watched = this.#calls.watch(this.#socket, wanted, () => end(resolve))
      signal.addEventListener('abort', aborted, { once: true })
    })
  }
}

function lost<Value>(call: () => Value): Value {
  try {
    return call()
  } catch (error) {
    throw new DataLost('The data connection broke.', { cause: error })
  }
}
