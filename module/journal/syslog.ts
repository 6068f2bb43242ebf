/** Entries as syslog messages (RFC 5424) over UDP (RFC 5426) or TCP with octet counting (RFC 6587): sent or dropped, never waited for. */
import { createSocket } from 'node:dgram'
import type { Socket as UdpSocket } from 'node:dgram'
import { lookup } from 'node:dns'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { hostname } from 'node:os'
import type { CleanEntry, Kind } from './entry.ts'

export interface SyslogOptions {
  readonly host: string
  readonly port: number
  /** 0 to 23; 11 is "FTP daemon" (RFC 5424 section 6.2.1). */
  readonly facility: number
  readonly protocol: 'udp' | 'tcp'
}

export interface SyslogSender {
  send(entries: readonly CleanEntry[]): void
  close(): void
}

/** RFC 5424 section 6.2.1: informational, notice, warning, error. */
const SEVERITY: Record<Kind, number> = { message: 6, status: 5, warning: 4, error: 3 }
/** Octets of a message; every receiver should take 2,048 (RFC 5424 section 6.1). */
const LONGEST = 2048
/** Octets that a slow receiver may leave unread; beyond, messages are dropped. */
const UNSENT = 1024 * 1024
/** Milliseconds between attempts to connect: the first, and the longest after doubling. */
const RETRY = { first: 1000, longest: 60_000 }

/** The entry as a message, at most 2,048 octets; `sequence` counts from 1 (RFC 5424 section 7.3.1). */
export function syslogMessage(entry: CleanEntry, facility: number, sequence: number): Buffer {
  const priority = facility * 8 + SEVERITY[entry.kind]
  const host =
    hostname()
      .replaceAll(/[^!-~]/g, '')
      .slice(0, 255) || '-'
  const event = entry.event.replaceAll(/[^!-~]/g, '').slice(0, 32) || '-'
  const head = `<${priority}>1 ${new Date(entry.time).toISOString()} ${host} ftp-module ${process.pid} ${event}`
  const who = [entry.address, entry.user].filter((part) => part !== undefined).join(' ')
  const text = who ? `${who}: ${entry.text}` : entry.text
  const message = Buffer.from(`${head} [meta sequenceId="${sequence}"] \ufeff${text}`, 'utf8')
  return message.length <= LONGEST ? message : message.subarray(0, wholeCharacters(message, LONGEST))
}

/** Sends to the host given; what cannot be sent is dropped. */
export function openSyslog(options: SyslogOptions): SyslogSender {
  const wire = options.protocol === 'udp' ? new UdpWire(options) : new TcpWire(options)
  let sequence = 0
  return {
    send(entries) {
      for (const entry of entries) {
        sequence = sequence === 2 ** 31 - 1 ? 1 : sequence + 1
        wire.write(syslogMessage(entry, options.facility, sequence))
      }
    },
    close: () => wire.close(),
  }
}

class UdpWire {
  readonly #options: SyslogOptions
  #socket: UdpSocket | undefined
  #address: string | undefined
  #looked = -Infinity
  #unsent = 0

  constructor(options: SyslogOptions) {
    this.#options = options
    this.#look()
  }

  write(message: Buffer): void {
    this.#look()
    if (!this.#socket || this.#unsent + message.length > UNSENT) return
    this.#unsent += message.length
    this.#socket.send(message, this.#options.port, this.#address, () => {
      this.#unsent -= message.length
    })
  }

  close(): void {
    this.#looked = Infinity
    this.#socket?.close()
    this.#socket = undefined
  }

  // Left to the socket, a name would be looked up for every message, on threads that files are read with as well.
  #look(): void {
    if (performance.now() - this.#looked < RETRY.longest) return
    this.#looked = performance.now()
    lookup(this.#options.host, (error, address, family) => {
      if (error || this.#looked === Infinity || address === this.#address) return
      this.#socket?.close()
      this.#address = address
      this.#socket = createSocket(family === 6 ? 'udp6' : 'udp4')
      this.#socket.on('error', () => undefined)
      this.#socket.unref()
    })
  }
}

class TcpWire {
  readonly #options: SyslogOptions
  #socket: Socket | undefined
  #delay = RETRY.first
  #retry: NodeJS.Timeout | undefined

  constructor(options: SyslogOptions) {
    this.#options = options
    this.#connect()
  }

  write(message: Buffer): void {
    const socket = this.#socket
    if (!socket || socket.writableLength > UNSENT) return
    socket.cork()
    socket.write(`${message.length} `)
    socket.write(message)
    process.nextTick(() => socket.uncork())
  }

  close(): void {
    clearTimeout(this.#retry)
    const socket = this.#socket
    this.#socket = undefined
    socket?.destroySoon()
  }

  #connect(): void {
    const socket = connect(this.#options.port, this.#options.host)
    this.#socket = socket
    socket.on('connect', () => (this.#delay = RETRY.first))
    socket.on('error', () => undefined)
    // Nobody answers on this connection; reading notices its end.
    socket.resume()
    socket.on('close', () => {
      if (this.#socket !== socket) return
      this.#socket = undefined
      this.#retry = setTimeout(() => this.#connect(), this.#delay)
      this.#delay = Math.min(this.#delay * 2, RETRY.longest)
    })
  }
}

/** The largest length up to `limit` that ends with a whole character of UTF-8. */
function wholeCharacters(text: Buffer, limit: number): number {
  let end = limit
  while (end > 0 && ((text[end] ?? 0) & 0xc0) === 0x80) end--
  return end
}
