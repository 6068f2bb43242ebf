/** A data endpoint: what PASV, EPSV, PORT or EPRT announced, to be used by one transfer (RFC 959 section 3.3). */
import type { Socket } from 'node:net'

/** Octets that may wait in a data connection while those before them are being written, taken up in one piece. */
export const WAITING = 512 * 1024

export interface DataEndpoint {
  /**
   * The TCP connection to the client, once it stands. Rejects with a {@link ConnectFailed} when nobody came or could be
   * reached in time, and with the signal's reason when the transfer is aborted meanwhile. To be called once.
   */
  connect(signal: AbortSignal): Promise<Socket>
  /** Gives back the port and whatever connected; harmless after `connect`. */
  close(): void
}

/** No data connection came about: reply 425. The message is safe to show. */
export class ConnectFailed extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ConnectFailed'
  }
}
