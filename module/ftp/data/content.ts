/** What lies between a file and the data connection: ASCII type and MODE Z, as the session's parameters say. */
import type { Download } from '../backend.ts'
import type { LoggedInSession } from '../session.ts'
import { fromNetwork, toNetwork } from './ascii.ts'
import type { Converter } from './ascii.ts'
import { deflated, inflated } from './deflate.ts'

/** Octets read at once where they have to be converted. */
const PIECE = 64 * 1024
/** How many times an upload may grow where the options do not say. */
const MAXIMUM_RATIO = 100

/** A file or text on its way out. Listings have their ends of lines already (RFC 959 section 4.1.3). */
export function outgoing(session: LoggedInSession, chunks: AsyncIterable<Buffer>, text: boolean): AsyncIterable<Buffer> {
  const { type, mode, deflateLevel } = session.parameters
  const plain = text || type === 'image' ? chunks : converted(chunks, toNetwork())
  return mode === 'deflate' ? deflated(plain, deflateLevel ?? session.options.deflate?.level ?? 6) : plain
}

/** What the client sends on its way to the file. */
export function incoming(session: LoggedInSession, chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const { type, mode } = session.parameters
  const ratio = session.options.deflate?.maximumRatio ?? MAXIMUM_RATIO
  const plain = mode === 'deflate' ? inflated(chunks, ratio) : chunks
  return type === 'ascii' ? converted(plain, fromNetwork()) : plain
}

/** Whether a file goes out as it is, so that the mover may read it by itself. */
export function unchanged(session: LoggedInSession): boolean {
  return session.parameters.type === 'image' && session.parameters.mode === 'stream'
}

/** The octets of a file from an offset on. */
export async function* octetsOf(file: Download, from: number): AsyncIterable<Buffer> {
  for (let position = from; ; ) {
    const buffer = Buffer.allocUnsafeSlow(PIECE)
    const length = await file.read(buffer, position)
    if (length === 0) return
    yield buffer.subarray(0, length)
    position += length
  }
}

async function* converted(chunks: AsyncIterable<Buffer>, converter: Converter): AsyncIterable<Buffer> {
  for await (const chunk of chunks) {
    const piece = converter.convert(chunk)
    if (piece.length > 0) yield piece
  }
  const rest = converter.end()
  if (rest.length > 0) yield rest
}
