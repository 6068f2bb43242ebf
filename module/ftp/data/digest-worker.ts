/** The thread that hashes and counts files, so that the sessions do not wait for it; see `digest.ts`. */
import { createHash } from 'node:crypto'
import { readSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { parentPort } from 'node:worker_threads'
import { crc32 } from 'node:zlib'
import { NetworkCounter } from './ascii.ts'

/** What is made of a file: a hash, or its size in TYPE A. */
export type Work = 'SHA-256' | 'SHA-512' | 'SHA-1' | 'MD5' | 'CRC32' | 'ascii-size'

/** What a job is told; every command but `open` and `cancel` is answered once. */
export type Command =
  | { readonly kind: 'open'; readonly work: Work }
  /** Read a whole range from the descriptor and close the job. */
  | { readonly kind: 'file'; readonly fd: number; readonly from: number; readonly to: number }
  /** The next octets; the answer brings their memory back. */
  | { readonly kind: 'octets'; readonly octets: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'end' }
  | { readonly kind: 'cancel' }

export type Answer =
  | { readonly kind: 'value'; readonly value: string }
  | { readonly kind: 'taken'; readonly octets: Uint8Array<ArrayBuffer> }
  /** The job is not known any more; its descriptor is not touched again. */
  | { readonly kind: 'gone' }
  /** The file ended before the range did. */
  | { readonly kind: 'short' }
  | { readonly kind: 'failed'; readonly message: string }

/** Both go from thread to thread with the number of their job. */
export interface Numbered<Content> {
  readonly id: number
  readonly content: Content
}

interface Sink {
  update(octets: Uint8Array): void
  value(): string
}

const jobs = new Map<number, Sink>()
/** Reading and hashing of one piece never let another job in between, so all of them share it. */
const piece = Buffer.allocUnsafeSlow(1024 * 1024)

function sinkFor(work: Work): Sink {
  if (work === 'ascii-size') {
    const counter = new NetworkCounter()
    return { update: (octets) => counter.count(octets), value: () => String(counter.total) }
  }
  if (work === 'CRC32') {
    let sum = 0
    const value = () => sum.toString(16).padStart(8, '0').toUpperCase()
    return { update: (octets) => void (sum = crc32(octets, sum)), value }
  }
  const hash = createHash(work.replace('-', '').toLowerCase())
  return { update: (octets) => void hash.update(octets), value: () => hash.digest('hex') }
}

function answer(id: number, content: Answer, transfer: ArrayBuffer[] = []): void {
  const message: Numbered<Answer> = { id, content }
  parentPort?.postMessage(message, transfer)
}

function close(id: number, content: Answer): void {
  jobs.delete(id)
  answer(id, content)
}

async function readRange(id: number, fd: number, from: number, to: number): Promise<void> {
  for (let position = from; ; ) {
    const sink = jobs.get(id)
    if (!sink) return answer(id, { kind: 'gone' })
    if (position >= to) return close(id, { kind: 'value', value: sink.value() })
    const length = readSync(fd, piece, 0, Math.min(piece.length, to - position), position)
    if (length === 0) return close(id, { kind: 'short' })
    sink.update(piece.subarray(0, length))
    position += length
    // The other job has its turn, and a cancellation is noticed.
    await setImmediate()
  }
}

async function serve(id: number, command: Command): Promise<void> {
  if (command.kind === 'open') return void jobs.set(id, sinkFor(command.work))
  if (command.kind === 'cancel') return void jobs.delete(id)
  if (command.kind === 'file') return readRange(id, command.fd, command.from, command.to)
  const sink = jobs.get(id)
  if (!sink) return answer(id, { kind: 'gone' })
  if (command.kind === 'end') return close(id, { kind: 'value', value: sink.value() })
  sink.update(command.octets)
  answer(id, { kind: 'taken', octets: command.octets }, [command.octets.buffer])
}

parentPort?.on('message', ({ id, content }: Numbered<Command>) => {
  serve(id, content).catch((error: unknown) => close(id, { kind: 'failed', message: String(error) }))
})
