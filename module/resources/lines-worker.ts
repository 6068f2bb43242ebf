/** The thread that reads large folders and writes their lines, so that the sessions do not wait for it; see `lines-thread.ts`. */
import { closeSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import { OctetWriter } from '../ftp/octet-writer.ts'
import { FolderScan, ReadingFailed } from './folder-scan.ts'
import { folderCalls } from './libc.ts'
import { PIECE } from './lines-memory.ts'
import { LinesScan, type LinesRequest } from './lines-scan.ts'

export type Order =
  /** Take the descriptor over, go on behind the entries that were read from it before, and tell the first piece. */
  | {
      readonly kind: 'open'
      readonly fd: number
      readonly rest: Uint8Array<ArrayBuffer>
      readonly request: LinesRequest
      readonly memory: ArrayBuffer
    }
  /** Tell the next piece, in that memory. */
  | { readonly kind: 'next'; readonly memory: ArrayBuffer }
  | { readonly kind: 'close' }

/** The answer to `open` and `next`, and to `close` in the middle; the descriptor is closed when there is no more. */
export interface Piece {
  readonly lines: Uint8Array<ArrayBuffer>
  readonly links: readonly string[]
  readonly more: boolean
  /** The errno name of what went wrong. */
  readonly failure?: string
}

/** Both go from thread to thread with the number of their folder. */
export interface Numbered<Content> {
  readonly id: number
  readonly content: Content
}

/** Between two of them other folders have their turn. */
const BOUNDS = { octets: PIECE, names: 10_000, time: 20 }

interface Folder {
  readonly fd: number
  readonly lines: LinesScan
}

const folders = new Map<number, Folder>()

function open(id: number, { fd, rest, request }: Extract<Order, { kind: 'open' }>): void {
  const calls = folderCalls()
  if (!calls) throw new Error('the calls of the C library are not there')
  folders.set(id, { fd, lines: new LinesScan(new FolderScan(calls, fd, rest), request) })
}

function close(id: number, { fd, lines }: Folder): void {
  folders.delete(id)
  lines.scan.end()
  closeSync(fd)
}

function next(id: number, folder: Folder, memory: ArrayBuffer): Piece {
  const { lines } = folder
  const out = new OctetWriter(memory)
  try {
    const more = lines.write(out, BOUNDS)
    if (!more) close(id, folder)
    return { lines: out.written, links: lines.links.splice(0), more }
  } catch (error) {
    close(id, folder)
    out.rewind(0)
    return { lines: out.written, links: [], more: false, failure: error instanceof ReadingFailed ? error.code : 'EIO' }
  }
}

function closed(id: number, folder: Folder): Piece {
  close(id, folder)
  return { lines: new Uint8Array(), links: [], more: false }
}

parentPort?.on('message', ({ id, content }: Numbered<Order>) => {
  if (content.kind === 'open') open(id, content)
  const folder = folders.get(id)
  if (!folder) return
  const piece = content.kind === 'close' ? closed(id, folder) : next(id, folder, content.memory)
  parentPort?.postMessage({ id, content: piece } satisfies Numbered<Piece>, [piece.lines.buffer])
})
