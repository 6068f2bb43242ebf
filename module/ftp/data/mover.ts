/** The mover's interface: how octets get from a file to a data connection and back. All movers pass the same tests. */
import type { Socket } from 'node:net'
import type { Download, Upload } from '../backend.ts'
import type { Signal } from './aborted.ts'
import type { Protection } from './kernel/messages.ts'
import type { Tls } from './kernel/openssl.ts'
import type { Share } from './throttle.ts'

/** One transfer's data connection and what watches over it. */
export interface Move {
  /** The TCP or TLS connection; the mover ends it, whoever called it destroys it. */
  readonly connection: Socket
  /** Cuts the transfer; its reason is what the move fails with. */
  readonly signal: Signal
  /** The share in the speed limits. */
  readonly share: Share
  /** Milliseconds without a moving octet after which `stalled` is called. */
  readonly stall: number
  stalled(): void
  /** So many octets have passed. */
  moved(octets: number): void
}

/** A protection that stands already; whoever began it frees it, which does nothing once a thread has taken it. */
export interface Begun {
  readonly begun?: Tls | undefined
}

/** A move over a bare connection: see `DataEndpoint.descriptor`. */
export type BareMove = Omit<Move, 'connection'>

/** The moves between a file and a connection. */
export type FileMover = Pick<Mover, 'sendFile' | 'receiveFile'>

export interface Mover {
  /** Sends a file from an offset, in octets, to its end, and ends the connection. */
  sendFile(file: Download, from: number, move: Move): Promise<void>
  /** Sends what is made while it is sent (listings, converted files), and ends the connection. */
  send(chunks: AsyncIterable<Buffer>, move: Move): Promise<void>
  /** What the client sends, to its end. A chunk may be used again once the next one has been asked for. */
  receive(move: Move): AsyncIterable<Buffer>
  /**
   * Writes what the client sends, as it comes and to its end, behind what the upload has; commits nothing. `received`: octets
   * that were written before.
   */
  receiveFile(upload: Upload, move: Move, received?: number): Promise<void>
  /**
   * The moves of a file over a TCP connection that is protected first, where this mover does that by itself and nobody has
   * read from the connection. They fail as `secureData` does when the handshake does. `file`: the file's descriptor.
   */
  protecting?(connection: Socket, protection: Protection & Begun, file: number): FileMover | undefined
  /**
   * The same as `sendFile` in clear over a bare connection, which it closes; it leaves the share. Undefined where the file goes
   * another way.
   */
  sendingBare?(file: Download, from: number): ((socket: number, move: BareMove) => Promise<void>) | undefined
}

/** The data connection broke or ended where it must not: reply 426. */
export class DataLost extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'DataLost'
  }
}
