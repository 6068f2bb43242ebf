/** Passive data endpoints: a listener on a leased port that takes one connection, from the client's own address. */
import { listenBare } from './bare-listener.ts'
import { ConnectFailed } from './endpoint.ts'
import type { PassiveEndpoint, PassiveRequest } from './endpoint.ts'
import { listenByNode } from './node-listener.ts'

/** Ports tried where other programs, or connections of theirs that have just ended, hold those that were leased. */
const ATTEMPTS = 100

/** Listens on a free port of the range, at once where that is possible; fails with a {@link ConnectFailed} when there is none. */
export function listenPassive(request: PassiveRequest, attempts = ATTEMPTS): PassiveEndpoint | Promise<PassiveEndpoint> {
  const { ports } = request
  const leased = attempts > 0 ? ports.lease() : undefined
  if (leased === undefined) throw new ConnectFailed('All passive ports are in use, try again later.')
  const another = (error: unknown) => {
    try {
      if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return listenPassive(request, attempts - 1)
      throw new ConnectFailed('The data port cannot be opened.', { cause: error })
    } finally {
      // It stayed leased until now: another chance is for another port.
      ports.release(leased)
    }
  }
  try {
    return listenBare(request, leased) ?? listenByNode(request, leased).catch(another)
  } catch (error) {
    return another(error)
  }
}
