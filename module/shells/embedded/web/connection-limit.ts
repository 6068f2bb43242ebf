/** How many web connections one host may hold: it must not keep everybody else from the pages. */
import type { Server } from 'node:net'
import { isLoopback, originOf } from './origin.ts'

/** Connections of one host at once; a browser opens six. */
const PER_HOST = 48

/** Closes connections beyond the limit as they come. Hosts that are `spared` are not counted. */
export function limitConnections(server: Server, limit = PER_HOST, spared = isLoopback): void {
  const held = new Map<string, number>()
  server.on('connection', (socket) => {
    const { remoteAddress } = socket
    if (remoteAddress === undefined || spared(remoteAddress)) return
    const host = originOf(remoteAddress)
    const count = (held.get(host) ?? 0) + 1
    if (count > limit) {
      socket.destroy()
      return
    }
    held.set(host, count)
    socket.once('close', () => {
      const left = (held.get(host) ?? 1) - 1
      if (left > 0) held.set(host, left)
      else held.delete(host)
    })
  })
}
