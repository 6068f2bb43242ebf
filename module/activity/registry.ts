/** Live and finished sessions: an observer of the engine that pages read as plain rows. */
import type { FtpEvent, Observer } from '../ftp/events.ts'
import { messageText, type ChatLine } from './chat.ts'
import { Picture } from './picture.ts'
import { SessionRecord, type SessionRow } from './session-record.ts'
import type { TranscriptLine } from './transcript.ts'

/** Finished sessions that stay readable. */
export const FINISHED = 100
/** Bytes that all transcripts together may take, and the least and the most of one of them. */
const TRANSCRIPTS = 32 * 1024 * 1024
const SMALLEST = 8 * 1024
const LARGEST = 128 * 1024

export interface ActivityOptions {
  /** Hands a text to the engine, to travel with the session's next replies; false if it cannot. */
  readonly deliver: (session: string, text: string) => boolean
  /** Monotonic milliseconds. */
  readonly now?: () => number
  /** Milliseconds since 1970. */
  readonly wall?: () => number
}

/** Everything about one session. */
export interface SessionDetails {
  readonly row: SessionRow
  readonly transcript: readonly TranscriptLine[]
  readonly chat: readonly ChatLine[]
  /** Lines of the chat that no reply has carried to the client yet. */
  readonly waiting: number
  /** Numbers of the last lines, to ask for what comes after. */
  readonly last: { readonly transcript: number; readonly chat: number }
}

export class Activity {
  readonly #deliver: ActivityOptions['deliver']
  readonly #now: () => number
  readonly #wall: () => number
  readonly #live = new Map<string, SessionRecord>()
  /** Oldest first. */
  readonly #finished = new Map<string, SessionRecord>()
  #version = 0

  constructor({ deliver, now = () => performance.now(), wall = Date.now }: ActivityOptions) {
    this.#deliver = deliver
    this.#now = now
    this.#wall = wall
  }

  /** Give this to the engine. */
  readonly observer: Observer = (event) => this.#observe(event)

  /** Changes whenever something happened; equal numbers mean that only time has passed. */
  get version(): number {
    return this.#version
  }

  /** Live sessions, in the order of their coming, without the cost of their rows. */
  picture(): Picture {
    return new Picture([...this.#live.values()], this.#now())
  }

  /** Live sessions, in the order of their coming. */
  rows(): SessionRow[] {
    const now = this.#now()
    return Array.from(this.#live.values(), (record) => record.row(now))
  }

  /** The last sessions that have ended, latest first. */
  finished(): SessionRow[] {
    const now = this.#now()
    return Array.from(this.#finished.values(), (record) => record.row(now)).toReversed()
  }

  /** A session, live or finished, with the lines behind the numbers that the caller has already; undefined if unknown. */
  details(id: string, seen: { readonly transcript?: number; readonly chat?: number } = {}): SessionDetails | undefined {
    const record = this.#live.get(id) ?? this.#finished.get(id)
    if (!record) return undefined
    const { transcript, chat } = record
    return {
      row: record.row(this.#now()),
      transcript: transcript.lines(seen.transcript),
      chat: chat.lines(seen.chat),
      waiting: chat.waiting,
      last: { transcript: transcript.last, chat: chat.last },
    }
  }

  /** Live sessions of an address, canonical text, without one of them. */
  othersOf(address: string, without?: string): SessionRow[] {
    const now = this.#now()
    return [...this.#live.values()]
      .filter(({ client }) => client.address === address && client.id !== without)
      .map((record) => record.row(now))
  }

  /** Writes to the client of a live session. Undefined if it is gone, if nothing was written or too much waits already. */
  send(id: string, by: string, text: string): ChatLine | undefined {
    const record = this.#live.get(id)
    const line = messageText(text)
    if (!record || line === '' || !this.#deliver(id, line)) return undefined
    this.#version++
    return record.chat.add({ at: this.#wall(), from: 'administrator', by, text: line })
  }

  /** Writes to the clients of all live sessions; answers how many were reached. */
  broadcast(by: string, text: string): number {
    let reached = 0
    for (const id of this.#live.keys()) if (this.send(id, by, text)) reached++
    return reached
  }

  #observe(event: FtpEvent): void {
    const { session } = event
    if (!session || event.kind === 'connection-refused') return
    const { id } = session
    if (event.kind === 'session-opened') this.#live.set(id, new SessionRecord(event, this.#now()))
    const record = this.#live.get(id)
    if (!record) return
    this.#version++
    record.observe(event, this.#now(), this.#wall(), this.#share())
    if (event.kind === 'session-closed') this.#finish(id, record)
  }

  /** Many sessions have short transcripts, few have long ones; a router has little memory for either. */
  #share(): number {
    const share = TRANSCRIPTS / (this.#live.size + this.#finished.size)
    return Math.min(Math.max(share, SMALLEST), LARGEST)
  }

  #finish(id: string, record: SessionRecord): void {
    this.#live.delete(id)
    this.#finished.set(id, record)
    for (const oldest of this.#finished.keys()) {
      if (this.#finished.size <= FINISHED) break
      this.#finished.delete(oldest)
    }
  }
}
