/** The end of a data connection after everything has been sent. */
import type { Socket } from 'node:net'

/** Milliseconds a client may take to close its side after ours; closing at once could cost it the last octets. */
const LINGER = 5000

/** Lets the client close its side in its own time, and does not wait for it. */
export function linger(connection: Socket, raw: Socket): void {
  const timer = setTimeout(() => {
    connection.destroy()
    raw.destroy()
  }, LINGER)
  timer.unref()
  connection.once('close', () => {
    clearTimeout(timer)
    raw.destroy()
  })
  connection.on('error', () => connection.destroy())
  connection.resume()
  if (connection.destroyed) raw.destroy()
}
