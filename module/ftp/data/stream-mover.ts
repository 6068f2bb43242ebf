/** The portable mover: node streams, with reused buffers so that the disk reads while the network writes. */
import type { Socket } from 'node:net'
import type { Download, Upload } from '../backend.ts'
import { unlessAborted } from './aborted.ts'
import { gathered } from './gathering.ts'
import { DataLost } from './mover.ts'
import type { Move, Mover } from './mover.ts'

/** Octets read from the disk at once; two such buffers per running download. */
const PIECE = 256 * 1024

/** Buffers of ended downloads, for the next ones. */
const spare: Buffer[] = []
const SPARE_LIMIT = 16

export const streamMover: Mover = {
  async sendFile(file, from, move) {
    await watched(move, async (watch) => {
      await sendPieces(file, from, move, watch)
      await ended(move.connection)
    })
  },

  async send(chunks, move) {
    await watched(move, async (watch) => {
      for await (const chunk of watch.untilCut(chunks)) {
        for (const piece of pieces(chunk, move.share.quantum)) {
          await watch.elsewhere(move.share.take(piece.length, move.signal))
          await written(move.connection, piece)
          move.moved(piece.length)
        }
      }
      await ended(move.connection)
    })
  },

  receive: (move) => received(move, Infinity),

  async receiveFile(upload, move) {
    await receiveHead(upload, move, Infinity)
  },
}

/** Receives into a file until its end, or until at least so many octets have come. */
export async function receiveHead(upload: Upload, move: Move, limit: number): Promise<{ octets: number; ended: boolean }> {
  let octets = 0
  for await (const piece of received(move, limit)) {
    await upload.write(piece)
    octets += piece.length
  }
  return { octets, ended: octets < limit }
}

/** Says the end once everything is on its way, under the move's signal and stall timeout. */
export function finish(move: Move): Promise<void> {
  return watched(move, () => ended(move.connection))
}

/** What the client sends, to its end, or up to the chunk that reaches the limit. */
async function* received(move: Move, limit: number): AsyncIterable<Buffer> {
  const watch = new Watch(move)
  try {
    for await (const chunk of gathered(move.connection, limit)) {
      for (const piece of pieces(chunk, move.share.quantum)) {
        await watch.elsewhere(move.share.take(piece.length, move.signal))
        watch.pause()
        yield piece
        watch.go()
        move.moved(piece.length)
      }
    }
  } catch (error) {
    throw reasonOf(error, move)
  } finally {
    watch.end()
  }
}

/** Reads one piece while the one before it is being written. */
async function sendPieces(file: Download, from: number, move: Move, watch: Watch): Promise<void> {
  const buffers = [lend(), lend()] as const
  let writing: Promise<void> = Promise.resolve()
  let whole = false
  try {
    for (let position = from, turn = 0; ; turn ^= 1) {
      const buffer = buffers[turn === 0 ? 0 : 1].subarray(0, Math.min(PIECE, move.share.quantum))
      const length = await watch.unlessCut(file.read(buffer, position))
      if (length === 0) break
      await watch.elsewhere(move.share.take(length, move.signal))
      await writing
      writing = written(move.connection, buffer.subarray(0, length))
      writing.catch(() => undefined)
      position += length
      move.moved(length)
      // A small file needs no second read to find its end.
      if (length < buffer.length && position >= file.size) break
    }
    await writing
    whole = true
  } finally {
    // After a failure the disk or the network may still be busy with them: those are not used again.
    if (whole) giveBack(buffers)
  }
}

/** Runs a move under its signal and stall timeout, and names what ended it. */
async function watched(move: Move, work: (watch: Watch) => Promise<void>): Promise<void> {
  const watch = new Watch(move)
  try {
    await work(watch)
  } catch (error) {
    throw reasonOf(error, move)
  } finally {
    watch.end()
  }
}

/** Cuts the connection at the signal, and notices when it is the client that keeps us waiting. */
class Watch {
  readonly #move: Move
  #held = 0
  readonly #cut = () => this.#move.connection.destroy()
  readonly #idle = () => {
    if (this.#held > 0) this.#move.connection.setTimeout(this.#move.stall)
    else this.#move.stalled()
  }

  constructor(move: Move) {
    this.#move = move
    move.signal.addEventListener('abort', this.#cut, { once: true })
    if (move.signal.aborted) this.#cut()
    move.connection.on('timeout', this.#idle)
    if (move.stall < 2 ** 31) move.connection.setTimeout(move.stall)
  }

  /** Time that passes here (speed limit, disk) is not the client's. */
  async elsewhere(wait: Promise<void> | undefined): Promise<void> {
    if (!wait) return
    this.pause()
    await wait.finally(() => this.go())
  }

  /** A disk may hang: what is cut does not wait for it. */
  async unlessCut<Value>(work: Promise<Value>): Promise<Value> {
    this.pause()
    try {
      return await unlessAborted(work, this.#move.signal)
    } finally {
      this.go()
    }
  }

  /** The same for all that is made one after the other. */
  async *untilCut(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    const each = chunks[Symbol.asyncIterator]()
    try {
      for (;;) {
        const { done, value } = await this.unlessCut(each.next())
        if (done) return
        yield value
      }
    } finally {
      each.return?.().catch(() => undefined)
    }
  }

  pause(): void {
    this.#held++
  }

  go(): void {
    this.#held--
  }

  end(): void {
    this.#move.signal.removeEventListener('abort', this.#cut)
    this.#move.connection.off('timeout', this.#idle)
    this.#move.connection.setTimeout(0)
  }
}

function reasonOf(error: unknown, move: Move): unknown {
  if (move.signal.aborted) return move.signal.reason
  if (!(error instanceof Error) || !('code' in error)) return error
  const network = move.connection.destroyed || move.connection.errored !== null
  return network && !('kind' in error) ? new DataLost('The data connection broke.', { cause: error }) : error
}

function written(connection: Socket, chunk: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.write(chunk, (error) => (error ? reject(error) : resolve()))
  })
}

/** Everything is on its way and the end is said (FIN, behind close_notify under TLS). */
function ended(connection: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    // The error is made only where it is one: it costs as much as sending a small file.
    const broken = () => reject(new DataLost('The data connection broke.'))
    if (connection.destroyed) return broken()
    connection.once('error', reject).once('close', broken)
    connection.end((error?: Error | null) => {
      connection.off('error', reject).off('close', broken)
      if (error) reject(error)
      else resolve()
    })
  })
}

function* pieces(chunk: Buffer, size: number): Iterable<Buffer> {
  if (chunk.length <= size) yield chunk
  else for (let at = 0; at < chunk.length; at += size) yield chunk.subarray(at, at + size)
}

function lend(): Buffer {
  return spare.pop() ?? Buffer.allocUnsafeSlow(PIECE)
}

function giveBack(buffers: readonly Buffer[]): void {
  for (const buffer of buffers) if (spare.length < SPARE_LIMIT) spare.push(buffer)
}
