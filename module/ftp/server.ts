/** The FTP server: listeners, sessions, and what an embedder can do with them. It holds no rule of its own but the limits. */
import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { Admission } from './admission.ts'
import type { Backend } from './backend.ts'
import { ACCEPTING } from './channel.ts'
import { Census } from './census.ts'
import { commandTable } from './commands/table.ts'
import { Conversation } from './conversation.ts'
import { Domains } from './domains.ts'
import { PortPool } from './data/port-pool.ts'
import { Throttle } from './data/throttle.ts'
import type { FtpEvent, Observer } from './events.ts'
import { withNames } from './listener-names.ts'
import type { ListenerOptions, Options } from './options.ts'
import { Rehearsal } from './rehearsal.ts'
import type { Scene } from './rehearsal.ts'
import { reply } from './reply.ts'
import type { Shared } from './session.ts'
import type { Stays } from './stay.ts'
import { viewOf } from './session-view.ts'
import type { SessionView } from './session-view.ts'

export interface ListeningAddress {
  readonly address: string
  readonly port: number
  readonly implicitTls: boolean
  readonly domain: string
}

export interface FtpServer {
  /**
   * Listens on exactly these. New listeners are opened first, then those no longer named are closed; their sessions go on.
   * Rejects with the error of the first that cannot be opened (`EADDRINUSE`, `EACCES`), and nothing has changed then.
   */
  listen(listeners: readonly ListenerOptions[]): Promise<void>
  /** Where it listens, with the ports that were chosen for port 0. */
  addresses(): readonly ListeningAddress[]
  /** New options, in force at the next decision of every session. */
  update(options: Options): void
  sessions(): readonly SessionView[]
  /** Asks of every session anew whether it may stay; those that may not read 421 at their next command, idle ones at once. */
  review(stays: Stays): void
  /** Ends a session with 421 and the message; false if there is none of this id. */
  disconnect(id: string, message?: string): boolean
  /** Cuts the transfer of a session, not the session; false if none runs. */
  abortTransfer(id: string): boolean
  /**
   * A text that travels with the session's next replies, or at once to an idle client that is known to cope with that; false if
   * there is no such session or too many texts wait.
   */
  message(id: string, text: string): boolean
  /** Asks what a client would meet now; nobody feels it. */
  rehearsal(scene: Scene): Rehearsal
  /** Accepts nobody any more, lets transfers end for so many milliseconds, then ends every session. */
  close(options: { readonly graceMs: number }): Promise<void>
}

export interface ServerParts {
  readonly backend: Backend
  readonly options: Options
  readonly observers?: readonly Observer[]
}

/** A server that does not listen yet. */
export function createFtpServer(parts: ServerParts): FtpServer {
  return new Engine(parts)
}

interface Listener {
  options: ListenerOptions
  readonly server: Server
}

class Engine implements FtpServer {
  #options: Options
  #domains: Domains
  readonly #observers: readonly Observer[]
  readonly #listeners = new Map<string, Listener>()
  readonly #conversations = new Map<string, Conversation>()
  readonly #shared: Shared
  readonly #admission: Admission
  #ports: PortPool
  #closing = false
  #watchEnds: (() => void) | undefined

  constructor({ backend, options, observers = [] }: ServerParts) {
    this.#options = options
    this.#domains = new Domains(options)
    this.#observers = observers
    this.#ports = new PortPool(options.passive.from, options.passive.to)
    this.#shared = {
      options: () => this.#options,
      domains: () => this.#domains,
      ports: () => this.#ports,
      table: commandTable,
      backend,
      throttle: new Throttle(),
      census: new Census(),
      end: (session, reason, last) => this.#conversations.get(session.client.id)?.close(reason, last),
      emit: (event) => this.#emit(event),
    }
    this.#admission = new Admission(this.#shared)
  }

  async listen(wanted: readonly ListenerOptions[]): Promise<void> {
    const named = withNames(wanted)
    const opened = new Map<string, Listener>()
    try {
      for (const [name, options] of named) {
        if (!this.#listeners.has(name)) opened.set(name, await this.#open(options))
      }
    } catch (error) {
      for (const { server } of opened.values()) server.close()
      throw error
    }
    for (const [name, options] of named) {
      const kept = this.#listeners.get(name)
      if (kept) kept.options = options
    }
    for (const [name, listener] of opened) this.#listeners.set(name, listener)
    for (const [name, { server }] of this.#listeners) {
      if (named.has(name)) continue
      server.close()
      this.#listeners.delete(name)
    }
  }

  addresses(): readonly ListeningAddress[] {
    return [...this.#listeners.values()].map(({ server, options }) => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a listening TCP server has an AddressInfo
      const { address, port } = server.address() as AddressInfo
      return { address, port, implicitTls: options.implicitTls, domain: options.domain }
    })
  }

  update(options: Options): void {
    const { from, to } = this.#options.passive
    if (from !== options.passive.from || to !== options.passive.to) {
      this.#ports = new PortPool(options.passive.from, options.passive.to)
    }
    this.#options = options
    this.#domains = new Domains(options)
    for (const conversation of this.#conversations.values()) conversation.session.clock?.check()
  }

  sessions(): readonly SessionView[] {
    return [...this.#conversations.values()].map(({ session }) => viewOf(session))
  }

  review(stays: Stays): void {
    for (const conversation of this.#conversations.values()) conversation.review(stays)
  }

  disconnect(id: string, message?: string): boolean {
    const conversation = this.#conversations.get(id)
    conversation?.close('kicked', message ? { code: 421, lines: [message], own: true } : KICKED)
    return conversation !== undefined
  }

  abortTransfer(id: string): boolean {
    const transfer = this.#conversations.get(id)?.session.transfer
    transfer?.abort('administrator')
    return transfer !== undefined
  }

  message(id: string, text: string): boolean {
    return this.#conversations.get(id)?.message(text) ?? false
  }

  rehearsal(scene: Scene): Rehearsal {
    return new Rehearsal(this.#shared, scene)
  }

  async close({ graceMs }: { readonly graceMs: number }): Promise<void> {
    this.#closing = true
    for (const { server } of this.#listeners.values()) server.close()
    this.#listeners.clear()
    await this.#drain(graceMs)
    for (const conversation of this.#conversations.values()) conversation.close('shutdown', FAREWELL)
  }

  /** Ends sessions as soon as no transfer of theirs runs; resolves when none is left or the time is over. */
  #drain(graceMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, graceMs)
      this.#watchEnds = () => {
        for (const conversation of this.#conversations.values()) {
          if (!conversation.session.transfer) conversation.close('shutdown', FAREWELL)
        }
        if (this.#conversations.size > 0) return
        clearTimeout(timer)
        resolve()
      }
      this.#watchEnds()
    })
  }

  #open(options: ListenerOptions): Promise<Listener> {
    return new Promise((resolve, reject) => {
      const server = createServer(ACCEPTING)
      const listener: Listener = { options, server }
      server.on('connection', (socket) => void this.#accept(socket, listener.options))
      server.once('error', reject)
      server.listen({ host: options.address, port: options.port, backlog: 511 }, () => {
        server.off('error', reject)
        // A failing accept (no descriptors left) is no reason to stop listening.
        server.on('error', (error) => this.#emit({ kind: 'fault', error }))
        resolve(listener)
      })
    })
  }

  async #accept(socket: Socket, { implicitTls, domain }: ListenerOptions): Promise<void> {
    socket.on('error', () => socket.destroy())
    try {
      if (this.#closing) return void socket.destroy()
      const conversation = await this.#admission.admit(socket, domain, (client, its) =>
        this.#closing ? undefined : new Conversation(socket, client, this.#shared, its, this.#conversations),
      )
      if (!conversation) return void socket.destroy()
      await conversation.begin(implicitTls)
    } catch (error) {
      this.#emit({ kind: 'fault', error })
      socket.destroy()
    }
  }

  #emit(event: FtpEvent): void {
    for (const observer of this.#observers) {
      try {
        observer(event)
      } catch {
        // An observer's trouble is its own: no session may feel it.
      }
    }
    if (this.#watchEnds && (event.kind === 'transfer-ended' || event.kind === 'session-closed')) {
      // The final reply goes out first.
      setImmediate(this.#watchEnds)
    }
  }
}

const FAREWELL = reply(421, 'The server stops.')
const KICKED = reply(421, 'Disconnected by the administrator.')
