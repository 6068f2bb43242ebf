/** One accepted connection from greeting to end: joins session, control connection and interpreter, and keeps their time. */
import type { Socket } from 'node:net'
import type { Client } from './backend.ts'
import type { Secured } from './channel.ts'
import { ControlConnection } from './control-connection.ts'
import type { ControlEvents } from './control-connection.ts'
import { enterDomain, seenDomain } from './domain-choice.ts'
import type { Domain } from './domains.ts'
import { reasonFor } from './close-reason.ts'
import type { CloseReason } from './events.ts'
import { Interpreter } from './interpreter.ts'
import type { Speaker } from './interpreter.ts'
import { NOT_ANY_MORE } from './permission.ts'
import type { Line } from './line.ts'
import { BOUNDS } from './options.ts'
import { protocolVerdict } from './protocol-verdict.ts'
import { refusal, Refusal } from './reply.ts'
import type { Reply } from './reply.ts'
import { Session } from './session.ts'
import type { Shared } from './session.ts'
import { SessionClock } from './session-clock.ts'
import type { End, Expiring } from './session-clock.ts'
import { Stay } from './stay.ts'
import type { Leaving, Stays } from './stay.ts'
import { takesMessagesAtOnce } from './unasked.ts'
import { SessionTls } from './tls.ts'
import type { LazyContext } from './tls.ts'
import { refusedBy } from './verdict.ts'
import type { Verdict } from './verdict.ts'
import { greeting, worded } from './wording.ts'

/** Replies to which lines may be added without confusing clients that look into them. */
const CARRIES_MESSAGES: ReadonlySet<number> = new Set([200, 202, 220, 221, 226, 230, 250])

/** It is what control connection, interpreter and clocks tell of: objects of their own for that would be a tenth of an idle session. */
export class Conversation implements ControlEvents, Speaker, Expiring, Leaving {
  readonly session: Session
  readonly control: ControlConnection
  readonly #interpreter: Interpreter
  readonly #clock: SessionClock
  readonly #stay: Stay
  #tls: SessionTls | undefined
  readonly #among: Map<string, Conversation>
  #over = false

  /** Is counted, and found `among` those that last, until it is over. */
  constructor(raw: Socket, client: Client, shared: Shared, domain: Domain, among: Map<string, Conversation>) {
    this.session = new Session(client, shared, domain.id)
    this.#among = among
    among.set(client.id, this)
    shared.census.opened(this.session)
    this.control = new ControlConnection(raw, this)
    this.#interpreter = new Interpreter(this.session, this)
    this.#stay = new Stay(this.session, this)
    this.#clock = new SessionClock(this.session, this)
    this.session.clock = this.#clock
  }

  /** Greets, over TLS if the listener is an implicit one (product section 2). */
  async begin(implicitTls: boolean): Promise<void> {
    const { session } = this
    session.emit({ kind: 'session-opened', session: session.client, domain: session.domainId, secure: implicitTls })
    if (implicitTls) {
      if (!(await this.#secure())) return
      session.control.implicit = true
      session.resetProtection()
    }
    this.send(greeting(session))
    this.control.listen()
  }

  line(octets: Buffer): void {
    this.#interpreter.receive(octets)
  }

  received(): void {
    this.#interpreter.received()
  }

  tooLong(): void {
    this.#interpreter.tooLong()
  }

  lost(): void {
    this.#finish('lost')
  }

  idle(): void {
    this.leaveIfExpelled()
    this.#speakUp()
  }

  /** Tells the client and ends the session. Harmless when it has ended. */
  close(reason: CloseReason, last?: Reply): void {
    if (this.#over) return
    if (last) this.send(last)
    this.control.end()
    this.#finish(reason, last?.verdict)
  }

  /** Asks anew whether the session may stay: closed at once when it is idle, else when what runs has been answered. */
  review(stays: Stays): void {
    if (!this.#over) this.#stay.review(stays)
  }

  expire({ reason, text, verdict }: End): void {
    this.close(reason, refusal(421, text, undefined, verdict))
  }

  leaveIfExpelled(): void {
    const { session } = this
    if (this.#over || !session.expelled || !this.#interpreter.idle) return
    const user = session.login?.account.name
    const who = user === undefined ? {} : { user }
    session.emit({ kind: 'expelled', session: session.client, ...who, verdict: session.expelled })
    this.close('account', refusal(421, NOT_ANY_MORE, undefined, session.expelled))
  }

  /** Takes a text of an administrator for the client; false when too many wait. */
  message(text: string): boolean {
    const { messages } = this.session
    if (this.#over || messages.length >= BOUNDS.messages) return false
    messages.push(text)
    this.#speakUp()
    return true
  }

  /** Sends what waits as a reply of its own, where that cannot be taken for the reply to a command. */
  #speakUp(): void {
    const { session } = this
    const quiet = this.#interpreter.idle && !this.control.congested && !this.#over
    if (!quiet || !session.login || session.messages.length === 0 || !takesMessagesAtOnce(session.clientName)) return
    // The text stands in an inner line: clients look for numbers in the last one.
    this.control.send({ code: 100, lines: [...this.#takeMessages(), 'End of the message.'] })
  }

  /** The texts that wait, as lines of a reply; they count as sent. */
  #takeMessages(): string[] {
    const { session } = this
    const texts = session.messages.splice(0)
    if (texts.length > 0) session.emit({ kind: 'messages-sent', session: session.client, texts })
    return texts.map((text) => `Message from the administrator: ${text}`)
  }

  async after(action: NonNullable<Reply['after']>, line: Line, answer: Reply): Promise<void> {
    if (action === 'secure') {
      this.#interpreter.forget()
      if (await this.#secure()) this.control.listen()
    } else this.close(reasonFor(line, answer))
  }

  /** Waits until the client has read its replies; one that does not is cut off. */
  async drained(): Promise<void> {
    if (await this.control.drained(this.session.options.timeouts.stall * 1000)) return
    this.control.destroy()
    this.#finish('stalled')
  }

  send(unworded: Reply): void {
    const answer = worded(this.session, unworded)
    const { code, lines } = answer
    const verdict = code >= 400 ? (unworded.verdict ?? protocolVerdict(code)) : undefined
    const told = { kind: 'reply', session: this.session.client, code, lines } as const
    this.session.emit(verdict ? { ...told, verdict } : told)
    const carries = this.session.messages.length > 0 && CARRIES_MESSAGES.has(code)
    this.control.send(answer, carries ? this.#takeMessages() : undefined)
  }

  /** Puts the control connection under TLS; false when the client failed at it, and the session is over. */
  async #secure(): Promise<boolean> {
    const { session } = this
    try {
      let chosen: Domain | undefined
      const secured = await this.control.secure({
        context: this.#context(session.domain),
        contextFor: (name) => {
          chosen = session.shared.domains().named(name.toLowerCase(), session.listener)
          return chosen && this.#context(chosen)
        },
        patience: session.options.timeouts.handshake * 1000,
      })
      this.#secured(secured, chosen ?? session.domain)
      if (chosen && chosen.id !== session.domainId) await this.#serve(chosen)
      return !this.#over
    } catch (error) {
      const verdict = refusedBy('tls.handshake', 'session', error instanceof Error ? error.message : '')
      session.emit({ kind: 'refused', session: session.client, verb: 'AUTH', verdict })
      this.close('tls')
      return false
    }
  }

  #secured({ protocol, cipher, serverName }: Secured, seen: Domain): void {
    const { session } = this
    session.control.secure = true
    session.control.servedAs = seen.id
    session.control.context = () => this.#context(seenDomain(session))
    session.control.protocol = protocol
    if (serverName) session.control.serverName = serverName.toLowerCase()
    session.emit({ kind: 'secured', session: session.client, protocol, cipher })
  }

  /** Goes on in the domain that the client named by SNI, also where a HOST in clear text has named another one. */
  async #serve(chosen: Domain): Promise<void> {
    const { session } = this
    try {
      await enterDomain(session, chosen)
      session.home = chosen.id
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const { verdict, reply: last } = error
      session.emit({ kind: 'refused', session: session.client, verb: 'AUTH', verdict })
      this.close('account', last)
    }
  }

  /** This session's context for a domain, with the certificate as it is when asked. */
  #context(domain: Domain): LazyContext {
    return (this.#tls ??= new SessionTls()).contextFor(required(this.session.options.tls), domain)
  }

  #finish(reason: CloseReason, verdict?: Verdict): void {
    if (this.#over) return
    this.#over = true
    const { session } = this
    const user = session.login?.account.name
    this.#clock.stop()
    this.#interpreter.stop()
    session.end(reason === 'shutdown' ? 'shutdown' : 'lost')
    this.#among.delete(session.client.id)
    session.shared.census.closed(session)
    session.emit({
      kind: 'session-closed',
      session: session.client,
      reason,
      seconds: (performance.now() - session.opened) / 1000,
      ...(user !== undefined && { user }),
      ...(verdict && { verdict }),
    })
  }
}

function required<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('TLS has been switched off')
  return value
}
