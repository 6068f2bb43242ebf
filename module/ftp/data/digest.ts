/** Hashes of files (draft-bryan-ftpext-hash) and their sizes in TYPE A, worked out in another thread. */
import { FilesError } from '../backend.ts'
import type { Download } from '../backend.ts'
import { refusedBy } from '../verdict.ts'
import type { Signal } from './aborted.ts'
import { DigestThread } from './digest-thread.ts'
import type { Job } from './digest-thread.ts'
import type { Answer, Work } from './digest-worker.ts'
import { JobQueue } from './job-queue.ts'

/** The hash algorithms by the names of the IANA registry, and the CRC of XCRC; the first one is the default. */
export const ALGORITHMS = ['SHA-256', 'SHA-512', 'SHA-1', 'MD5', 'CRC32'] as const
export type HashAlgorithm = (typeof ALGORITHMS)[number]

/** Octets of a file that has no descriptor, read and handed over at once. */
const PIECE = 256 * 1024
const AT_ONCE = 2
const WAITING = 64

const thread = new DigestThread()
const hashing = new JobQueue(AT_ONCE, WAITING)
// SIZE does not wait behind the hashes of large files.
const counting = new JobQueue(AT_ONCE, WAITING)

/**
 * The hash of the octets from `from` to before `to`: lower-case hexadecimal digits, for CRC32 eight upper-case ones. The file
 * is not read any more once the promise is settled. Refuses with 450 when too many hashes are asked for, fails as `busy`
 * where the file has become shorter.
 */
export function digest(
  algorithm: HashAlgorithm,
  file: Download,
  from: number,
  to: number,
  signal: Signal,
): Promise<string> {
  return hashing.run(signal, () => run(algorithm, file, from, to, signal))
}

/** The octets that a file takes on the network in TYPE A; refuses and fails as {@link digest} does. */
export async function asciiSize(file: Download, signal: Signal): Promise<number> {
  return Number(await counting.run(signal, () => run('ascii-size', file, 0, file.size, signal)))
}

async function run(work: Work, file: Download, from: number, to: number, signal: Signal): Promise<string> {
  const job = thread.open(work)
  // The promise waits for the answer all the same: the descriptor may only be closed once the thread has let go of it.
  const cancel = () => job.cancel()
  signal.addEventListener('abort', cancel, { once: true })
  try {
    const answer = await (file.fd === undefined
      ? feed(job, file, from, to)
      : job.ask({ kind: 'file', fd: file.fd, from, to }))
    if (answer.kind === 'value') return answer.value
    signal.throwIfAborted()
    throw failure(answer)
  } finally {
    signal.removeEventListener('abort', cancel)
    job.close()
  }
}

/** Reads the range here and hands it over piece by piece. */
async function feed(job: Job, file: Download, from: number, to: number): Promise<Answer> {
  let octets = new Uint8Array(Math.min(PIECE, to - from))
  for (let position = from; position < to; ) {
    const length = await file.read(octets.subarray(0, Math.min(octets.length, to - position)), position)
    if (length === 0) return { kind: 'short' }
    const answer = await job.ask({ kind: 'octets', octets: octets.subarray(0, length) }, [octets.buffer])
    if (answer.kind !== 'taken') return answer
    octets = new Uint8Array(answer.octets.buffer)
    position += length
  }
  return job.ask({ kind: 'end' })
}

function failure(answer: Answer): Error {
  if (answer.kind === 'short') {
    return new FilesError('busy', refusedBy('file.changed', 'system'), 'The file became shorter while it was read.')
  }
  const message = answer.kind === 'failed' ? answer.message : 'The thread for hashes has stopped.'
  return new FilesError('input-output', refusedBy('disk.read', 'system'), message)
}
