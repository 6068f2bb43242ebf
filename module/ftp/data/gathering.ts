/**
 * What arrives on a data connection, gathered while what came before is being written: a write for each TLS record, or memory
 * for each piece, would cost more than the copy into buffers that are used again.
 */
import type { Socket } from 'node:net'
import { DataLost } from './mover.ts'

/** Octets gathered at most; beyond, the connection is not read. */
const SIZE = 512 * 1024

/** Buffers of ended uploads, for the next ones. */
const spare: Buffer[] = []
const SPARE_LIMIT = 16

/**
 * Chunk by chunk to the end, or until at least `limit` octets have come; then the connection rests, and what it still holds can
 * be read from it. It stays open behind its end: our own close_notify has to follow. A chunk is valid until the next is asked for.
 */
export async function* gathered(connection: Socket, limit: number): AsyncIterable<Buffer> {
  const gathering = new Gathering(connection)
  let octets = 0
  let whole = false
  try {
    for (;;) {
      const chunk = gathering.take() ?? (octets < limit ? await gathering.next() : undefined)
      if (!chunk) break
      octets += chunk.length
      if (octets >= limit) gathering.rest()
      yield chunk
    }
    whole = true
  } finally {
    gathering.end(whole)
  }
}

class Gathering {
  readonly #connection: Socket
  #filling: Buffer | undefined
  #other: Buffer | undefined
  #length = 0
  /** What found no room. */
  #over: Buffer | undefined
  #resting = false
  #wake: (() => void) | undefined
  readonly #data = (chunk: Buffer) => this.#gather(chunk)
  readonly #stirred = () => this.#wake?.()

  constructor(connection: Socket) {
    this.#connection = connection
    for (const event of ['end', 'error', 'close']) connection.on(event, this.#stirred)
    connection.on('data', this.#data).resume()
  }

  /** Takes nothing more from the connection. */
  rest(): void {
    this.#resting = true
    this.#connection.pause()
  }

  /** What has been gathered, if anything. */
  take(): Buffer | undefined {
    const over = this.#over
    if (over && !this.#resting) this.#connection.resume()
    if (this.#length === 0) {
      this.#over = undefined
      return over
    }
    const taken = this.#filling?.subarray(0, this.#length)
    ;[this.#filling, this.#other] = [this.#other, this.#filling]
    this.#length = 0
    this.#over = undefined
    if (over) this.#keep(over)
    return taken
  }

  /** What comes next; undefined behind the end. Fails with what broke the connection. */
  async next(): Promise<Buffer | undefined> {
    const connection = this.#connection
    for (;;) {
      const chunk = this.take()
      if (chunk) return chunk
      if (connection.readableEnded) return undefined
      if (connection.errored) throw connection.errored
      if (connection.destroyed) throw new DataLost('The data connection broke.')
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** `whole`: nobody uses the buffers any more. */
  end(whole: boolean): void {
    this.#connection.off('data', this.#data).pause()
    for (const event of ['end', 'error', 'close']) this.#connection.off(event, this.#stirred)
    if (!whole) return
    for (const buffer of [this.#filling, this.#other]) if (buffer && spare.length < SPARE_LIMIT) spare.push(buffer)
  }

  #gather(chunk: Buffer): void {
    if (this.#length + chunk.length <= SIZE) this.#keep(chunk)
    else {
      this.#over = chunk
      this.#connection.pause()
    }
    this.#wake?.()
  }

  #keep(chunk: Buffer): void {
    this.#filling ??= spare.pop() ?? Buffer.allocUnsafeSlow(SIZE)
    chunk.copy(this.#filling, this.#length)
    this.#length += chunk.length
  }
}
