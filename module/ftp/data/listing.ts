/** Listings as a client receives them: lines made batch by batch while they are sent, whatever the size of the directory. */
import type { Entry, Files } from '../backend.ts'
import { encodeOctets } from '../octets.ts'
import { childOf } from '../pathname.ts'
import type { VirtualPath } from '../pathname.ts'
import { matchesWildcard } from '../wildcard.ts'

export interface ListingRequest {
  readonly files: Files
  readonly path: VirtualPath
  /** One entry as a line, without its end. */
  line(entry: Entry): string
  /** Only names that fit. */
  readonly pattern?: string
  /** For -R: a heading before each further directory, and how far to go. */
  readonly recursion?: { readonly depth: number; readonly entries: number }
}

export interface OpenedListing {
  readonly chunks: AsyncIterable<Buffer>
  close(): Promise<void>
}

/** Opens the directory, so that a refusal comes before the mark; what is in it is read while it is sent. */
export async function openListing(request: ListingRequest): Promise<OpenedListing> {
  const batches = request.files.list(request.path)[Symbol.asyncIterator]()
  const first = await batches.next()
  return {
    chunks: lines(request, batches, first),
    close: async () => void (await batches.return?.()),
  }
}

/** A listing of what is already known. */
export async function* linesOf(entries: readonly Entry[], line: (entry: Entry) => string): AsyncIterable<Buffer> {
  const chunk = joined(entries, line)
  if (chunk.length > 0) yield chunk
}

async function* lines(
  request: ListingRequest,
  batches: AsyncIterator<readonly Entry[]>,
  first: IteratorResult<readonly Entry[]>,
): AsyncIterable<Buffer> {
  const { pattern, recursion } = request
  const deeper: VirtualPath[] = []
  let left = recursion?.entries ?? Infinity
  for (let batch = first; !batch.done && left > 0; batch = await batches.next()) {
    const fitting = pattern === undefined ? batch.value : batch.value.filter(({ name }) => matchesWildcard(pattern, name))
    const chunk = joined(fitting.slice(0, left), (entry) => request.line(entry))
    left -= fitting.length
    if (recursion) {
      for (const entry of fitting) if (entry.type === 'directory') deeper.push(childOf(request.path, entry.name))
    }
    if (chunk.length > 0) yield chunk
  }
  if (!recursion || recursion.depth <= 1) return
  for (const path of deeper) {
    if (left <= 0) return
    yield encodeOctets(`\r\n${path}:\r\n`)
    const below = { ...request, path, recursion: { depth: recursion.depth - 1, entries: left } }
    for await (const chunk of (await openListing(below)).chunks) {
      left -= chunk.length > 0 ? countLines(chunk) : 0
      yield chunk
    }
  }
}

function joined(entries: readonly Entry[], line: (entry: Entry) => string): Buffer {
  let text = ''
  // No name may end a line, whoever made the entry.
  for (const entry of entries) if (!/[\r\n]/.test(entry.name)) text += `${line(entry)}\r\n`
  return encodeOctets(text)
}

function countLines(chunk: Buffer): number {
  let count = 0
  for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) count++
  return count
}
