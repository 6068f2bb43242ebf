/** Small files in clear over a bare descriptor: the stream that Node puts around a connection costs more than moving them. */
import { closeSync } from 'node:fs'
import type { Socket } from 'node:net'
import type { Download, Upload } from '../backend.ts'
import { unlessAborted } from './aborted.ts'
import { WAITING } from './endpoint.ts'
import { CallFailed, libc } from './kernel/libc.ts'
import { sockets, streamOver } from './kernel/sockets.ts'
import { DataLost } from './mover.ts'
import type { Move } from './mover.ts'

/** Octets of a small file: what a new connection takes up at once. */
export const SMALL = 64 * 1024

/** Buffers of ended transfers, for the next ones. */
const spare: Buffer[] = []
const SPARE_LIMIT = 16

/** What watches over a transfer, see {@link Move}. */
export type Watch = Omit<Move, 'connection' | 'share'>

/** How a transfer over a bare descriptor went: the octets moved, and the connection to go on with, where it was no small file. */
export interface Head {
  readonly octets: number
  readonly rest?: Socket
}

/** Sends a file from an offset on, as far as the connection takes it at once. The descriptor is closed, or that of `rest`. */
export async function sendSmall(file: Download, from: number, socket: number, watch: Watch): Promise<Head> {
  return closedUnless(socket, async () => {
    const buffer = spare.pop() ?? Buffer.allocUnsafeSlow(SMALL)
    const read = file.read(buffer.subarray(0, Math.min(SMALL, file.size - from)), from)
    const length = await unlessAborted(read, watch.signal)
    watch.signal.throwIfAborted()
    const octets = length === 0 ? 0 : (lost(() => sockets()?.send(socket, buffer.subarray(0, length))) ?? 0)
    // After a failure the disk may still be busy with the buffer: it is not used again.
    giveBack(buffer)
    watch.moved(octets)
    // Octets that nobody has read would turn the end into a reset, and cost the client its file.
    return { octets, ended: from + octets >= file.size && libc()?.arrived(socket) === 0 }
  })
}

/** Receives into a file until its end, or as much as a small one has. The descriptor is closed, or that of `rest`. */
export async function receiveSmall(upload: Upload, socket: number, watch: Watch): Promise<Head> {
  return closedUnless(socket, async () => {
    const buffer = spare.pop() ?? Buffer.allocUnsafeSlow(SMALL)
    let octets = 0
    for (let held = 0; ; ) {
      const received = lost(() => sockets()?.receive(socket, buffer.subarray(held)))
      held += received ?? 0
      const goesOn = received !== undefined && received > 0 && held < SMALL
      if (goesOn) continue
      // Nothing that has come is kept back while the client takes its time.
      if (held > 0) {
        await upload.write(buffer.subarray(0, held))
        watch.moved(held)
        octets += held
      }
      if (received === undefined) await readable(socket, watch)
      if (received === 0 || octets >= SMALL) {
        giveBack(buffer)
        return { octets, ended: received === 0 }
      }
      held = 0
    }
  })
}

async function closedUnless(socket: number, work: () => Promise<{ octets: number; ended: boolean }>): Promise<Head> {
  let open = false
  try {
    const { octets, ended } = await work()
    open = !ended
    return open ? { octets, rest: streamOver(socket, WAITING) } : { octets }
  } finally {
    if (!open) closeSync(socket)
  }
}

/** Resolves when something can be read; rejects with the signal's reason, also where the client keeps us waiting too long. */
function readable(socket: number, { signal, stall, stalled }: Watch): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const watched = libc()?.watch(socket, 'readable', () => end(resolve))
    const timer = stall < 2 ** 31 ? setTimeout(stalled, stall) : undefined
    const aborted = () => end(() => reject(signal.reason))
    signal.addEventListener('abort', aborted, { once: true })
    const end = (then: () => void) => {
      watched?.close()
      clearTimeout(timer)
      signal.removeEventListener('abort', aborted)
      then()
    }
  })
}

function lost<Value>(call: () => Value): Value {
  try {
    return call()
  } catch (error) {
    throw error instanceof CallFailed ? new DataLost('The data connection broke.', { cause: error }) : error
  }
}

function giveBack(buffer: Buffer): void {
  if (spare.length < SPARE_LIMIT) spare.push(buffer)
}
