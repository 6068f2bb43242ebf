/**
 * A control connection on a bare descriptor, clear or under TLS: what Node puts around a connection costs an idle session more
 * memory than all the rest of it, and a short one more time.
 */
import { closeSync } from 'node:fs'
import type { Socket } from 'node:net'
import { FAREWELL } from './channel.ts'
import type { Channel, ChannelEvents, Handshake, Secured } from './channel.ts'
import { keptContext } from './data/kernel/contexts.ts'
import type { ControlTls } from './data/kernel/control-tls.ts'
import { descriptorOf, untouched } from './data/kernel/descriptor.ts'
import { Lookout } from './data/kernel/lookout.ts'
import { nativeCalls } from './data/kernel/native-calls.ts'
import type { NativeCalls } from './data/kernel/native-calls.ts'
import type { Wanted } from './data/kernel/openssl.ts'
import { Unsent, octetsOf } from './unsent.ts'

/** Milliseconds that what follows a handshake waits for the first reply, to leave with it. */
const TOGETHER = 4
/** Pieces that are read of one client before others have their turn. */
const TURNS = 4

/** What has just been read, of whichever connection. */
const received = Buffer.allocUnsafeSlow(64 * 1024)

/** Takes over a connection that nobody has read from; undefined where that is not possible, and nothing has happened then. */
export function bareChannel(raw: Socket, events: ChannelEvents): Channel | undefined {
  const system = nativeCalls()
  const socket = descriptorOf(raw)
  if (!system || socket === undefined || !untouched(raw)) return undefined
  const own = system.calls.duplicate(socket)
  raw.destroy()
  return new BareChannel(own, events, system)
}

interface Shaking {
  resolve(secured: Secured): void
  reject(error: unknown): void
  readonly timer: NodeJS.Timeout
}

class BareChannel implements Channel {
  readonly #socket: number
  readonly #events: ChannelEvents
  readonly #system: NativeCalls
  #doing: 'nothing' | 'reading' | 'ending' | 'over' = 'nothing'
  #tls: ControlTls | undefined
  #shaking: Shaking | undefined
  readonly #lookout: Lookout
  readonly #unsent: Unsent
  /** What is unsent is so by intention. */
  #keptBack: NodeJS.Timeout | undefined
  #farewell: NodeJS.Timeout | undefined

  constructor(socket: number, events: ChannelEvents, system: NativeCalls) {
    this.#socket = socket
    this.#events = events
    this.#system = system
    this.#unsent = new Unsent(socket, system.net)
    this.#lookout = new Lookout(system.calls, socket, (status) => this.#look(status !== 0))
  }

  get open(): boolean {
    return this.#doing === 'nothing' || this.#doing === 'reading'
  }

  get unsent(): number {
    return this.#unsent.length
  }

  listen(): void {
    this.resume()
  }

  pause(): void {
    if (this.#doing !== 'reading') return
    this.#doing = 'nothing'
    this.#watch()
  }

  resume(): void {
    if (this.#doing !== 'nothing' || this.#shaking) return
    this.#doing = 'reading'
    this.#watch()
    // The system knows nothing of octets that have been read already.
    if (this.#tls?.pending) setImmediate(() => this.#look(false))
  }

  write(text: string | Buffer): void {
    try {
      this.#put(octetsOf(text))
      if (this.#keptBack) this.#release()
      this.#watch()
    } catch {
      this.#unsent.broken = true
    }
    // Whoever writes does not expect to have lost the client when it is done.
    if (this.#unsent.broken) setImmediate(() => this.#lose())
  }

  drained(patience: number): Promise<boolean> {
    return this.#unsent.drained(patience)
  }

  secure({ context, contextFor, patience }: Handshake): Promise<Secured> {
    this.#doing = 'nothing'
    return new Promise((resolve, reject) => {
      this.#tls = this.#system.tls.control(keptContext(context.settings), this.#socket, {
        send: (records) => this.#unsent.put(records),
        contextFor: (name) => {
          const other = contextFor?.(name)
          return other && keptContext(other.settings)
        },
      })
      const timer = setTimeout(() => this.#shaken(new Error('the handshake took too long')), patience)
      this.#shaking = { resolve, reject, timer }
      this.#look(false)
    })
  }

  end(last?: string | Buffer): void {
    if (!this.open) return
    this.#doing = 'ending'
    try {
      this.#unsent.during(() => {
        if (last !== undefined) this.#put(octetsOf(last))
        this.#tls?.finish()
      })
      this.#farewell = setTimeout(() => this.destroy(), FAREWELL)
      this.#release()
      this.#watch()
    } catch {
      this.destroy()
    }
  }

  destroy(): void {
    if (this.#doing === 'over') return
    this.#doing = 'over'
    clearTimeout(this.#farewell)
    clearTimeout(this.#keptBack)
    this.#lookout.watch(false, false)
    this.#tls?.free()
    this.#unsent.forget()
    closeSync(this.#socket)
    this.#shaken(new Error('the connection ended in the middle of the handshake'))
  }

  /** Goes on with whatever waited for the network; `last`: it is broken. */
  #look(last: boolean): void {
    if (this.#doing === 'over') return
    try {
      if (this.unsent > 0 && !this.#keptBack) this.#release()
      if (this.#shaking) this.#shake()
      else if (this.#doing === 'reading') this.#receive(last)
      else if (this.#doing === 'ending') this.#discard()
      if (last) throw new Error('the connection broke')
      this.#watch()
    } catch (error) {
      if (this.#shaking) this.#shaken(error)
      else this.#lose()
    }
  }

  #receive(last: boolean): void {
    for (let turn = 0; this.#doing === 'reading'; turn++) {
      const octets = this.#tls ? this.#tls.read(received) : this.#system.net.receive(this.#socket, received)
      if (octets === undefined || octets === 'readable' || octets === 'writable') return
      if (typeof octets !== 'number' || octets === 0) return this.#lose()
      this.#events.data(received.subarray(0, octets))
      if (last) continue
      // What came may have ended the connection.
      if (this.#doing !== 'reading') return
      // The system tells of more than that, unless it has been read already.
      if (this.#tls ? !this.#tls.pending : octets < received.length) return
      if (turn >= TURNS) return void setImmediate(() => this.#look(false))
    }
  }

  /** Octets left unread would turn the end into a reset, and the last reply could be lost. */
  #discard(): void {
    let octets: number | undefined = 1
    for (let turn = 0; octets && turn < TURNS; turn++) octets = this.#system.net.receive(this.#socket, received)
    if (octets === 0) this.destroy()
  }

  #shake(): void {
    let result: Wanted | Secured | undefined
    try {
      result = this.#unsent.during(() => this.#tls?.handshake())
    } finally {
      // Tickets wait for the first reply: the client, which waits for that, is not to be woken for them.
      const tickets = typeof result === 'object' && this.unsent > 0
      if (tickets) this.#keptBack = setTimeout(() => this.#keepNoLonger(), TOGETHER)
      else this.#release()
    }
    if (typeof result !== 'object') return
    const shaking = this.#shaking
    this.#shaking = undefined
    clearTimeout(shaking?.timer)
    shaking?.resolve(result)
  }

  /** The handshake has failed, if there is one. */
  #shaken(error: unknown): void {
    const shaking = this.#shaking
    this.#shaking = undefined
    clearTimeout(shaking?.timer)
    if (shaking) this.destroy()
    shaking?.reject(error)
  }

  #put(octets: Buffer): void {
    if (this.#tls) this.#tls.write(octets)
    else this.#unsent.put(octets)
  }

  #keepNoLonger(): void {
    this.#keptBack = undefined
    this.#look(false)
  }

  /** Sends what waits, as far as the network takes it. */
  #release(): void {
    clearTimeout(this.#keptBack)
    this.#keptBack = undefined
    this.#unsent.send(this.#doing === 'ending')
    if (this.#doing === 'ending' && this.unsent === 0) this.#system.calls.sayEnd(this.#socket)
  }

  /** Lets the system tell when it is worth to look again. */
  #watch(): void {
    if (this.#doing === 'over') return
    const reads = this.#shaking !== undefined || this.#doing !== 'nothing'
    this.#lookout.watch(reads, this.unsent > 0 && !this.#keptBack)
  }

  #lose(): void {
    const told = this.open
    this.destroy()
    if (told) this.#events.lost()
  }
}
