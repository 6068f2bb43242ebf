/** The client's end of a data connection, clear or protected, dialled or waited for. */
import type { Server, Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import { capped } from './cap.ts'

export class DataConnection {
  /** The TCP connection; for an active one pending until the server connects. */
  readonly connected: Promise<Socket>
  /** The connection that carries the data: the TCP connection itself or TLS on it. */
  readonly ready: Promise<Socket>
  readonly #listener: Server | undefined
  readonly #begun = Promise.withResolvers<void>()
  readonly #received: Promise<{ octets: Buffer; error: Error | undefined }>

  private constructor(connected: Promise<Socket>, tls: ConnectionOptions | undefined, listener?: Server) {
    this.connected = connected
    this.#listener = listener
    this.ready = connected.then<Socket>((socket) => (tls ? handshake(socket, tls) : socket))
    this.#received = this.ready.then(
      (socket) => this.#receive(socket),
      (error: Error) => ({ octets: Buffer.alloc(0), error }),
    )
  }

  /** Over a connection that is there once this resolves. */
  static async over(connected: Promise<Socket>, tls: ConnectionOptions | undefined): Promise<DataConnection> {
    await connected
    return new DataConnection(connected, tls)
  }

  /** Over a connection that the server will make. */
  static later(connected: Promise<Socket>, tls: ConnectionOptions | undefined, listener: Server): DataConnection {
    return new DataConnection(connected, tls, listener)
  }

  /** Waits for the first octets. */
  begun(): Promise<void> {
    return capped(this.#begun.promise, 'the first octets of the data connection')
  }

  /** Everything received until the server ended the connection; fails when it broke. */
  async all(cap?: number): Promise<Buffer> {
    const { octets, error } = await capped(this.#received, 'the end of the data connection', undefined, cap)
    if (error) throw error
    return octets
  }

  /** What came until the connection ended in whatever way. */
  async remains(): Promise<Buffer> {
    return (await capped(this.#received, 'the end of the data connection')).octets
  }

  /** Whether the protected connection resumed the session of the control connection. */
  async resumed(): Promise<boolean> {
    const socket = await capped(this.ready, 'the data connection')
    return (socket as TLSSocket).isSessionReused()
  }

  /** Sends and returns once the kernel has it. */
  async write(octets: string | Uint8Array): Promise<void> {
    const socket = await capped(this.ready, 'the data connection')
    await capped(
      new Promise<void>((resolve, reject) => {
        socket.write(octets, (error) => (error ? reject(error) : resolve()))
      }),
      'the server to take the data',
    )
  }

  /** Sends the last octets and ends the connection properly. */
  async end(octets: string | Uint8Array = ''): Promise<void> {
    const socket = await capped(this.ready, 'the data connection')
    socket.end(octets)
  }

  /** Ends TCP without TLS close_notify: what a truncation attack looks like. */
  async truncate(): Promise<void> {
    await this.ready
    const socket = await this.connected
    socket.end()
  }

  /** Breaks the connection with RST. */
  async reset(): Promise<void> {
    const socket = await this.connected
    await this.ready
    socket.resetAndDestroy()
  }

  /** Waits until the connection is gone. */
  async ended(): Promise<void> {
    await capped(this.#received, 'the end of the data connection')
  }

  close(): void {
    this.#listener?.close()
    this.connected.then(
      (socket) => socket.destroy(),
      () => undefined,
    )
  }

  #receive(socket: Socket): Promise<{ octets: Buffer; error: Error | undefined }> {
    return new Promise((resolve) => {
      const pieces: Buffer[] = []
      let failed: Error | undefined
      socket.once('data', () => this.#begun.resolve())
      socket.on('data', (piece: Buffer) => pieces.push(piece))
      socket.on('error', (error) => (failed = error))
      socket.once('close', () => resolve({ octets: Buffer.concat(pieces), error: failed }))
    })
  }
}

async function handshake(socket: Socket, options: ConnectionOptions): Promise<TLSSocket> {
  const secured = connectTls({ ...options, socket })
  await capped(
    new Promise<void>((resolve, reject) => {
      secured.once('secureConnect', resolve)
      secured.once('error', reject)
      secured.once('close', () => reject(new Error('the data connection closed during the TLS handshake')))
    }),
    'the TLS handshake of the data connection',
  )
  return secured
}
