/**
 * Whether a TLS client said that it has sent everything. Node ends a TLS stream in the same way for close_notify and for a bare
 * FIN, so an upload cut on its way would look complete (RFC 5246 section 7.2.1, RFC 8446 section 6.1).
 */
import { Duplex } from 'node:stream'
import type { Socket } from 'node:net'

/** Content types of TLS records. */
const CHANGE_CIPHER_SPEC = 20
const ALERT = 21
const APPLICATION_DATA = 23

const HEADER_OCTETS = 5
/** What TLS 1.3 adds to the content of an encrypted record: its real type and the tag (RFC 8446 section 5.2). */
const RECORD_OVERHEAD = 17
const ALERT_OCTETS = 2

/**
 * Stands between a TCP connection and the TLSSocket made of it, `new TLSSocket(tap, …)`. Passes octets both ways as they come
 * and reads along in the headers of the client's records; the keys it does not know.
 */
export class TlsTap extends Duplex {
  readonly #raw: Socket
  readonly #header = Buffer.alloc(HEADER_OCTETS)
  #headerLength = 0
  /** Octets of the record that have not come yet; its type and length. */
  #missing = 0
  #type = 0
  #length = 0
  #cipherChanged = false
  /** What the client's encrypted TLS 1.3 records hold together, octets. */
  #content = 0
  #rawEnded = false

  /** The connection must not have been read from. */
  constructor(raw: Socket) {
    super({ allowHalfOpen: true, readableHighWaterMark: 256 * 1024 })
    this.#raw = raw
    raw.on('data', (chunk: Buffer) => {
      this.#follow(chunk)
      if (!this.push(chunk)) raw.pause()
    })
    raw.on('end', () => {
      this.#rawEnded = true
      this.push(null)
    })
    raw.on('error', (error) => this.destroy(error))
    // Behind a proper end there may be octets yet that nobody has read.
    raw.on('close', () => {
      if (!this.#rawEnded) this.destroy()
    })
  }

  /**
   * Whether the client's last record was a close_notify alert. `plaintextOctets`: all that the TLSSocket delivered;
   * `finishedOctets`: the client's Finished message, 36 octets with SHA-256 suites, 52 with SHA-384. The alert itself is
   * encrypted, so TLS 1.3 shows it by its length and by the octets that were not delivered as data.
   */
  closedCleanly(plaintextOctets: number, finishedOctets = 36): boolean {
    if (this.#missing > 0 || this.#headerLength > 0) return false
    if (this.#type === ALERT) return this.#cipherChanged
    if (this.#type !== APPLICATION_DATA || this.#length !== RECORD_OVERHEAD + ALERT_OCTETS) return false
    return this.#content - finishedOctets - plaintextOctets >= ALERT_OCTETS
  }

  override _read(): void {
    this.#raw.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#raw.write(chunk, done)
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#raw.end(done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#raw.destroy()
    done(error)
  }

  #follow(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#missing > 0) {
        const passed = Math.min(this.#missing, chunk.length - at)
        this.#missing -= passed
        at += passed
        continue
      }
      const copied = chunk.copy(this.#header, this.#headerLength, at, at + HEADER_OCTETS - this.#headerLength)
      this.#headerLength += copied
      at += copied
      if (this.#headerLength === HEADER_OCTETS) this.#begin()
    }
  }

  #begin(): void {
    this.#headerLength = 0
    this.#type = this.#header.readUInt8(0)
    this.#length = this.#missing = this.#header.readUInt16BE(3)
    if (this.#type === CHANGE_CIPHER_SPEC) this.#cipherChanged = true
    if (this.#type === APPLICATION_DATA) this.#content += this.#length - RECORD_OVERHEAD
  }
}
