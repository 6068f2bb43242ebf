/** Reads replies off a control connection (RFC 959 section 4.2) and minds the grammar: anything malformed is an error. */
import type { Socket } from 'node:net'
import { printable } from './cap.ts'
import type { Received } from './received.ts'

export class ReplyReader {
  readonly ended: Promise<void>
  readonly #socket: Socket
  #buffer: Buffer = Buffer.alloc(0)
  #closed = false
  #wake = Promise.withResolvers<void>()

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', this.#receive)
    socket.on('error', this.#lose)
    this.ended = new Promise((resolve) => {
      const end = () => {
        this.#lose()
        resolve()
      }
      socket.once('end', end)
      socket.once('close', end)
    })
  }

  async next(): Promise<Received> {
    for (;;) {
      const received = this.#take()
      if (received) return received
      if (this.#closed) throw new Error(`the server closed the connection${this.state() && ` after ${this.state()}`}`)
      await this.#wake.promise
    }
  }

  /** The next octets as they are, for what is no reply. */
  async octets(count: number): Promise<Buffer> {
    while (this.#buffer.length < count && !this.#closed) await this.#wake.promise
    const octets = this.#buffer.subarray(0, count)
    this.#buffer = this.#buffer.subarray(count)
    return octets
  }

  /** Octets that came and were not read as a reply; empty when there are none. */
  state(): string {
    return this.#buffer.length > 0 ? printable(this.#buffer) : ''
  }

  /** Leaves the socket to someone else. */
  detach(): void {
    this.#socket.off('data', this.#receive)
    if (this.#buffer.length > 0) throw new Error(`unread before TLS: ${this.state()}`)
  }

  readonly #receive = (chunk: Buffer): void => {
    this.#buffer = Buffer.concat([this.#buffer, chunk])
    this.#signal()
  }

  readonly #lose = (): void => {
    this.#closed = true
    this.#signal()
  }

  #signal(): void {
    this.#wake.resolve()
    this.#wake = Promise.withResolvers()
  }

  #take(): Received | undefined {
    const lines: string[] = []
    for (let from = 0; ;) {
      const end = this.#buffer.indexOf('\n', from)
      if (end < 0) return undefined
      if (this.#buffer[end - 1] !== 0x0d) throw new Error(`a line without CR: ${this.state()}`)
      const line = this.#buffer.toString('utf8', from, end - 1)
      from = end + 1
      if (lines.length === 0 && !/^[1-5][0-5]\d[ -]/.test(line)) throw new Error(`no reply code: ${this.state()}`)
      lines.push(line)
      const code = lines[0]?.slice(0, 3)
      if (lines.length === 1 ? line[3] === '-' : !line.startsWith(`${code} `)) continue
      const octets = this.#buffer.subarray(0, from)
      this.#buffer = this.#buffer.subarray(from)
      return { code: Number(code), text: lines.join('\n'), lines, octets }
    }
  }
}
