/** Passive data endpoints: a listener on a leased port that takes one connection, from the client's own address. */
import { listenBare } from './bare-listener.ts'
import { ConnectFailed } from './endpoint.ts'
import type { PassiveEndpoint, PassiveRequest } from './endpoint.ts'
import { listenByNode } from './node-listener.ts'

/** Ports tried where other programs, or connections of theirs that have just ended, hold those that were leased. */
const ATTEMPTS = 100

/** Listens on a free port of the range; rejects with a {@link ConnectFailed} when there is none. */
export async function listenPassive(request: PassiveRequest): Promise<PassiveEndpoint> {
  const held: number[] = []
  try {
    while (held.length < ATTEMPTS) {
      const leased = request.ports.lease()
      if (leased === undefined) break
      try {
        return listenBare(request, leased) ?? (await listenByNode(request, leased))
      } catch (error) {
        // It stays leased for now: another chance is for another port.
        held.push(leased)
        if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) {
          throw new ConnectFailed('The data port cannot be opened.', { cause: error })
        }
      }
    }
    throw new ConnectFailed('All passive ports are in use, try again later.')
  } finally {
    for (const port of held) request.ports.release(port)
  }
}
