/** Active data endpoints: we connect to the port that PORT or EPRT named, at the control connection's own peer. */
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import type { Signal } from './aborted.ts'
import { ConnectFailed, WAITING } from './endpoint.ts'
import type { DataEndpoint } from './endpoint.ts'

export interface ActiveRequest {
  /** The address data connections come from: the control connection's own (RFC 1123 section 4.1.2.12). */
  readonly localAddress: string
  readonly address: string
  readonly port: number
  /** Milliseconds until an unanswered connection attempt is given up. */
  readonly patience: number
}

/** The endpoint; nothing is sent before a transfer uses it. */
export function activeEndpoint(request: ActiveRequest): DataEndpoint {
  return {
    connect: (signal) => connectActive(request, signal),
    close: () => undefined,
  }
}

function connectActive(request: ActiveRequest, signal: Signal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const { address: host, port, localAddress } = request
    const options = { host, port, localAddress, noDelay: true, highWaterMark: WAITING }
    const socket = connect(options)
    const end = (failure?: unknown) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', aborted)
      socket.off('connect', connected).off('error', failed)
      socket.on('error', () => undefined)
      if (failure === undefined) return resolve(socket)
      socket.destroy()
      reject(failure)
    }
    const connected = () => {
      socket.pause()
      end()
    }
    const failed = (cause: unknown) => end(new ConnectFailed('Your data port cannot be reached.', { cause }))
    const aborted = () => end(signal.reason)
    const timer = setTimeout(failed, request.patience, new Error('timed out'))
    signal.addEventListener('abort', aborted, { once: true })
    socket.once('connect', connected).once('error', failed)
  })
}
