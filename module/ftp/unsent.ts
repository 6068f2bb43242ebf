/** What is to be sent on a bare descriptor: at once where the network takes it, else it waits. */
import { Deadline } from './data/deadline.ts'
import type { Sockets } from './data/kernel/sockets.ts'

/** Where short texts become octets. */
const written = Buffer.allocUnsafeSlow(4 * 1024)

export class Unsent {
  readonly #socket: number
  readonly #net: Sockets
  #waiting: Buffer | undefined
  #held = false
  #drained: (() => void) | undefined
  /** Whether the network has refused something. */
  broken = false

  constructor(socket: number, net: Sockets) {
    this.#socket = socket
    this.#net = net
  }

  /** Octets that wait. */
  get length(): number {
    return this.#waiting?.length ?? 0
  }

  /** Sends, or lets wait, what the network does not take now. Never throws. */
  put(octets: Buffer): void {
    if (this.#held || this.#waiting) {
      this.#waiting = this.#waiting ? Buffer.concat([this.#waiting, octets]) : Buffer.from(octets)
      return
    }
    try {
      const sent = this.#net.send(this.#socket, octets) ?? 0
      if (sent < octets.length) this.#waiting = Buffer.from(octets.subarray(sent))
    } catch {
      this.broken = true
    }
  }

  /** Lets everything wait that is put meanwhile. */
  during<Value>(act: () => Value): Value {
    this.#held = true
    try {
      return act()
    } finally {
      this.#held = false
    }
  }

  /** Tries to send what waits; throws a `CallFailed`. `more`: the end of the connection follows at once. */
  send(more = false): void {
    const waiting = this.#waiting
    if (!waiting) return
    const sent = this.#net.send(this.#socket, waiting, more) ?? 0
    if (sent < waiting.length) this.#waiting = waiting.subarray(sent)
    else this.forget()
  }

  /** True when nothing waits any more; false when the time, in milliseconds, ran out first. */
  drained(patience: number): Promise<boolean> {
    if (!this.#waiting) return Promise.resolve(true)
    return new Promise((resolve) => {
      const deadline = new Deadline(patience, () => resolve(false))
      this.#drained = () => {
        deadline.cancel()
        resolve(true)
      }
    })
  }

  forget(): void {
    this.#waiting = undefined
    this.#drained?.()
    this.#drained = undefined
  }
}

/** The octets of characters up to U+00FF; valid until the next call. */
export function octetsOf(text: string | Buffer): Buffer {
  if (typeof text !== 'string') return text
  if (text.length > written.length) return Buffer.from(text, 'latin1')
  return written.subarray(0, written.write(text, 'latin1'))
}
