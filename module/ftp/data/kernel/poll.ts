/** Waiting for one socket without the loop of events, through koffi: where a thread has nothing else to do, that takes a tenth. */
import { createRequire } from 'node:module'

const EVENTS = { readable: 1, writable: 4 }
/** Octets of a `pollfd`, and where its events are. */
const LENGTH = 8
const AT = 4

/** Waits so many milliseconds at most; whether something can be done now, if only to find that the connection broke. */
export type Wait = (socket: number, ready: keyof typeof EVENTS, milliseconds: number) => boolean

/** Only where `libc` is there, too. */
export function polling(): Wait {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the package's own type; it is there, since `libc` is
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi').default
  const poll = koffi.load(null).func('int poll(void *fds, unsigned long count, int milliseconds)')
  const polled = new DataView(new ArrayBuffer(LENGTH))
  const octets = new Uint8Array(polled.buffer)
  return (socket, ready, milliseconds) => {
    polled.setInt32(0, socket, true)
    polled.setInt32(AT, EVENTS[ready], true)
    return Number(poll(octets, 1, milliseconds)) > 0
  }
}
