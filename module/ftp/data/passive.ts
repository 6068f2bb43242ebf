/** Passive data endpoints: a listener on a leased port that takes one connection, from the client's own address. */
import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { canonicalAddress } from '../address.ts'
import { ConnectFailed, WAITING } from './endpoint.ts'
import type { DataEndpoint } from './endpoint.ts'
import type { PortPool } from './port-pool.ts'

/** Ports tried when another program holds the leased one. */
const ATTEMPTS = 10

export interface PassiveEndpoint extends DataEndpoint {
  readonly port: number
}

export interface PassiveRequest {
  readonly ports: PortPool
  /** The control connection's own address: data travels the same way. */
  readonly localAddress: string
  /** Nobody else is let in (RFC 2577 section 3, CERT CA-97.27). */
  readonly clientAddress: string
  /** Milliseconds until a listener that nobody connected to is given back. */
  readonly patience: number
}

/** Listens on a free port of the range; rejects with a {@link ConnectFailed} when there is none. */
export async function listenPassive(request: PassiveRequest): Promise<PassiveEndpoint> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const leased = request.ports.lease()
    if (leased === undefined) break
    try {
      return new Listener(request, leased, await listen(request.localAddress, leased))
    } catch (error) {
      request.ports.release(leased)
      if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) {
        throw new ConnectFailed('The data port cannot be opened.', { cause: error })
      }
    }
  }
  throw new ConnectFailed('All passive ports are in use, try again later.')
}

function listen(host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({ pauseOnConnect: true, noDelay: true, highWaterMark: WAITING })
    server.once('error', reject)
    // A few waiting connections leave room for the client behind a stranger.
    server.listen({ host, port, backlog: 8 }, () => {
      server.off('error', reject)
      resolve(server)
    })
  })
}

class Listener implements PassiveEndpoint {
  readonly port: number
  readonly #server: Server
  readonly #request: PassiveRequest
  readonly #leased: number
  #socket: Socket | undefined
  #waiting: ((result: Socket | Error) => void) | undefined
  /** Why nobody will connect any more. Errors are made when somebody asks: they cost more than a port. */
  #failure: string | undefined
  #released = false
  readonly #timer: NodeJS.Timeout

  constructor(request: PassiveRequest, leased: number, server: Server) {
    this.#request = request
    this.#leased = leased
    this.#server = server
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP listener has an AddressInfo
    this.port = (server.address() as AddressInfo).port
    server.on('connection', (socket) => this.#accept(socket))
    server.on('error', () => this.#fail('The data port failed.'))
    this.#timer = setTimeout(() => this.#fail('Nobody connected to the data port in time.'), request.patience)
  }

  connect(signal: AbortSignal): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const aborted = () => {
        this.close()
        reject(signal.reason)
      }
      if (signal.aborted) return aborted()
      if (this.#failure !== undefined) return reject(new ConnectFailed(this.#failure))
      if (this.#socket) return resolve(this.#take(this.#socket))
      signal.addEventListener('abort', aborted, { once: true })
      this.#waiting = (result) => {
        signal.removeEventListener('abort', aborted)
        if (result instanceof Error) reject(result)
        else resolve(this.#take(result))
      }
    })
  }

  close(): void {
    this.#release()
    this.#socket?.destroy()
    this.#socket = undefined
    this.#failure ??= 'The data connection was closed.'
  }

  #accept(socket: Socket): void {
    // A peer on another address may have guessed the port. One that has already gone has no address at all.
    if (this.#released || !this.#isClient(socket.remoteAddress)) {
      socket.on('error', () => undefined).destroy()
      return
    }
    this.#release()
    socket.on('error', () => undefined)
    this.#socket = socket
    this.#waiting?.(socket)
    this.#waiting = undefined
  }

  #isClient(address: string | undefined): boolean {
    const { clientAddress } = this.#request
    return address === clientAddress || canonicalAddress(address) === clientAddress
  }

  #take(socket: Socket): Socket {
    this.#socket = undefined
    return socket
  }

  #fail(failure: string): void {
    if (this.#released) return
    this.#failure = failure
    this.#release()
    this.#waiting?.(new ConnectFailed(failure))
    this.#waiting = undefined
  }

  #release(): void {
    if (this.#released) return
    this.#released = true
    clearTimeout(this.#timer)
    this.#server.close()
    this.#request.ports.release(this.#leased)
  }
}
