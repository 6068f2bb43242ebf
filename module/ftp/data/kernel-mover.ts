/**
 * The mover for Linux: where a file goes out or comes in as it is and in clear, threads let the kernel copy between descriptors.
 * Everything else, and what is small, is the stream mover's.
 */
import { BareConnection } from './bare-connection.ts'
import { descriptorOf, stopReading, untouched } from './kernel/descriptor.ts'
import { HandedOver } from './kernel/handed-over.ts'
import { libc } from './kernel/libc.ts'
import type { Libc } from './kernel/libc.ts'
import { openssl } from './kernel/openssl.ts'
import { DataLost } from './mover.ts'
import type { FileMover, Mover } from './mover.ts'
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
        const handed = new HandedOver(calls, move, () => descriptorOf(connection), { protection })
        await handed.run({ kind: 'send', file: fd, from, until: file.size })
        await finish(move)
      },
      async receiveFile(upload, move, before = 0) {
        const handed = new HandedOver(calls, move, () => descriptorOf(connection), { upload, protection, begun })
        await handed.run({ kind: 'receive', file: fd, from: upload.offset + before, until: Infinity })
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
        const handed = new HandedOver(calls, move, () => connection.descriptor)
        await handed.run({ kind: 'send', file: fd, from, until: size })
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
      const handed = new HandedOver(calls, move, socket)
      await handed.run({ kind: 'send', file: file.fd, from, until: file.size })
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
      await new HandedOver(calls, move, socket, { upload }).run({ kind: 'receive', file: fd, from, until: Infinity })
      // Octets that went another way would be missing in the middle of the file.
      if (move.connection.bytesRead !== bytesRead) throw new Error('The data connection was read from two sides.')
      // Node, which reads no more, would not see the client's end.
      move.connection.destroySoon()
    },
  }
}
