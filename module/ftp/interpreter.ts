/**
 * The protocol interpreter (server-PI, RFC 959 section 2.3): takes lines, answers them one at a time in the order received.
 * While a transfer runs, ABOR cuts it at once, and STAT and NOOP are answered at once if nothing waits before them.
 */
import { isLoggedIn, isTransfer } from './command.ts'
import type { Outcome } from './command.ts'
import { checkCommand } from './permission.ts'
import type { ControlConnection } from './control-connection.ts'
import { runTransfer } from './data/transfer.ts'
import { decodeOctets } from './octets.ts'
import { BOUNDS } from './options.ts'
import { pathnameIn } from './pathname.ts'
import { refusalFor } from './refusal-for.ts'
import { refusal, reply } from './reply.ts'
import type { Reply } from './reply.ts'
import type { Session } from './session.ts'
import { refusedBy } from './verdict.ts'
import { NOT_IMPLEMENTED, parseLine, shown } from './line.ts'
import type { Line } from './line.ts'

/** What the interpreter needs of the connection it speaks over. */
export interface Speaker {
  send(reply: Reply): void
  readonly control: Pick<ControlConnection, 'congested' | 'pause' | 'resume'>
  drained(): Promise<void>
  /** What a reply brings with it: TLS begins, or the session ends. */
  after(action: NonNullable<Reply['after']>, cause: Line, answer: Reply): Promise<void> | void
  /** Everything received has been answered. */
  idle(): void
}

/** Lines that no client of FTP sends. */
const FLOOD = refusedBy('command.flood', 'system')

const GONE = reply(426, 'The client has gone.')

/** Stands for a line whose end did not come within the bound: it has its place among the others. */
const TOO_LONG: Line = { verb: '', argument: '', command: undefined, hostile: false }

export class Interpreter {
  readonly #session: Session
  readonly #speaker: Speaker
  readonly #queue: Line[] = []
  #busy = false
  /** Of the lines that came during a transfer those are being answered that may be. */
  #aside: Promise<void> | undefined
  #stopped = false
  #longLines = 0

  constructor(session: Session, speaker: Speaker) {
    this.#session = session
    this.#speaker = speaker
  }

  /** Takes a line of the client; it is answered at {@link received}. */
  receive(octets: Buffer): void {
    if (this.#stopped) return
    const line = parseLine(decodeOctets(octets), this.#session.shared.table)
    this.#session.lastActivity = performance.now()
    const session = this.#session
    if (line.verb === 'ABOR' && !this.idle && !session.options.disabled.has('ABOR')) {
      session.aborting = session.transfer ? 'done' : 'wanted'
      session.transfer?.abort('client')
    }
    this.#enqueue(line)
  }

  /** A line had no end within the bound. */
  tooLong(): void {
    if (!this.#stopped) this.#enqueue(TOO_LONG)
  }

  /** All lines that came together are there. */
  received(): void {
    if (this.#queue.length === 0) return
    if (!this.#busy) void this.#work()
    else if (!this.#aside && this.#answersAside) {
      this.#aside = this.#workAside().finally(() => {
        this.#aside = undefined
        this.received()
      })
    }
  }

  /** Nothing more is answered. */
  stop(): void {
    this.#stopped = true
    this.#queue.length = 0
  }

  /** Whether no command is being answered and none waits. */
  get idle(): boolean {
    return !this.#busy && this.#queue.length === 0 && !this.#stopped
  }

  /** Forgets the lines received so far: they came before TLS did. */
  forget(): void {
    this.#queue.length = 0
    this.#session.aborting = undefined
  }

  #enqueue(line: Line): void {
    this.#queue.push(line)
    if (this.#queue.length >= BOUNDS.queue) this.#speaker.control.pause()
  }

  async #work(): Promise<void> {
    this.#busy = true
    // Of so many no further ones are read before these have been answered, and others have had their turn.
    if (this.#queue.length >= BOUNDS.queue) await Promise.resolve()
    for (let line = this.#queue.shift(); line && !this.#stopped; line = this.#queue.shift()) {
      // Most commands are answered by now: to wait for nothing would cost as much as some of them.
      const answering = this.#answer(line)
      if (answering) await answering
      // What was said during a transfer is answered before what was said behind it.
      while (this.#aside) await this.#aside
      if (this.#speaker.control.congested) await this.#speaker.drained()
      if (this.#queue.length === BOUNDS.queue / 2) this.#speaker.control.resume()
    }
    this.#busy = false
    this.#speaker.control.resume()
    this.#speaker.idle()
  }

  /** Whether the next line may be answered although a transfer runs. */
  get #answersAside(): boolean {
    return this.#session.transfer?.marked === true && this.#queue[0]?.command?.duringTransfer === true
  }

  /** One after the other, and no faster than the client reads the replies. */
  async #workAside(): Promise<void> {
    if (this.#queue.length >= BOUNDS.queue) await Promise.resolve()
    while (this.#answersAside && !this.#stopped) {
      const line = this.#queue.shift()
      if (line) await this.#answer(line)
      if (this.#speaker.control.congested) await this.#speaker.drained()
      if (this.#queue.length === BOUNDS.queue / 2) this.#speaker.control.resume()
    }
  }

  /** Undefined where the line has been answered already. */
  #answer(line: Line): Promise<void> | undefined {
    if (line === TOO_LONG) return this.#finish(line, this.#tooLong())
    const session = this.#session
    const { verb, text } = shown(line, session.user !== undefined)
    session.emit({ kind: 'command', session: session.client, verb, text })
    session.lastVerb = verb
    const final = this.#finalReply(line)
    return final instanceof Promise ? final.then((last) => this.#finish(line, last)) : this.#finish(line, final)
  }

  #finish(line: Line, final: Reply): Promise<void> | undefined {
    if (this.#stopped) return undefined
    this.#send(final)
    this.#session.lastActivity = performance.now()
    return final.after && this.#after(final.after, line, final)
  }

  async #after(action: NonNullable<Reply['after']>, line: Line, final: Reply): Promise<void> {
    // Not while the channel is still busy with what it has read.
    await Promise.resolve()
    if (!this.#stopped) await this.#speaker.after(action, line, final)
  }

  /** Exactly one final reply for each command (RFC 959 section 5.4). Never throws. */
  #finalReply(line: Line): Reply | Promise<Reply> {
    const { command } = line
    if (!command) return this.#unknown(line)
    const session = this.#session
    try {
      checkCommand(session, line.verb, command)
      const outcome = command.answer(session, line.argument)
      return outcome instanceof Promise ? this.#awaited(outcome, line) : this.#replyOf(outcome)
    } catch (error) {
      return this.#refused(error, line)
    } finally {
      // Commands take the steps before them at once. One that fails or is no part of a sequence ends it; so does a transfer.
      if (!command.keepsPending) session.pending = {}
      // An ABOR that was refused counts no more, but each further one for the transfer before it.
      if (line.verb === 'ABOR')
        session.aborting = this.#queue.some(({ verb }) => verb === 'ABOR') ? 'wanted' : undefined
    }
  }

  async #awaited(outcome: Promise<Outcome>, line: Line): Promise<Reply> {
    try {
      return await this.#replyOf(await outcome)
    } catch (error) {
      return this.#refused(error, line)
    }
  }

  #replyOf(outcome: Outcome): Reply | Promise<Reply> {
    if (!isTransfer(outcome)) return outcome
    // With its client the login has gone.
    if (this.#stopped) return GONE
    const session = this.#session
    if (!isLoggedIn(session)) throw new Error('a transfer without a login')
    return runTransfer(session, outcome, (mark) => this.#send(mark))
  }

  #refused(error: unknown, line: Line): Reply {
    const session = this.#session
    const refused = refusalFor(error, line.command?.makesName === true)
    if (!refused) {
      // With its client the login has gone, which a command that waited for a disk looks for.
      if (this.#stopped) return GONE
      session.emit({ kind: 'fault', session: session.client, error })
      return reply(451, 'The command failed on this side.')
    }
    const { verdict } = refused
    if (refused.ruled) {
      const path = line.command?.takesPath ? pathnameIn(session.directory, line.argument) : undefined
      session.emit({ kind: 'refused', session: session.client, verb: line.verb, verdict, ...(path && { path }) })
    }
    return refused.reply
  }

  #unknown(line: Line): Reply {
    const session = this.#session
    if (line.hostile) return refusal(421, 'This is an FTP server.', 'close', FLOOD)
    const limit = session.login ? BOUNDS.unknownAfterLogin : BOUNDS.unknownBeforeLogin
    if (++session.unknownCommands > limit) return refusal(421, 'Too many unknown commands.', 'close', FLOOD)
    if (NOT_IMPLEMENTED.has(line.verb)) return reply(502, 'Command not implemented.')
    if (line.family) {
      const unknown = line.family === 'SITE' && line.argument !== ''
      return reply(unknown ? 504 : 501, `Say HELP ${line.family} to see the ${line.family} commands.`)
    }
    return reply(500, 'Unknown command.')
  }

  #tooLong(): Reply {
    this.#longLines++
    if (this.#longLines < BOUNDS.longLines) return reply(500, 'The command line is too long.')
    return refusal(421, 'Too many over-long command lines.', 'close', FLOOD)
  }

  #send(answer: Reply): void {
    this.#speaker.send(answer)
  }
}
