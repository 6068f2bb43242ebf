/**
 * The mover for Linux: where a file goes out or comes in as it is and in clear, threads let the kernel copy between descriptors.
 * Everything else, and what is small, is the stream mover's.
 */
import { closeSync } from 'node:fs'
import { FilesError } from '../backend.ts'
import type { Upload } from '../backend.ts'
import { refusedBy } from '../verdict.ts'
import { BareConnection } from './bare-connection.ts'
import { Credit } from './kernel/credit.ts'
import { descriptorOf, stopReading, untouched } from './kernel/descriptor.ts'
import { libc } from './kernel/libc.ts'
import type { Libc } from './kernel/libc.ts'
import { handOver } from './kernel/link.ts'
import type { Handed, Start } from './kernel/link.ts'
import type { Failure, Protection } from './kernel/messages.ts'
import { openssl } from './kernel/openssl.ts'
import type { Tls } from './kernel/openssl.ts'
import { DataLost } from './mover.ts'
import type { BareMove, FileMover, Mover } from './mover.ts'
import { handshakeFailed, notResumed } from './secure.ts'
import { finish, receiveHead, streamMover } from './stream-mover.ts'

/** Octets from which on a transfer is handed to a thread: below, the hop costs about what it saves. */
const LARGE = 1024 * 1024

/** The kernel mover, or undefined where the kernel cannot be asked. */
export function kernelMover(): Mover | undefined {
  const calls = libc()
  if (!calls) return undefined
  const mover = { ...streamMover, ...moverOf(calls), sendingBare: sendingBareWith(calls) }
  return openssl() ? { ...mover, protecting: protectingWith(calls) } : mover
}

/** Threads do the handshakes, too, where none has been done yet. */
function protectingWith(calls: Libc): Required<Mover>['protecting'] {
  return (connection, { begun, ...protection }, fd) => {
    if (descriptorOf(connection) === undefined || !untouched(connection)) return undefined
    return {
      async sendFile(file, from, move) {
        const course = new Course(calls, move, () => descriptorOf(connection), { protection })
        await course.run({ kind: 'send', file: fd, from, until: file.size })
        await finish(move)
      },
      async receiveFile(upload, move, before = 0) {
        const course = new Course(calls, move, () => descriptorOf(connection), { upload, protection, begun })
        await course.run({ kind: 'receive', file: fd, from: upload.offset + before, until: Infinity })
      },
    }
  }
}

/** Without the stream that Node puts around a connection, of which a thread uses the descriptor only. */
function sendingBareWith(calls: Libc): Required<Mover>['sendingBare'] {
  return ({ fd, size }, from) => {
    if (fd === undefined || size - from < LARGE) return undefined
    return async (socket, move) => {
      const connection = new BareConnection(socket, move)
      try {
        const course = new Course(calls, move, () => connection.descriptor)
        await course.run({ kind: 'send', file: fd, from, until: size })
        await connection.end()
      } catch (error) {
        connection.close()
        throw error
      } finally {
        move.share.leave()
      }
    }
  }
}

function moverOf(calls: Libc): FileMover {
  return {
    async sendFile(file, from, move) {
      const socket = () => descriptorOf(move.connection)
      if (file.fd === undefined || socket() === undefined || file.size - from < LARGE) {
        return streamMover.sendFile(file, from, move)
      }
      const course = new Course(calls, move, socket)
      await course.run({ kind: 'send', file: file.fd, from, until: file.size })
      await finish(move)
    },

    async receiveFile(upload, move, before = 0) {
      const { fd } = upload
      if (fd === undefined || descriptorOf(move.connection) === undefined) return streamMover.receiveFile(upload, move)
      const received = await receiveHead(upload, move, LARGE)
      if (received.ended) return
      for (const rest of stopReading(move.connection)) {
        await upload.write(rest)
        received.octets += rest.length
        move.moved(rest.length)
      }
      const socket = () => descriptorOf(move.connection)
      if (socket() === undefined) {
        // The client's end may have come while the last octets were being written: Node closes the connection at once.
        if (move.connection.readableEnded) return
        throw new DataLost('The data connection broke.')
      }
      const { bytesRead } = move.connection
      const from = upload.offset + before + received.octets
      await new Course(calls, move, socket, { upload }).run({ kind: 'receive', file: fd, from, until: Infinity })
      // Octets that went another way would be missing in the middle of the file.
      if (move.connection.bytesRead !== bytesRead) throw new Error('The data connection was read from two sides.')
    },
  }
}

/** What is to be moved. */
type Way = Pick<Start, 'kind' | 'file' | 'from' | 'until'>

interface Parts {
  readonly upload?: Upload
  readonly protection?: Protection
  /** What protects the connection already. */
  readonly begun?: Tls | undefined
}

/** One transfer on this side of the threads. */
class Course {
  octets = 0
  readonly #calls: Libc
  readonly #move: BareMove
  readonly #socket: () => number | undefined
  readonly #upload: Upload | undefined
  readonly #protection: Protection | undefined
  readonly #begun: Tls | undefined
  #handed: Handed | undefined
  #over = false
  /** What this side found wrong: a limit, mostly. */
  #refused: { readonly error: unknown } | undefined

  /** `socket`: the connection's descriptor, while it is open. */
  constructor(calls: Libc, move: BareMove, socket: () => number | undefined, parts: Parts = {}) {
    this.#calls = calls
    this.#move = move
    this.#socket = socket
    this.#upload = parts.upload
    this.#protection = parts.protection
    this.#begun = parts.begun
  }

  /** Hands it over and waits for its end. */
  async run(way: Way): Promise<void> {
    const { signal } = this.#move
    const sends = way.kind === 'send'
    signal.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const cut = () => {
      this.#cut()
      // Nobody waits for a disk that hangs; but an upload is nobody else's before its thread has let it go.
      if (sends) reject(signal.reason)
    }
    signal.addEventListener('abort', cut, { once: true })
    // How much is left to send is known; how much will come is not.
    const left = () => (sends ? Math.max(1, way.until - way.from - this.octets) : (this.#upload?.headroom ?? 0))
    const credit = new Credit(this.#move, left, sends)
    try {
      this.#handed = this.#hand(this.#start(way, this.#reserved(0, credit.first())), credit, (failure) => {
        const error = this.#errorOf(failure)
        if (error === undefined) resolve()
        else reject(error)
      })
      await promise
    } finally {
      this.#over = true
      signal.removeEventListener('abort', cut)
    }
  }

  #hand(start: Start, credit: Credit, ended: (failure: Failure | 'lost' | undefined) => void): Handed {
    const grant = async (wanted: number) => {
      const octets = await credit.next(wanted)
      // The speed limit may have made it wait until after the end.
      if (!this.#over) this.#handed?.grant(this.#reserved(wanted, octets))
    }
    return handOver(start, {
      moved: (octets) => {
        this.#moved(octets)
        if (!this.#over && credit.revoked()) this.#handed?.hold()
      },
      asked: (wanted) => {
        grant(wanted).catch((error: unknown) => {
          this.#refused ??= { error }
          this.#cut()
        })
      },
      stalled: () => {
        if (!this.#over) this.#move.stalled()
      },
      ended,
    })
  }

  /** Takes octets from quota and disk; answers how many, which are fewer where only those wanted fit. */
  #reserved(wanted: number, octets: number): number {
    const upload = this.#upload
    // Somebody else may have taken what was there when the grant began.
    const fitting = !upload || octets <= wanted || octets <= (upload.headroom ?? 0) ? octets : wanted
    if (fitting > 0) upload?.reserve(fitting)
    return fitting
  }

  /** Descriptors of its own for the thread, which closes them in its own time. */
  #start(way: Way, credit: number): Start {
    const socket = this.#calls.duplicate(this.#socket() ?? -1)
    try {
      const own = { socket, file: this.#calls.duplicate(way.file) }
      // Given last: what fails before leaves it to whoever began it.
      const protection = this.#protection && { protection: { ...this.#protection, tls: this.#begun?.give() } }
      return { ...way, ...own, credit, stall: this.#move.stall, ...protection }
    } catch (error) {
      closeSync(socket)
      throw error
    }
  }

  #moved(octets: number): void {
    if (this.#over) return
    this.octets += octets
    this.#upload?.wrote?.(octets)
    this.#move.moved(octets)
  }

  #cut(): void {
    // Asked again each time: once the connection is closed, its number may be somebody else's.
    const socket = this.#socket()
    if (socket !== undefined) this.#calls.shutdown(socket)
    this.#handed?.cut()
  }

  #errorOf(failure: Failure | 'lost' | undefined): unknown {
    if (this.#move.signal.aborted) return this.#move.signal.reason
    if (this.#refused) return this.#refused.error
    if (failure === 'lost') return new Error('The thread that moved the data has ended.')
    if (failure?.side === 'handshake') return handshakeFailed(failure.code)
    if (failure?.side === 'resumption') return notResumed()
    if (failure?.side === 'cut') return new DataLost('The data ended without a TLS close_notify.')
    if (failure?.side === 'network') return new DataLost('The data connection broke.', { cause: failure.code })
    return failure && fileError(failure.code)
  }
}

function fileError(code: string): FilesError {
  const full = code === 'ENOSPC' || code === 'EDQUOT'
  const kind = full ? 'no-space' : code === 'EFBIG' ? 'too-large' : 'input-output'
  return new FilesError(kind, refusedBy(`system.${kind}`, 'system', code))
}
