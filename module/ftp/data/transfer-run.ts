/** One transfer while it runs: protection, connection, mark, octets (RFC 959 section 5.4). */
import type { Socket } from 'node:net'
import type { Upload } from '../backend.ts'
import type { TransferEnd, TransferResult, TransferStart } from '../events.ts'
import type { VirtualPath } from '../pathname.ts'
import { requireDataTls } from '../permission.ts'
import { reply } from '../reply.ts'
import type { Reply } from '../reply.ts'
import type { AbortReason, LoggedInSession, RunningTransfer } from '../session.ts'
import { incoming, octetsOf, outgoing, unchanged } from './content.ts'
import type { DataEndpoint } from './endpoint.ts'
import { DataLost, type Move, type Mover } from './mover.ts'
import { stream, type Watch } from './bare-connection.ts'
import { linger } from './linger.ts'
import { closable, closeSource, complete, openSource, openTarget } from './opening.ts'
import { Cut } from './aborted.ts'
import { describe, kindOf } from './transfer-kinds.ts'
import type { ReceiveTransfer, SendTransfer, Source, Transfer } from './transfer-kinds.ts'
import { receiveSmall } from './small.ts'
import type { Rest, Task } from './small.ts'
import { bareHere, bareSending, connected, protectionOf, speedLimits, wayOver, type Owner, type Way } from './way.ts'

/** Milliseconds between two progress events of one transfer. */
const PROGRESS = 250

let lastId = 0

/** One transfer while it runs. */
export class Run implements RunningTransfer {
  readonly id = ++lastId
  readonly verb: string
  readonly path: VirtualPath
  size?: number
  bytes = 0
  marked = false
  readonly #session: LoggedInSession
  readonly #owner: Owner
  readonly #transfer: Transfer
  readonly #endpoint: DataEndpoint
  readonly #mark: (reply: Reply) => void
  readonly #cut = new Cut()
  #finalPath: VirtualPath
  #started = performance.now()
  #told = 0

  constructor(session: LoggedInSession, transfer: Transfer, endpoint: DataEndpoint, mark: (reply: Reply) => void) {
    this.verb = transfer.verb
    this.path = transfer.path
    this.#finalPath = transfer.path
    this.#session = session
    this.#owner = { session, account: session.login.account }
    this.#transfer = transfer
    this.#endpoint = endpoint
    this.#mark = mark
    session.transfer = this
  }

  abort(reason: AbortReason): void {
    this.#cut.abort(reason)
  }

  async send(transfer: SendTransfer): Promise<Reply> {
    requireDataTls(this.#session)
    const source = closable(await openSource(transfer, this.#cut))
    try {
      const file = 'file' in source ? source.file : undefined
      if (file) this.size = file.size
      const text = `Sending ${describe(this.path, this.size)}.`
      const { offset } = transfer
      const bare = bareSending(this.#owner, source, offset)
      const connecting = connected(this.#endpoint, bare !== undefined, this.#cut)
      const connection = typeof connecting === 'number' ? connecting : await connecting
      if (bare && typeof connection === 'number') {
        this.#begin(text, offset)
        await bare(this.#task(connection), () => this.#share())
      } else {
        await this.#over({ octets: 0, stream: stream(connection) }, text, { offset, file: file?.fd }, (way, move) =>
          this.#sendSource(source, offset, way.mover, move),
        )
      }
    } finally {
      // The reply does not wait for a disk that hangs.
      closeSource(source).catch((fault: unknown) => this.#fault(fault))
    }
    return reply(226, 'Transfer complete.')
  }

  async receive(transfer: ReceiveTransfer): Promise<Reply> {
    requireDataTls(this.#session)
    const bare = unchanged(this.#session) && bareHere(this.#owner, 'receive')
    const connection = await connected(this.#endpoint, bare, this.#cut)
    let upload: Upload
    try {
      upload = await openTarget(transfer, this.#cut)
    } catch (error) {
      stream(connection).destroy()
      throw error
    }
    this.#finalPath = upload.path
    const text = transfer.mark?.(upload) ?? `Ready to receive ${describe(upload.path)}.`
    await complete(upload, this.#receiveAll(upload, text, connection), this.#cut, (fault) => this.#fault(fault))
    return reply(226, 'Transfer complete.')
  }

  /** The final reply, told to observers if the transfer had begun. */
  end(result: TransferResult, final: Reply): Reply {
    if (this.marked) this.#emitEnd(result, final)
    // A thread that a disk held up may tell more.
    this.#told = Infinity
    return final
  }

  async #receiveAll(upload: Upload, text: string, connection: number | Socket): Promise<void> {
    const rest = await this.#receiveHead(upload, text, connection)
    if (!rest) return
    await this.#over(rest, text, { offset: upload.offset, file: upload.fd }, (way, move) =>
      this.#receiveInto(upload, rest.octets, way, move),
    )
  }

  /** Receives a small file; what is left where it is none. */
  async #receiveHead(upload: Upload, text: string, connection: number | Socket): Promise<Rest | undefined> {
    // What protects a connection cannot go on without a thread, and a thread not without the file's descriptor.
    const whole = this.#session.protection === 'clear' || upload.fd !== undefined
    if (!whole || typeof connection !== 'number') return { octets: 0, stream: stream(connection) }
    this.#begin(text, upload.offset)
    return receiveSmall(upload, this.#task(connection))
  }

  #share(): Move['share'] {
    return this.#session.shared.throttle.join(() => speedLimits(this.#owner, this.#transfer.direction))
  }

  #task(socket: number): Task {
    return { socket, watch: this.#watch(), protection: () => protectionOf(this.#session) }
  }

  /** Sends the mark, protects the connection if it has to be, and moves the octets. */
  async #over(
    { stream: raw, tls: begun }: Rest,
    text: string,
    { offset, file }: { readonly offset: number; readonly file: number | undefined },
    work: (way: Way, move: Move) => Promise<void>,
  ): Promise<void> {
    const { direction } = this.#transfer
    const share = this.#share()
    let connection = raw
    try {
      if (!this.marked) this.#begin(text, offset)
      const way = await wayOver(this.#session, { raw, direction, file, begun }, this.#cut)
      connection = way.connection
      await work(way, this.#move(connection, share))
    } catch (error) {
      connection.destroy()
      raw.destroy()
      throw error
    } finally {
      share.leave()
      // Harmless where a thread has taken it.
      begun?.free()
    }
    linger(connection, raw)
  }

  #move(connection: Socket, share: Move['share']): Move {
    return { connection, share, ...this.#watch() }
  }

  #watch(): Watch {
    return {
      signal: this.#cut,
      stall: this.#session.options.timeouts.stall * 1000,
      stalled: () => this.abort('stall'),
      moved: (octets) => this.#moved(octets),
    }
  }

  #sendSource(source: Source, from: number, mover: Mover, move: Move): Promise<void> {
    const session = this.#session
    if ('chunks' in source) return mover.send(outgoing(session, source.chunks, true), move)
    if (unchanged(session)) return mover.sendFile(source.file, from, move)
    return mover.send(outgoing(session, octetsOf(source.file, from), false), move)
  }

  async #receiveInto(upload: Upload, received: number, { mover, copies, closedCleanly }: Way, move: Move): Promise<void> {
    if (unchanged(this.#session) && copies) {
      await mover.receiveFile(upload, move, received)
      move.connection.end()
      return
    }
    let octets = 0
    const counted = async function* () {
      for await (const chunk of mover.receive(move)) {
        octets += chunk.length
        yield chunk
      }
      // A man in the middle can end the TCP connection early, but not with a close_notify.
      if (!closedCleanly(octets)) throw new DataLost('The data ended without a TLS close_notify.')
    }
    for await (const chunk of incoming(this.#session, counted())) await upload.write(chunk)
    move.connection.end()
  }

  #begin(text: string, offset: number): void {
    this.marked = true
    this.#started = performance.now()
    this.#mark(reply(150, text))
    const start: TransferStart = {
      id: this.id,
      direction: kindOf(this.#transfer),
      verb: this.verb,
      path: this.#finalPath,
      offset,
      secure: this.#session.protection === 'private',
    }
    const transfer = this.size === undefined ? start : { ...start, size: this.size }
    this.#session.emit({ kind: 'transfer-started', session: this.#session.client, transfer })
  }

  #fault(error: unknown): void {
    this.#session.emit({ kind: 'fault', session: this.#session.client, error })
  }

  #moved(octets: number): void {
    this.bytes += octets
    const now = performance.now()
    if (now - this.#told < PROGRESS) return
    this.#told = now
    this.#session.lastActivity = now
    this.#session.emit({ kind: 'transfer-progress', session: this.#session.client, id: this.id, bytes: this.bytes })
  }

  #emitEnd(result: TransferResult, final: Reply): void {
    const transfer: TransferEnd = {
      id: this.id,
      direction: kindOf(this.#transfer),
      verb: this.verb,
      path: this.#finalPath,
      bytes: this.bytes,
      seconds: (performance.now() - this.#started) / 1000,
      result,
      code: final.code,
    }
    this.#session.emit({ kind: 'transfer-ended', session: this.#session.client, transfer })
  }
}
