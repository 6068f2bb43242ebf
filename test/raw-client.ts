/** A control connection that says exactly what a test tells it to, also what no polite client would. */
import { connect as connectPlain, createServer, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { capped, printable } from './cap.ts'
import { DataConnection } from './data-connection.ts'
import { ReplyReader } from './reply-reader.ts'
import { type Received, satisfies, type Wanted } from './received.ts'

export interface RawOptions {
  readonly host?: string
  readonly localAddress?: string
  /** TLS from the first byte on. */
  readonly implicitTls?: boolean
  readonly tls?: ConnectionOptions
}

export class RawClient implements AsyncDisposable {
  /** The control connection as it is now: protected or not. */
  socket: Socket
  /** The last TLS session or ticket of the control connection, for data connections that resume it. */
  session: Buffer | undefined
  /** The TCP connection below TLS, once there is TLS. */
  underlying: Socket | undefined
  /** Whether data connections are to be protected; set by {@link protect}. */
  private = false
  readonly #options: RawOptions
  #reader: ReplyReader

  private constructor(socket: Socket, options: RawOptions) {
    this.socket = socket
    this.#options = options
    this.#reader = new ReplyReader(socket)
  }

  /** Connects without reading the greeting. */
  static async open(port: number, options: RawOptions = {}): Promise<RawClient> {
    const { host = '127.0.0.1', localAddress } = options
    const socket = connectPlain({ port, host, noDelay: true, ...(localAddress ? { localAddress } : {}) })
    const client = new RawClient(socket, options)
    await capped(connected(socket, 'connect'), `a connection to ${host} port ${port}`)
    if (options.implicitTls) await client.handshake()
    return client
  }

  /** Connects and reads the greeting. */
  static async connect(port: number, options: RawOptions = {}): Promise<RawClient> {
    const client = await RawClient.open(port, options)
    await client.reply(220)
    return client
  }

  get secure(): boolean {
    return 'encrypted' in this.socket
  }

  /** The next reply; anything but what was wanted fails the test. */
  async reply(wanted?: Wanted, awaited = 'a reply'): Promise<Received> {
    const received = await capped(this.#reader.next(), awaited, () => this.#reader.state())
    if (wanted !== undefined && !satisfies(received, wanted)) {
      throw new Error(`${awaited}: wanted ${String(wanted)}, got ${received.text}`)
    }
    return received
  }

  /** Sends a line and reads one reply. */
  async say(line: string, wanted?: Wanted): Promise<Received> {
    this.send(`${line}\r\n`)
    return this.reply(wanted, `the reply to ${printable(line)}`)
  }

  /** Sends octets as they are; text as UTF-8. */
  send(octets: string | Buffer): void {
    this.socket.write(octets)
  }

  /** The next octets as they are, for what is no reply. */
  octets(count: number): Promise<Buffer> {
    return capped(this.#reader.octets(count), `${count} octets`, () => this.#reader.state())
  }

  /** Replies received and not yet read. */
  get unread(): boolean {
    return this.#reader.state() !== ''
  }

  async login(user = 'anna', password = 'secret'): Promise<this> {
    await this.say(`USER ${user}`, 331)
    await this.say(`PASS ${password}`, 230)
    return this
  }

  /** AUTH TLS and the handshake. */
  async startTls(options: ConnectionOptions = {}): Promise<this> {
    await this.say('AUTH TLS', 234)
    await this.handshake(options)
    return this
  }

  /** PBSZ and PROT P: data connections are protected from here on. */
  async protect(): Promise<this> {
    await this.say('PBSZ 0', 200)
    await this.say('PROT P', 200)
    this.private = true
    return this
  }

  /** The TLS handshake on the connection as it stands. */
  async handshake(options: ConnectionOptions = {}): Promise<void> {
    this.#reader.detach()
    this.underlying = this.socket
    const secured = connectTls({ ...trusting, ...this.#options.tls, ...options, socket: this.socket })
    secured.on('session', (session) => {
      this.session = session
    })
    this.socket = secured
    this.#reader = new ReplyReader(secured)
    await capped(connected(secured, 'secureConnect'), 'the TLS handshake of the control connection')
    if (secured.getProtocol() !== 'TLSv1.3') this.session = secured.getSession()
  }

  /** A passive data connection by EPSV, connected. */
  async epsv(): Promise<DataConnection> {
    const { text } = await this.say('EPSV', 229)
    return this.dial(Number(/\(\|\|\|(\d+)\|\)/.exec(text)?.[1]))
  }

  /** A passive data connection by PASV, connected to the address the server named. */
  async pasv(): Promise<DataConnection> {
    const { host, port } = await this.pasvTarget()
    return this.dial(port, { host })
  }

  /** Address and port of a reply to PASV. */
  async pasvTarget(): Promise<{ host: string; port: number }> {
    const { text } = await this.say('PASV', 227)
    const numbers = /\((\d+),(\d+),(\d+),(\d+),(\d+),(\d+)\)/.exec(text)?.slice(1).map(Number)
    if (!numbers || numbers.some((number) => number > 255)) throw new Error(`malformed reply to PASV: ${text}`)
    const [a, b, c, d, high = 0, low = 0] = numbers
    return { host: `${a}.${b}.${c}.${d}`, port: high * 256 + low }
  }

  /** A data connection to a port of the server. */
  dial(port: number, options: { host?: string; localAddress?: string } = {}): Promise<DataConnection> {
    const host = options.host ?? this.#options.host ?? '127.0.0.1'
    const localAddress = options.localAddress ?? this.#options.localAddress
    const socket = connectPlain({ port, host, noDelay: true, ...(localAddress ? { localAddress } : {}) })
    return DataConnection.over(connectedSocket(socket), this.#dataTls())
  }

  /** An active data connection by PORT; the server connects to it when a transfer starts. */
  port(): Promise<DataConnection> {
    return this.#listen((port) => `PORT 127,0,0,1,${port >> 8},${port & 255}`)
  }

  /** An active data connection by EPRT, in the family of the control connection. */
  eprt(): Promise<DataConnection> {
    const host = this.#options.host ?? '127.0.0.1'
    return this.#listen((port) => `EPRT |${host.includes(':') ? 2 : 1}|${host}|${port}|`)
  }

  /** Runs a command that sends data and answers what came. */
  async retrieve(line: string, data = this.epsv()): Promise<Buffer> {
    const connection = await data
    await this.say(line, 150)
    const octets = await connection.all()
    await this.reply(226, `the end of ${line}`)
    return octets
  }

  /** Runs a command that takes data; the last reply. */
  async store(line: string, octets: string | Uint8Array, data = this.epsv(), wanted: Wanted = 226): Promise<Received> {
    const connection = await data
    await this.say(line, 150)
    await connection.end(octets)
    return this.reply(wanted, `the end of ${line}`)
  }

  /** Lines of a listing, without their ends. */
  async listing(line: string): Promise<string[]> {
    const text = (await this.retrieve(line)).toString('utf8')
    if (text !== '' && !text.endsWith('\r\n')) throw new Error(`the listing does not end in CR LF: ${printable(text)}`)
    return text.split('\r\n').slice(0, -1)
  }

  /** Waits until the server has closed the control connection. */
  ended(): Promise<void> {
    return capped(this.#reader.ended, 'the end of the control connection', () => this.#reader.state())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy()
  }

  async #listen(command: (port: number) => string): Promise<DataConnection> {
    const server = createServer({ noDelay: true })
    const accepted = new Promise<Socket>((resolve, reject) => {
      server.once('connection', resolve)
      server.once('error', reject)
    })
    await new Promise<void>((resolve) => {
      server.listen(0, this.#options.host ?? '127.0.0.1', resolve)
    })
    void accepted.then(() => server.close())
    const address = server.address()
    if (typeof address !== 'object' || !address) throw new Error('no address')
    await this.say(command(address.port), 200)
    return DataConnection.later(accepted, this.#dataTls(), server)
  }

  #dataTls(): ConnectionOptions | undefined {
    if (!this.private) return undefined
    const { maxVersion, minVersion, ciphers } = this.#options.tls ?? {}
    const versions = {
      ...(maxVersion && { maxVersion }),
      ...(minVersion && { minVersion }),
      ...(ciphers && { ciphers }),
    }
    return { ...trusting, ...versions, ...(this.session && { session: this.session }) }
  }
}

/** Certificates are not what these tests are about. */
const trusting: ConnectionOptions = { rejectUnauthorized: false }

function connected(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(event, () => resolve())
    socket.once('error', reject)
    socket.once('close', () => reject(new Error(`closed before ${event}`)))
  })
}

async function connectedSocket(socket: Socket): Promise<Socket> {
  await capped(connected(socket, 'connect'), 'a data connection')
  return socket
}
