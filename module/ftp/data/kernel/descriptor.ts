/** The descriptor behind a TCP connection of Node, where there is one: the one place that looks into its handle. */
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'

interface Handle {
  readonly fd?: unknown
  reading?: boolean
  readStop?: () => number
}

function handleOf(connection: Socket): Handle | undefined {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Node tells it to nobody; what is not there is undefined
  return (connection as { readonly _handle?: Handle | null })._handle ?? undefined
}

/** The descriptor of a connection in clear; undefined if it is closed, or has none. */
export function descriptorOf(connection: Socket): number | undefined {
  if (connection instanceof TLSSocket || connection.destroyed) return undefined
  const fd = handleOf(connection)?.fd
  return typeof fd === 'number' && fd >= 0 ? fd : undefined
}

/** Whether nobody has read from a connection yet, nor begun to. */
export function untouched(connection: Socket): boolean {
  return connection.bytesRead === 0 && connection.readableLength === 0 && handleOf(connection)?.reading !== true
}

/** Stops reading for good, at once, and answers what had been read until then. Node takes nothing more, nor sees the end. */
export function stopReading(connection: Socket): readonly Buffer[] {
  const chunks: Buffer[] = []
  for (let chunk: unknown = connection.read(); Buffer.isBuffer(chunk); chunk = connection.read()) chunks.push(chunk)
  // Last: to read from a connection is to start it.
  const handle = handleOf(connection)
  if (handle?.reading) {
    handle.readStop?.()
    handle.reading = false
  }
  return chunks
}
