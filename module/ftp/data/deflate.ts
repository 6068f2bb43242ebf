/** MODE Z (draft-preston-ftpext-deflate): one zlib stream for each transfer. */
import { pipeline } from 'node:stream/promises'
import { createDeflate, createInflate } from 'node:zlib'
import type { Deflate, Inflate } from 'node:zlib'
import { Refusal } from '../reply.ts'
import { refusedBy } from '../verdict.ts'

/** Octets below which the ratio of a bomb is not looked at. */
const RATIO_FLOOR = 16 * 1024 * 1024

/** Compresses a transfer. */
export function deflated(chunks: AsyncIterable<Buffer>, level: number): AsyncIterable<Buffer> {
  return through(kept(chunks), createDeflate({ level }))
}

/** A stream keeps what it is given; who gives it uses its memory again once the next is asked for. */
async function* kept(chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  for await (const chunk of chunks) yield Buffer.from(chunk)
}

/**
 * Uncompresses a transfer. What is no zlib stream, or ends in the middle of one or behind it, fails with 451; one that grows by
 * more than the ratio is a bomb and fails with 552.
 */
export async function* inflated(chunks: AsyncIterable<Buffer>, maximumRatio: number): AsyncIterable<Buffer> {
  let received = 0
  let made = 0
  const codec = createInflate()
  const counted = async function* () {
    for await (const chunk of chunks) {
      received += chunk.length
      // The stream keeps what it is given; the mover uses its buffer again.
      yield Buffer.from(chunk)
    }
  }
  try {
    for await (const chunk of through(counted(), codec)) {
      made += chunk.length
      if (made > RATIO_FLOOR && made > received * maximumRatio) {
        const verdict = refusedBy('limit.compression', 'server', String(maximumRatio))
        throw new Refusal(552, 'The data grow too much.', verdict)
      }
      yield chunk
    }
  } catch (error) {
    // The codec closes where its stream ends, whatever follows.
    const corrupt = error instanceof Error && 'code' in error && /^Z_|^ERR_STREAM_PREMATURE_CLOSE$/.test(String(error.code))
    throw corrupt ? damaged() : error
  }
  if (codec.bytesWritten < received) throw damaged()
}

function damaged(): Refusal {
  return new Refusal(451, 'The compressed data are damaged.')
}

async function* through(chunks: AsyncIterable<Buffer>, codec: Deflate | Inflate): AsyncIterable<Buffer> {
  const feeding = pipeline(chunks, codec)
  // A failure also ends the loop below, which tells it.
  feeding.catch(() => undefined)
  for await (const chunk of codec) if (Buffer.isBuffer(chunk)) yield chunk
  await feeding
}
