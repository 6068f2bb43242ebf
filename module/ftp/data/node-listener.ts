/** A passive data endpoint on a listener of Node: where the kernel cannot be asked. */
import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { canonicalAddress } from '../address.ts'
import type { Signal } from './aborted.ts'
import { Arrival } from './arrival.ts'
import { BACKLOG, WAITING } from './endpoint.ts'
import type { PassiveEndpoint, PassiveRequest } from './endpoint.ts'

/** Listens on a leased port, which it gives back. Rejects with the system's error, and the port is the caller's then. */
export async function listenByNode(request: PassiveRequest, leased: number): Promise<PassiveEndpoint> {
  return new NodeListener(request, leased, await listen(request.localAddress, leased))
}

function listen(host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({ pauseOnConnect: true, noDelay: true, highWaterMark: WAITING })
    server.once('error', reject)
    server.listen({ host, port, backlog: BACKLOG }, () => {
      server.off('error', reject)
      resolve(server)
    })
  })
}

class NodeListener implements PassiveEndpoint {
  readonly port: number
  readonly #clientAddress: string
  readonly #arrival: Arrival<Socket>

  constructor({ clientAddress, patience, ports }: PassiveRequest, leased: number, server: Server) {
    this.#clientAddress = clientAddress
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP listener has an AddressInfo
    this.port = (server.address() as AddressInfo).port
    const over = () => {
      server.close()
      ports.release(leased)
    }
    this.#arrival = new Arrival(patience, over, (socket) => socket.destroy())
    server.on('connection', (socket) => this.#accept(socket))
    server.on('error', () => this.#arrival.fail('The data port failed.'))
  }

  connect(signal: Signal): Promise<Socket> {
    return this.#arrival.wait(signal)
  }

  close(): void {
    this.#arrival.close()
  }

  #accept(socket: Socket): void {
    socket.on('error', () => undefined)
    // A peer on another address may have guessed the port. One that has already gone has no address at all.
    if (this.#arrival.open && this.#isClient(socket.remoteAddress)) this.#arrival.come(socket)
    else socket.destroy()
  }

  #isClient(address: string | undefined): boolean {
    return address === this.#clientAddress || canonicalAddress(address) === this.#clientAddress
  }
}
