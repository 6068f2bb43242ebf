/**
 * The conversation of the administrators with one client: one for the session, whoever of them looks at it. The client
 * writes `SITE MSG`; what is written to him travels with the replies of the engine.
 */

export interface ChatLine {
  /** Grows by one for each line. */
  readonly number: number
  /** Wall clock, milliseconds since 1970. */
  readonly at: number
  readonly from: 'client' | 'administrator'
  /** Which administrator. */
  readonly by?: string
  readonly text: string
}

/** Lines kept; the oldest go first. */
const KEPT = 200
/** Characters of a line: it must fit one line of a reply. */
export const LONGEST_MESSAGE = 400

export class Chat {
  readonly #lines: ChatLine[] = []
  #count = 0
  #waiting = 0

  /** Adds a line, made printable and cut to {@link LONGEST_MESSAGE}. */
  add(line: Omit<ChatLine, 'number'>): ChatLine {
    const added = { ...line, text: messageText(line.text), number: ++this.#count }
    this.#lines.push(added)
    if (line.from === 'administrator') this.#waiting++
    if (this.#lines.length > KEPT) this.#lines.shift()
    return added
  }

  /** So many lines of administrators are on their way to the client, the oldest first. */
  sent(count: number): void {
    this.#waiting -= count
  }

  /** Lines of administrators that no reply has carried to the client yet. */
  get waiting(): number {
    return this.#waiting
  }

  /** The kept lines behind a number. */
  lines(after = 0): ChatLine[] {
    return this.#lines.filter(({ number }) => number > after)
  }

  /** Number of the last line, 0 before the first. */
  get last(): number {
    return this.#count
  }
}

/** One printable line: control characters, among them CR and LF, become spaces. */
export function messageText(text: string): string {
  const printable = text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim()
  // Cut between characters, never inside one.
  return printable.length <= LONGEST_MESSAGE
    ? printable
    : printable.slice(0, LONGEST_MESSAGE).replace(/[\ud800-\udbff]$/, '')
}
