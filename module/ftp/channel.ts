/** What carries a control connection: octets in clear text or under TLS, over a stream of Node or a bare descriptor. */
import type { ServerOpts } from 'node:net'
import type { LazyContext } from './tls.ts'

/** How connections are to be accepted that become a channel. */
export const ACCEPTING: ServerOpts = {
  noDelay: true,
  // After so many milliseconds without traffic the system asks whether the client is still there.
  keepAlive: true,
  keepAliveInitialDelay: 60_000,
  // Whoever takes the connection over begins to read.
  pauseOnConnect: true,
}

/** Milliseconds for the last reply to be read before the connection is cut. */
export const FAREWELL = 2000

export interface ChannelEvents {
  /** Octets that came; not to be kept, they are overwritten by the next ones. */
  data(octets: Buffer): void
  /** The client has gone, or the connection broke. Not told after `end` and `destroy`. */
  lost(): void
}

export interface Handshake {
  readonly context: LazyContext
  /** The context for a server name the client sent (SNI); undefined = the one above. */
  readonly contextFor?: (serverName: string) => LazyContext | undefined
  /** Milliseconds until an unfinished handshake is given up. */
  readonly patience: number
}

/** What a handshake led to. */
export interface Secured {
  /** `TLSv1.3` and the like. */
  readonly protocol: string
  readonly cipher: string
  /** As the client sent it (SNI). */
  readonly serverName?: string | undefined
}

export interface Channel {
  /** Whether anything can still be written. */
  readonly open: boolean
  /** Octets written that the network has not taken. */
  readonly unsent: number
  /** Begins to read. */
  listen(): void
  pause(): void
  resume(): void
  /** Characters up to U+00FF stand for their octets. */
  write(octets: string | Buffer): void
  /** True when everything written has been taken by the network; false when the time, in milliseconds, ran out first. */
  drained(patience: number): Promise<boolean>
  /**
   * Does the server's side of a handshake, and stops to read. What came in clear text is forgotten or spoils the handshake.
   * Rejects when it fails; the connection is closed then.
   */
  secure(request: Handshake): Promise<Secured>
  /** Closes once what was written is on its way, the last words included; nothing is told any more. */
  end(last?: string | Buffer): void
  /** Closes at once. */
  destroy(): void
}
