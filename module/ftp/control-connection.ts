/** The control connection: octets to lines and replies to octets, in clear text or under TLS (RFC 959 section 4.2, RFC 854). */
import type { Socket } from 'node:net'
import { bareChannel } from './bare-channel.ts'
import type { Channel, ChannelEvents, Handshake, Secured } from './channel.ts'
import { Deadline } from './data/deadline.ts'
import { encodeOctets } from './octets.ts'
import { BOUNDS } from './options.ts'
import type { Reply } from './reply.ts'
import { replyLines } from './reply-lines.ts'
import { StreamChannel } from './stream-channel.ts'
import { LineReader } from './telnet.ts'

/** Milliseconds that a reply waits for the next one where that is expected soon. */
const TOGETHER = 4
const IAC = 0xff
/** Text whose octets are its characters. */
const PLAIN = /^[\t-\r\x20-\x7e]*$/

export interface ControlEvents {
  line(octets: Buffer): void
  /** What was received together has been told. */
  received(): void
  /** A line without an end; nothing of it is kept. */
  tooLong(): void
  /** The client has gone, or the connection broke. Told once, and not after `end`. */
  lost(): void
}

export class ControlConnection implements ChannelEvents {
  readonly #events: ControlEvents
  readonly #reader = new LineReader(BOUNDS.line)
  readonly #channel: Channel
  #over = false
  #shaking = false
  /** Text of a reply that waits for the next one. */
  #held = ''
  #release: Deadline | undefined

  /** Takes over a connection that nobody has read from. */
  constructor(raw: Socket, events: ControlEvents) {
    this.#events = events
    this.#channel = bareChannel(raw, this) ?? new StreamChannel(raw, this)
  }

  /** Starts to read lines. */
  listen(): void {
    this.#channel.listen()
  }

  /** Sends a reply; `before` are lines that travel ahead of its own. */
  send(reply: Reply, before?: readonly string[]): void {
    if (this.#shaking || !this.#channel.open) return
    for (const line of replyLines(reply, before)) this.#held += `${line}\r\n`
    // What is sent from here on leaves in one go, with the next reply or a moment later.
    if (reply.soon || reply.after === 'close') this.#release ??= new Deadline(TOGETHER, () => this.#flush())
    else this.#flush()
  }

  /** Whether the client leaves so much unread that nothing more should be done for it. */
  get congested(): boolean {
    return this.#channel.unsent > BOUNDS.unread
  }

  /** True when everything sent has been taken by the network; false when the time, in milliseconds, ran out first. */
  drained(patience: number): Promise<boolean> {
    return this.#channel.drained(patience)
  }

  pause(): void {
    this.#channel.pause()
  }

  resume(): void {
    this.#channel.resume()
  }

  /**
   * Does the handshake. Whatever was received before it is forgotten: it was not protected, and somebody else may have put
   * it there (CVE-2011-0411). Rejects when the handshake fails; the connection is gone then.
   */
  async secure(request: Handshake): Promise<Secured> {
    this.#reader.clear()
    this.#shaking = true
    const secured = await this.#channel.secure(request)
    this.#shaking = false
    return secured
  }

  /** Closes once the last reply is on its way; nothing is read any more. */
  end(): void {
    if (this.#over) return
    this.#over = true
    const last = this.#taken()
    this.#channel.end(last.length > 0 ? last : undefined)
  }

  destroy(): void {
    this.#over = true
    this.#channel.destroy()
  }

  #flush(): void {
    const octets = this.#taken()
    if (octets.length > 0 && this.#channel.open) this.#channel.write(octets)
  }

  /** What is to be sent next: characters where each of them is an octet. */
  #taken(): string | Buffer {
    this.#release?.cancel()
    this.#release = undefined
    const text = this.#held
    this.#held = ''
    return PLAIN.test(text) ? text : octetsOf(text)
  }

  data(chunk: Buffer): void {
    for (const event of this.#reader.push(chunk)) {
      if (this.#over) return
      if (event.kind === 'line') this.#events.line(event.octets)
      else if (event.kind === 'too-long') this.#events.tooLong()
      else if (!this.congested) {
        this.#flush()
        this.#channel.write(event.octets)
      }
    }
    this.#events.received()
  }

  lost(): void {
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
