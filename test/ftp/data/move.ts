/** One data connection over the loopback and real files on both sides of a mover. */
import { once } from 'node:events'
import { closeSync, openSync, read, statSync, writeSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { FilesError, type Download, type SpeedLimit, type Upload } from '../../../module/ftp/backend.ts'
import type { Move } from '../../../module/ftp/data/mover.ts'
import { Throttle } from '../../../module/ftp/data/throttle.ts'
import { childOf, ROOT } from '../../../module/ftp/pathname.ts'
import { refusedBy } from '../../../module/ftp/verdict.ts'
import { eventually } from '../../cap.ts'

const readAt = promisify(read)

/** A folder, and a listener whose connections nobody reads yet. */
export class Ground implements AsyncDisposable {
  readonly folder: string
  readonly throttle = new Throttle()
  readonly #server = createServer({ pauseOnConnect: true, noDelay: true })

  readonly #sockets = new Set<Socket>()
  readonly #came = new Map<number | undefined, Socket>()

  private constructor(folder: string) {
    this.folder = folder
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket)
      this.#came.set(socket.remotePort, socket.on('error', () => undefined))
    })
  }

  static async make(): Promise<Ground> {
    const ground = new Ground(await mkdtemp(join(tmpdir(), 'mover-')))
    ground.#server.listen(0, '127.0.0.1')
    await once(ground.#server, 'listening')
    return ground
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  /** The next connection that comes in. */
  async accepted(): Promise<Socket> {
    const [socket] = (await once(this.#server, 'connection')) as [Socket]
    return socket
  }

  async connected(): Promise<{ ours: Socket; client: Socket }> {
    const client = connect({ port: this.port, host: '127.0.0.1' }).on('error', () => undefined)
    this.#sockets.add(client)
    await once(client, 'connect')
    // Others connect at the same time.
    await eventually(() => this.#came.has(client.localPort), 'the connection was accepted', 20_000)
    const ours = this.#came.get(client.localPort)
    if (!ours) throw new Error('unreachable')
    // Ports are used again.
    this.#came.delete(client.localPort)
    return { ours, client }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await rm(this.folder, { recursive: true })
  }
}

export interface Watched extends Move {
  readonly abort: AbortController
  readonly seen: { octets: number; stalls: number }
}

export function moveOver(ground: Ground, connection: Socket, changes: { stall?: number; limits?: SpeedLimit[] } = {}): Watched {
  const abort = new AbortController()
  const seen = { octets: 0, stalls: 0 }
  return {
    connection,
    abort,
    seen,
    signal: abort.signal,
    share: ground.throttle.join(() => changes.limits ?? []),
    stall: changes.stall ?? 20_000,
    stalled() {
      seen.stalls += 1
      abort.abort(new Error('stalled'))
    },
    moved: (octets) => void (seen.octets += octets),
  }
}

export function openDownload(path: string): Download & { readonly fd: number } {
  const fd = openSync(path, 'r')
  const { size } = statSync(path)
  return {
    fd,
    size,
    modified: 0,
    read: async (buffer, position) => (await readAt(fd, buffer, 0, buffer.length, position)).bytesRead,
    close: async () => closeSync(fd),
  }
}

/** A file that refuses what comes behind `limit` octets. */
export class FileTarget implements Upload {
  readonly path = childOf(ROOT, 'target')
  readonly offset = 0
  readonly fd: number
  protected readonly limit: number
  reserved = 0
  written = 0

  constructor(path: string, limit = Infinity, flags = 'w') {
    this.fd = openSync(path, flags)
    this.limit = limit
  }

  reserve(bytes: number): void {
    if (this.reserved + bytes > this.limit) throw new FilesError('quota', refusedBy('limit.user-bytes', 'user'))
    this.reserved += bytes
  }

  wrote(bytes: number): void {
    this.written += bytes
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.reserve(chunk.length)
    try {
      writeSync(this.fd, chunk, 0, chunk.length, this.written)
    } catch (error) {
      throw new FilesError('input-output', refusedBy('system.input-output', 'system'), undefined, { cause: error })
    }
    this.written += chunk.length
  }

  async commit(): Promise<void> {
    closeSync(this.fd)
  }

  async abandon(): Promise<void> {
    closeSync(this.fd)
  }
}

/** The same, where a quarter of what is left may be reserved ahead. */
export class RoomyTarget extends FileTarget {
  get headroom(): number {
    return Math.floor((this.limit - this.reserved) / 4)
  }
}
