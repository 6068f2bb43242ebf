/** What client and server said to each other since the connection: the beginning and the latest lines, within a size. */
import type { FtpEvent } from '../ftp/events.ts'

export interface TranscriptLine {
  /** Grows by one for each line of the session, also for those that are no longer kept. */
  readonly number: number
  /** Wall clock, milliseconds since 1970. */
  readonly at: number
  readonly from: 'client' | 'server' | 'note'
  /** Printable; passwords are `****` as in the engine's events. */
  readonly text: string
}

/** Lines from the beginning that are never given up: they tell who came and how he logged in. */
const BEGINNING = 30
/** Characters of a line. */
const LONGEST = 512
/** Lines that may have been given up before the others move into their places. */
const GIVEN = 64
/** What a line costs beside its characters, roughly. */
const OVERHEAD = 80

export class Transcript {
  readonly #beginning: TranscriptLine[] = []
  /** Behind the places of those that have been given up: to take each from the front would move all the others. */
  #latest: (TranscriptLine | undefined)[] = []
  #given = 0
  #count = 0
  #size = 0

  /** Adds a line; the oldest behind the beginning give way until everything fits the size, in bytes. */
  add(from: TranscriptLine['from'], text: string, at: number, size: number): void {
    const line = { number: ++this.#count, at, from, text: shortened(text) }
    this.#size += costOf(line)
    if (this.#beginning.length < BEGINNING) this.#beginning.push(line)
    else this.#latest.push(line)
    for (let oldest = this.#latest[this.#given]; oldest && this.#size > size; oldest = this.#latest[this.#given]) {
      this.#size -= costOf(oldest)
      this.#latest[this.#given++] = undefined
    }
    if (this.#given <= GIVEN) return
    this.#latest = this.#latest.slice(this.#given)
    this.#given = 0
  }

  /** The kept lines behind a number; a gap in the numbers is where lines were given up. */
  lines(after = 0): TranscriptLine[] {
    const all = [...this.#beginning, ...this.#latest.filter((line) => line !== undefined)]
    return after === 0 ? all : all.filter(({ number }) => number > after)
  }

  /** Number of the last line, 0 before the first. */
  get last(): number {
    return this.#count
  }

  /** Bytes it takes, roughly. */
  get size(): number {
    return this.#size
  }
}

/** Tells what an event adds to the transcript of its session, line by line. */
export function eachLine(event: FtpEvent, add: (from: TranscriptLine['from'], text: string) => void): void {
  switch (event.kind) {
    case 'command':
      return add('client', event.text)
    case 'reply': {
      const { code, lines } = event
      // Lines inside a reply stand as they are, but for the first (RFC 959 section 4.2).
      for (let at = 0; at < lines.length; at++) {
        const line = lines[at] ?? ''
        add('server', at === lines.length - 1 ? `${code} ${line}` : at === 0 ? `${code}-${line}` : line)
      }
      return
    }
    case 'messages-sent':
      for (const text of event.texts) add('server', `Message from the administrator: ${text}`)
      return
    case 'secured':
      return add('note', `${event.protocol} ${event.cipher}`)
    case 'session-closed':
      return add('note', event.reason)
    default:
  }
}

function costOf({ text }: TranscriptLine): number {
  return text.length + OVERHEAD
}

function shortened(text: string): string {
  if (text.length <= LONGEST) return text
  // A copy: a mere slice would keep the whole line in memory.
  return `${Buffer.from(text.slice(0, LONGEST), 'utf16le').toString('utf16le')}…`
}
