/** A control connection over the streams of Node: wherever there is no bare descriptor. */
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { FAREWELL } from './channel.ts'
import type { Channel, ChannelEvents, Handshake, Secured } from './channel.ts'
import { Deadline } from './data/deadline.ts'
import { handshake } from './tls.ts'

export class StreamChannel implements Channel {
  readonly #raw: Socket
  readonly #onData: (octets: Buffer) => void
  readonly #onLost: () => void
  #stream: Socket
  #over = false

  constructor(raw: Socket, events: ChannelEvents) {
    this.#raw = this.#stream = raw
    this.#onData = (octets) => events.data(octets)
    this.#onLost = () => {
      if (this.#over) return
      this.#over = true
      events.lost()
    }
    raw.on('error', this.#onLost).on('close', this.#onLost)
  }

  get open(): boolean {
    return !this.#stream.destroyed && !this.#stream.writableEnded
  }

  get unsent(): number {
    return this.#stream.writableLength
  }

  listen(): void {
    this.#stream.on('data', this.#onData).on('end', this.#onLost).resume()
  }

  pause(): void {
    this.#stream.pause()
  }

  resume(): void {
    this.#stream.resume()
  }

  write(octets: string | Buffer): void {
    if (typeof octets === 'string') this.#stream.write(octets, 'latin1')
    else this.#stream.write(octets)
  }

  drained(patience: number): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (taken: boolean) => {
        deadline.cancel()
        this.#stream.off('drain', done).off('close', done)
        resolve(taken)
      }
      const done = () => end(true)
      const deadline = new Deadline(patience, () => end(false))
      if (!this.#stream.writableNeedDrain) return done()
      this.#stream.on('drain', done).on('close', done)
    })
  }

  async secure(request: Handshake): Promise<Secured> {
    this.#raw.off('data', this.#onData).off('end', this.#onLost).off('close', this.#onLost)
    this.#raw.pause()
    while (this.#raw.read() !== null);
    const secured = await handshake(this.#raw, request)
    secured.on('error', this.#onLost).on('close', this.#onLost)
    this.#stream = secured
    return toldBy(secured)
  }

  end(last?: string | Buffer): void {
    if (last !== undefined) this.write(last)
    const stream = this.#stream
    this.#over = true
    stream.off('data', this.#onData)
    const timer = setTimeout(() => this.destroy(), FAREWELL)
    stream.once('close', () => clearTimeout(timer))
    stream.end()
    // Octets left unread would turn the end into a reset, and the last reply could be lost.
    stream.resume()
  }

  destroy(): void {
    this.#over = true
    this.#stream.destroy()
    this.#raw.destroy()
  }
}

function toldBy(secured: TLSSocket): Secured {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- missing from the types of node:tls
  const { servername } = secured as TLSSocket & { servername?: string | false }
  const protocol = secured.getProtocol() ?? 'TLS'
  return { protocol, cipher: secured.getCipher().name, ...(servername && { serverName: servername }) }
}
