/** The control connection: octets to lines and replies to octets, in clear text or under TLS (RFC 959 section 4.2, RFC 854). */
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { encodeOctets } from './octets.ts'
import { BOUNDS } from './options.ts'
import type { Reply } from './reply.ts'
import { replyLines } from './reply-lines.ts'
import { LineReader } from './telnet.ts'
import { handshake } from './tls.ts'
import type { Handshake } from './tls.ts'

/** Seconds without traffic before the system asks whether the client is still there. */
const KEEP_ALIVE = 60
/** Milliseconds for the last reply to be read before the connection is cut. */
const FAREWELL = 2000
/** Milliseconds that a reply waits for the next one where that is expected soon. */
const TOGETHER = 4
const IAC = 0xff
/** Text whose octets are its characters. */
const PLAIN = /^[\t-\r\x20-\x7e]*$/

export interface ControlEvents {
  line(octets: Buffer): void
  /** A line without an end; nothing of it is kept. */
  tooLong(): void
  /** The client has gone, or the connection broke. Told once, and not after `end`. */
  lost(): void
}

export class ControlConnection {
  readonly #raw: Socket
  readonly #events: ControlEvents
  readonly #reader = new LineReader(BOUNDS.line)
  #stream: Socket
  #over = false
  #shaking = false
  /** Text of a reply that waits for the next one. */
  #held = ''
  #release: NodeJS.Timeout | undefined
  readonly #onData = (chunk: Buffer) => this.#receive(chunk)
  readonly #onLost = () => this.#lose()

  constructor(raw: Socket, events: ControlEvents) {
    this.#raw = raw
    this.#stream = raw
    this.#events = events
    raw.setNoDelay(true)
    raw.setKeepAlive(true, KEEP_ALIVE * 1000)
    raw.on('error', this.#onLost).on('close', this.#onLost)
  }

  /** Starts to read lines. */
  listen(): void {
    this.#stream.on('data', this.#onData).on('end', this.#onLost)
  }

  /** Sends a reply; `before` are lines that travel ahead of its own. */
  send(reply: Reply, before: readonly string[] = []): void {
    if (this.#shaking || this.#stream.destroyed || this.#stream.writableEnded) return
    this.#held += `${replyLines(reply, before).join('\r\n')}\r\n`
    // What is sent from here on leaves in one go, with the next reply or a moment later.
    if (reply.soon) this.#release ??= setTimeout(() => this.#flush(), TOGETHER)
    else this.#flush()
  }

  /** Whether the client leaves so much unread that nothing more should be done for it. */
  get congested(): boolean {
    return this.#stream.writableLength > BOUNDS.unread
  }

  /** True when everything sent has been taken by the network; false when the time, in milliseconds, ran out first. */
  drained(patience: number): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (taken: boolean) => {
        clearTimeout(timer)
        this.#stream.off('drain', done).off('close', done)
        resolve(taken)
      }
      const done = () => end(true)
      const timer = setTimeout(end, patience, false)
      if (!this.#stream.writableNeedDrain) return done()
      this.#stream.on('drain', done).on('close', done)
    })
  }

  pause(): void {
    this.#stream.pause()
  }

  resume(): void {
    this.#stream.resume()
  }

  /**
   * Does the handshake. Whatever was received before it is forgotten: it was not protected, and somebody else may have put
   * it there (CVE-2011-0411). Rejects when the handshake fails; the connection is gone then.
   */
  async secure(request: Handshake): Promise<TLSSocket> {
    this.#raw.off('data', this.#onData).off('end', this.#onLost).off('close', this.#onLost)
    this.#raw.pause()
    this.#reader.clear()
    while (this.#raw.read() !== null);
    this.#shaking = true
    const secured = await handshake(this.#raw, request)
    this.#shaking = false
    secured.on('error', this.#onLost).on('close', this.#onLost)
    this.#stream = secured
    return secured
  }

  /** Closes once the last reply is on its way; nothing is read any more. */
  end(): void {
    if (this.#over) return
    this.#over = true
    this.#flush()
    const stream = this.#stream
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

  #flush(): void {
    clearTimeout(this.#release)
    this.#release = undefined
    const text = this.#held
    this.#held = ''
    if (text === '' || this.#stream.destroyed || this.#stream.writableEnded) return
    if (PLAIN.test(text)) this.#stream.write(text, 'latin1')
    else this.#stream.write(octetsOf(text))
  }

  #receive(chunk: Buffer): void {
    for (const event of this.#reader.push(chunk)) {
      if (this.#over) return
      if (event.kind === 'line') this.#events.line(event.octets)
      else if (event.kind === 'too-long') this.#events.tooLong()
      else if (!this.congested) {
        this.#flush()
        this.#stream.write(event.octets)
      }
    }
  }

  #lose(): void {
    if (this.#over) return
    this.#over = true
    this.#events.lost()
    this.destroy()
  }
}

/** No text can speak Telnet: 0xFF is doubled (RFC 854). */
function octetsOf(text: string): Buffer {
  const octets = encodeOctets(text)
  if (!octets.includes(IAC)) return octets
  const escaped: number[] = []
  for (const octet of octets) escaped.push(...(octet === IAC ? [IAC, IAC] : [octet]))
  return Buffer.from(escaped)
}
