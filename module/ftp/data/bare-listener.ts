/** A passive data endpoint on a bare descriptor: most ports live for one small file, and a listener of Node costs more than that. */
import { closeSync } from 'node:fs'
import type { Socket } from 'node:net'
import type { Signal } from './aborted.ts'
import { Arrival } from './arrival.ts'
import { BACKLOG, WAITING } from './endpoint.ts'
import type { PassiveEndpoint, PassiveRequest } from './endpoint.ts'
import { libc } from './kernel/libc.ts'
import type { Libc, Polled } from './kernel/libc.ts'
import { sockets, streamOver } from './kernel/sockets.ts'
import type { Sockets } from './kernel/sockets.ts'

/** Milliseconds after which the port is watched: until then the client mostly has connected and asked for its file. */
const UNWATCHED = 20
/** Strangers that are turned away in one look, so that a flood of them holds nobody up. */
const LOOKED_AT = 64

/**
 * Listens on a leased port, which it gives back; undefined where the kernel cannot be asked. Throws the system's error, and the
 * port is the caller's then.
 */
export function listenBare(request: PassiveRequest, leased: number): PassiveEndpoint | undefined {
  const [calls, net] = [libc(), sockets()]
  return calls && net && new BareListener(request, leased, calls, net)
}

class BareListener implements PassiveEndpoint {
  readonly port: number
  readonly #calls: Libc
  readonly #sockets: Sockets
  readonly #listener: number
  readonly #clientAddress: string
  readonly #arrival: Arrival<number>
  #watched: Polled | undefined

  constructor({ clientAddress, localAddress, patience, ports }: PassiveRequest, leased: number, calls: Libc, net: Sockets) {
    this.#calls = calls
    this.#sockets = net
    this.#clientAddress = clientAddress
    this.#listener = net.listen(localAddress, leased, BACKLOG)
    this.port = leased === 0 ? net.portOf(this.#listener) : leased
    const over = () => {
      this.#watched?.close()
      closeSync(this.#listener)
      ports.release(leased)
    }
    this.#arrival = new Arrival(patience, over, closeSync, { after: UNWATCHED, act: () => this.#watch() })
  }

  async connect(signal: Signal): Promise<Socket> {
    const socket = streamOver(await this.descriptor(signal), WAITING)
    return socket.on('error', () => undefined)
  }

  descriptor(signal: Signal): number | Promise<number> {
    this.#look()
    const there = signal.aborted ? undefined : this.#arrival.take()
    if (there !== undefined) return there
    const connection = this.#arrival.wait(signal)
    this.#watch()
    return connection
  }

  close(): void {
    // A client that has connected reads an end; one that nobody has taken would read a reset.
    if (this.#arrival.open) this.#look()
    this.#arrival.close()
  }

  #watch(): void {
    if (!this.#arrival.open) return
    this.#watched ??= this.#calls.watch(this.#listener, 'readable', () => this.#look())
  }

  /** Takes the client's connection if it is there. A peer on another address may have guessed the port. */
  #look(): void {
    try {
      for (let stranger = 0; stranger < LOOKED_AT && this.#arrival.open; stranger++) {
        const accepted = this.#sockets.accept(this.#listener)
        if (!accepted) return
        if (accepted.address === this.#clientAddress) this.#arrival.come(accepted.fd)
        else closeSync(accepted.fd)
      }
    } catch {
      this.#arrival.fail('The data port failed.')
    }
  }
}
