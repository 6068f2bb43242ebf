/** A data endpoint: what PASV, EPSV, PORT or EPRT announced, to be used by one transfer (RFC 959 section 3.3). */
import type { Socket } from 'node:net'
import type { Signal } from './aborted.ts'
import type { PortPool } from './port-pool.ts'

/** Octets that may wait in a data connection while those before them are being written, taken up in one piece. */
export const WAITING = 512 * 1024

/** Connections that may wait at a passive port: they leave room for the client behind strangers. */
export const BACKLOG = 64

export interface DataEndpoint {
  /**
   * The TCP connection to the client, once it stands. Rejects with a {@link ConnectFailed} when nobody came or could be
   * reached in time, and with the signal's reason when the transfer is aborted meanwhile. To be called once.
   */
  connect(signal: Signal): Promise<Socket>
  /**
   * The same as `connect`, as a descriptor that nobody has read from and that does not wait; at once where the client has
   * connected already. Whoever got it closes it. Absent where there is none to be had.
   */
  descriptor?(signal: Signal): number | Promise<number>
  /** Gives back the port and whatever connected; harmless after `connect`. */
  close(): void
}

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

/** No data connection came about: reply 425. The message is safe to show. */
export class ConnectFailed extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ConnectFailed'
  }
}
