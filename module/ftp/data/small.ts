/** Small files and listings over a bare connection, on the thread of the engine: handing one to a thread costs more than moving it. */
import type { Socket } from 'node:net'
import type { Download, Upload } from '../backend.ts'
import { unlessAborted } from './aborted.ts'
import { BareConnection } from './bare-connection.ts'
import type { Watch } from './bare-connection.ts'
import type { Protection } from './kernel/messages.ts'
import type { Tls } from './kernel/openssl.ts'
import type { Move } from './mover.ts'

/** Octets of a small file: what a new connection takes up at once. */
export const SMALL = 64 * 1024

/** Buffers of ended transfers, for the next ones. */
const spare: Buffer[] = []
const SPARE_LIMIT = 16

/** A transfer to be made. */
export interface Task {
  /** A connection that nobody has read from; it is closed, or belongs to the `rest`. */
  readonly socket: number
  readonly watch: Watch
  /** How to protect the connection, if at all; refuses with 522 where that is not possible any more. */
  readonly protection: () => Protection | undefined
}

/** What is left of an upload that was no small one: so many octets have been written. */
export interface Rest {
  readonly octets: number
  readonly stream: Socket
  /** What protects the connection already. */
  readonly tls?: Tls | undefined
}

/** Sends a small file from an offset to its end. */
export async function sendSmall(file: Download, from: number, { socket, watch, protection }: Task): Promise<void> {
  const connection = new BareConnection(socket, watch)
  const buffer = spare.pop() ?? Buffer.allocUnsafeSlow(SMALL)
  try {
    const protecting = connection.secure(protection())
    if (protecting) await protecting
    for (let position = from; position < file.size; ) {
      const part = buffer.subarray(0, file.size - position)
      const length = file.readNow?.(part, position) ?? (await unlessAborted(file.read(part, position), watch.signal))
      watch.signal.throwIfAborted()
      // Somebody has shortened the file.
      if (length === 0) break
      const sending = connection.send(buffer.subarray(0, length))
      if (sending) await sending
      watch.moved(length)
      position += length
    }
    const ending = connection.end()
    if (ending) await ending
  } catch (error) {
    connection.close()
    throw error
  }
  // After a failure the disk may still be busy with the buffer: it is not used again.
  if (spare.length < SPARE_LIMIT) spare.push(buffer)
}

/** Sends a text while it is made, as fast as its share in the speed limits lets it, which it leaves. */
export async function sendText(
  chunks: AsyncIterable<Buffer>,
  share: Move['share'],
  { socket, watch, protection }: Task,
): Promise<void> {
  const { signal } = watch
  const connection = new BareConnection(socket, watch)
  try {
    await connection.secure(protection())
    const pieces = chunks[Symbol.asyncIterator]()
    for (;;) {
      const { done, value: piece } = await unlessAborted(pieces.next(), signal)
      if (done) break
      await share.take(piece.length, signal)
      await connection.send(piece)
      watch.moved(piece.length)
    }
    await connection.end()
  } catch (error) {
    connection.close()
    throw error
  } finally {
    share.leave()
  }
}

/** Receives into a file until its end, or as much as a small one has; answers what is to go on then. */
export async function receiveSmall(upload: Upload, { socket, watch, protection }: Task): Promise<Rest | undefined> {
  const connection = new BareConnection(socket, watch)
  const buffer = spare.pop() ?? Buffer.allocUnsafeSlow(SMALL)
  let rest: Rest | undefined
  try {
    const protecting = connection.secure(protection())
    if (protecting) await protecting
    const { octets, ended } = await receiveInto(upload, connection, buffer, watch)
    // A client that has gone without waiting for our end has said its own.
    if (ended) await endOrClose(connection)
    else rest = { octets, ...connection.handOver() }
  } catch (error) {
    connection.close()
    throw error
  }
  if (spare.length < SPARE_LIMIT) spare.push(buffer)
  return rest
}

async function endOrClose(connection: BareConnection): Promise<void> {
  try {
    await connection.end()
  } catch {
    connection.close()
  }
}

async function receiveInto(
  upload: Upload,
  connection: BareConnection,
  buffer: Buffer,
  watch: Watch,
): Promise<{ readonly octets: number; readonly ended: boolean }> {
  let octets = 0
  for (let held = 0; octets < SMALL; held = 0) {
    let received: number | undefined
    let failure: { readonly error: unknown } | undefined
    try {
      do {
        received = connection.receive(held === 0 ? buffer : buffer.subarray(held))
        held += received ?? 0
      } while (received && held < SMALL)
    } catch (error) {
      failure = { error }
    }
    // Nothing that has come is kept back while the client takes its time, or lost because it broke off.
    if (held > 0) {
      await upload.write(buffer.subarray(0, held))
      watch.moved(held)
      octets += held
    }
    if (failure) throw failure.error
    if (received === 0) return { octets, ended: true }
    if (received === undefined) await connection.wait()
  }
  return { octets, ended: false }
}
