/** What is known of one session, live or finished: made of the engine's events and shown as a plain row. */
import type { Client } from '../ftp/backend.ts'
import type { CloseReason, FtpEvent, TransferEnd, TransferStart } from '../ftp/events.ts'
import { Chat } from './chat.ts'
import { Speed } from './speed.ts'
import { eachLine, Transcript } from './transcript.ts'

export interface TransferRow {
  readonly direction: TransferStart['direction']
  readonly verb: string
  readonly path: string
  /** Bytes moved in this transfer. */
  readonly bytes: number
  /** Bytes from the start of the file at which it began. */
  readonly offset: number
  /** Bytes of the whole file, where known. */
  readonly size?: number
  /** 0 to 1, where the size is known. */
  readonly progress?: number
  readonly bytesPerSecond: number
  readonly secure: boolean
}

export interface SessionRow {
  readonly id: string
  readonly address: string
  readonly port: number
  readonly domain: string
  /** Undefined before the login. */
  readonly user?: string
  readonly guest: boolean
  /** Client program, as it named itself. */
  readonly program: string
  readonly secure: boolean
  readonly folder: string
  /** Wall clock, milliseconds since 1970. */
  readonly since: number
  /** Seconds since the last command or byte; 0 while data flows. */
  readonly idle: number
  /** When that was: wall clock, milliseconds since 1970. */
  readonly activeAt: number
  /** The last command; `now` tells whether it is still being done. */
  readonly verb: string
  readonly now: 'connected' | 'idle' | 'command' | TransferStart['direction']
  readonly transfer?: TransferRow
  readonly failedLogins: number
  readonly downloaded: number
  readonly uploaded: number
  readonly ended?: { readonly at: number; readonly reason: CloseReason; readonly seconds: number }
}

/** What sessions are found and sorted by, to be had without making their rows; `now` in monotonic milliseconds. */
export interface Glance {
  readonly address: string
  readonly domain: string
  readonly user: string | undefined
  readonly program: string
  readonly secure: boolean
  readonly since: number
  readonly transferring: boolean
  readonly path: string
  idle(now: number): number
  /** Undefined without a transfer. */
  bytesPerSecond(now: number): number | undefined
}

interface Running {
  readonly start: TransferStart
  readonly speed: Speed
  bytes: number
}

export class SessionRecord implements Glance {
  readonly client: Client
  readonly transcript = new Transcript()
  readonly chat = new Chat()
  #domain: string
  #secure: boolean
  #user: string | undefined
  /** Who it was, for a session that has logged out and ended. */
  #lastUser: string | undefined
  #guest = false
  #program = ''
  #folder = '/'
  #verb = ''
  #busy = false
  /** Of the last command or byte, monotonic and wall. */
  #active: number
  #activeAt: number
  #running: Running | undefined
  #failedLogins = 0
  #downloaded = 0
  #uploaded = 0
  #ended: SessionRow['ended']

  constructor(event: Extract<FtpEvent, { kind: 'session-opened' }>, now: number) {
    this.client = event.session
    this.#domain = event.domain
    this.#secure = event.secure
    this.#active = now
    this.#activeAt = event.session.since
  }

  /** Takes in an event of this session; monotonic and wall milliseconds, and the bytes its transcript may take. */
  observe(event: FtpEvent, now: number, wall: number, size: number): void {
    eachLine(event, (from, text) => this.transcript.add(from, text, wall, size))
    switch (event.kind) {
      case 'command':
        this.#verb = event.verb
        this.#busy = true
        this.#touch(now, wall)
        break
      case 'reply':
        // A mark says that the command goes on (RFC 959 section 4.2.1).
        if (event.code >= 200) this.#busy = false
        this.#touch(now, wall)
        break
      case 'message':
        this.chat.add({ at: wall, from: 'client', text: event.text })
        break
      case 'messages-sent':
        this.chat.sent(event.texts.length)
        break
      case 'session-closed':
        this.#ended = { at: wall, reason: event.reason, seconds: event.seconds }
        this.#busy = false
        this.#running = undefined
        break
      case 'transfer-started':
        this.#running = { start: event.transfer, speed: new Speed(now), bytes: 0 }
        break
      case 'transfer-progress':
        this.#moved(event.id, event.bytes, now)
        break
      case 'transfer-ended':
        this.#transferred(event.transfer)
        this.#touch(now, wall)
        break
      default:
        this.#observeState(event)
    }
  }

  #observeState(event: FtpEvent): void {
    if (event.kind === 'secured') this.#secure = true
    else if (event.kind === 'domain-chosen') this.#domain = event.domain
    else if (event.kind === 'client-named') this.#program = event.name
    else if (event.kind === 'directory') this.#folder = event.path
    else if (event.kind === 'login-failed') this.#failedLogins++
    else if (event.kind === 'login') {
      this.#user = this.#lastUser = event.user
      this.#guest = event.guest
    } else if (event.kind === 'logout') {
      this.#user = undefined
      this.#guest = false
      this.#folder = '/'
    }
  }

  #moved(id: number, bytes: number, now: number): void {
    if (this.#running?.start.id !== id) return
    this.#running.bytes = bytes
    this.#running.speed.moved(bytes, now)
  }

  #transferred({ direction, bytes }: TransferEnd): void {
    this.#running = undefined
    if (direction === 'upload') this.#uploaded += bytes
    else if (direction === 'download') this.#downloaded += bytes
  }

  #touch(now: number, wall: number): void {
    this.#active = now
    this.#activeAt = wall
  }

  get address(): string {
    return this.client.address
  }

  get since(): number {
    return this.client.since
  }

  get domain(): string {
    return this.#domain
  }

  get user(): string | undefined {
    return this.#user ?? (this.#ended ? this.#lastUser : undefined)
  }

  get program(): string {
    return this.#program
  }

  get secure(): boolean {
    return this.#secure
  }

  get transferring(): boolean {
    return this.#running !== undefined
  }

  /** Of the file that moves, else the folder. */
  get path(): string {
    return this.#running?.start.path ?? this.#folder
  }

  idle(now: number): number {
    return this.#running || this.#ended ? 0 : Math.floor((now - this.#active) / 1000)
  }

  bytesPerSecond(now: number): number | undefined {
    return this.#running?.speed.perSecond(now)
  }

  row(now: number): SessionRow {
    const { user } = this
    const transfer = this.#running && transferRow(this.#running, now)
    return {
      id: this.client.id,
      address: this.client.address,
      port: this.client.port,
      domain: this.#domain,
      ...(user === undefined ? {} : { user }),
      guest: this.#guest,
      program: this.#program,
      secure: this.#secure,
      folder: this.#folder,
      since: this.client.since,
      activeAt: this.#activeAt,
      idle: this.idle(now),
      verb: this.#verb,
      now: transfer?.direction ?? (this.#busy ? 'command' : user === undefined ? 'connected' : 'idle'),
      ...(transfer ? { transfer } : {}),
      failedLogins: this.#failedLogins,
      downloaded: this.#downloaded,
      uploaded: this.#uploaded,
      ...(this.#ended ? { ended: this.#ended } : {}),
    }
  }
}

function transferRow({ start, speed, bytes }: Running, now: number): TransferRow {
  const { direction, verb, path, offset, size, secure } = start
  const row = { direction, verb, path, offset, secure, bytes, bytesPerSecond: speed.perSecond(now) }
  if (size === undefined) return row
  return { ...row, size, progress: size === 0 ? 1 : Math.min((offset + bytes) / size, 1) }
}
