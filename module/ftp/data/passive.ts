/** Passive data endpoints: a listener on a leased port that takes one connection, from the client's own address. */
import { listenBare } from './bare-listener.ts'
import { ConnectFailed } from './endpoint.ts'
import type { PassiveEndpoint, PassiveRequest } from './endpoint.ts'
import { listenByNode } from './node-listener.ts'

/** Ports tried when another program holds the leased one. */
const ATTEMPTS = 10

/** Listens on a free port of the range; rejects with a {@link ConnectFailed} when there is none. */
export async function listenPassive(request: PassiveRequest): Promise<PassiveEndpoint> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const leased = request.ports.lease()
    if (leased === undefined) break
    try {
      return listenBare(request, leased) ?? (await listenByNode(request, leased))
    } catch (error) {
      request.ports.release(leased)
      if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) {
        throw new ConnectFailed('The data port cannot be opened.', { cause: error })
      }
    }
  }
  throw new ConnectFailed('All passive ports are in use, try again later.')
}
