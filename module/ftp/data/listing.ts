/** Listings as a client receives them: lines made batch by batch while they are sent, whatever the size of the directory. */
import type { Entry, Files } from '../backend.ts'
import { writeLines } from '../listing-form.ts'
import type { ListingForm } from '../listing-form.ts'
import { OctetWriter } from '../octet-writer.ts'
import { encodeOctets } from '../octets.ts'
import { childOf } from '../pathname.ts'
import type { VirtualPath } from '../pathname.ts'
import { matchesWildcard } from '../wildcard.ts'

export interface ListingRequest {
  readonly files: Files
  readonly path: VirtualPath
  readonly form: ListingForm
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
  const { files, path, form, pattern, recursion } = request
  if (files.lines && !recursion) return opened(files.lines(path, form, pattern)[Symbol.asyncIterator]())
  const batches = files.list(path)[Symbol.asyncIterator]()
  const first = await batches.next()
  const chunks = lines(request, batches, first)
  return {
    chunks,
    async close() {
      // What is open below it is closed first. One that nobody has begun with would close nothing.
      await chunks.return(undefined)
      await batches.return?.()
    },
  }
}

/** Lines that the backend makes by itself. */
async function opened(chunks: AsyncIterator<Buffer>): Promise<OpenedListing> {
  const first = await chunks.next()
  const all = async function* () {
    for (let chunk = first; !chunk.done; chunk = await chunks.next()) yield chunk.value
  }
  return { chunks: all(), close: async () => void (await chunks.return?.()) }
}

/** A listing of what is already known. */
export async function* linesOf(entries: readonly Entry[], form: ListingForm): AsyncIterable<Buffer> {
  const chunk = joined(entries, form)
  if (chunk.length > 0) yield chunk
}

async function* lines(
  request: ListingRequest,
  batches: AsyncIterator<readonly Entry[]>,
  first: IteratorResult<readonly Entry[]>,
): AsyncGenerator<Buffer> {
  const { pattern, recursion } = request
  const deeper: VirtualPath[] = []
  let left = recursion?.entries ?? Infinity
  try {
    for (let batch = first; !batch.done && left > 0; batch = await batches.next()) {
      const fitting = pattern === undefined ? batch.value : batch.value.filter(({ name }) => matchesWildcard(pattern, name))
      const chunk = joined(fitting.slice(0, left), request.form)
      left -= fitting.length
      if (recursion) {
        for (const entry of fitting) if (entry.type === 'directory') deeper.push(childOf(request.path, entry.name))
      }
      if (chunk.length > 0) yield chunk
    }
  } finally {
    await batches.return?.()
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

function joined(entries: readonly Entry[], form: ListingForm): Buffer {
  const out = new OctetWriter(entries.length * 96)
  writeLines(out, entries, form)
  return out.take()
}

function countLines(chunk: Buffer): number {
  let count = 0
  for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) count++
  return count
}
