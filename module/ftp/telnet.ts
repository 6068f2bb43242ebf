/**
 * From octets of the control connection to command lines: the part of Telnet that RFC 959 section 5.3.1 and RFC 1123 section
 * 4.1.2.12 ask of a server, and the ends of lines that clients really send.
 */

/** What the octets meant, in the order received. */
export type LineEvent =
  /** A command line without its end and without Telnet; never empty, may hold NUL or a bare CR. */
  | { kind: 'line'; octets: Buffer }
  /** A line grew beyond the maximum; its rest is discarded and never becomes a line. */
  | { kind: 'too-long' }
  /** Refusals of Telnet options, to be written as they are. */
  | { kind: 'answer'; octets: Buffer }

const NUL = 0
const LF = 10
const CR = 13
const SE = 0xf0
const DM = 0xf2
const IP = 0xf4
const SB = 0xfa
const WILL = 0xfb
const WONT = 0xfc
const DO = 0xfd
const DONT = 0xfe
const IAC = 0xff

/** Octets of a subnegotiation after which its end is not waited for any longer. */
const LONGEST_SUBNEGOTIATION = 1024

const NOTHING = Buffer.alloc(0)
const ESCAPED_IAC = Buffer.of(IAC)

/** What the next octet is: of a line, behind an IAC, an option of that verb, of a subnegotiation, behind an IAC in one. */
type State = 'data' | 'command' | typeof WILL | typeof WONT | typeof DO | typeof DONT | 'subnegotiation' | 'end'

/** Makes command lines of one control connection, however the network cuts it; holds at most one unfinished line. */
export class LineReader {
  readonly #maximum: number
  #events: LineEvent[] = []
  /** Answers not yet in the events: a flood of negotiation becomes one write for each chunk. */
  #refusals: number[] = []
  #state: State = 'data'
  #skipped = 0
  #line = NOTHING
  #length = 0
  #discarding = false

  /** The most octets that a line may have, without its end. */
  constructor(maximumOctets: number) {
    this.#maximum = maximumOctets
  }

  /** Takes the next octets and answers what they completed. Keeps no reference to the chunk except in the events. */
  push(chunk: Buffer): LineEvent[] {
    this.#events = []
    let at = 0
    while (at < chunk.length) {
      if (this.#state !== 'data') {
        at = this.#command(chunk.readUInt8(at), at)
        continue
      }
      const command = chunk.indexOf(IAC, at)
      const end = command === -1 ? chunk.length : command
      if (end > at) this.#data(at === 0 && command === -1 ? chunk : chunk.subarray(at, end))
      if (command === -1) break
      this.#state = 'command'
      at = command + 1
    }
    this.#endUrgentAbort()
    this.#emitAnswers()
    const events = this.#events
    this.#events = []
    return events
  }

  /** Whether nothing of an unfinished line is buffered. */
  get empty(): boolean {
    return this.#length === 0 && !this.#discarding && this.#state === 'data'
  }

  /** Forgets everything buffered, as before a TLS handshake. */
  clear(): void {
    this.#state = 'data'
    this.#forgetLine()
    this.#discarding = false
  }

  /** Takes one octet that is not of a line; answers where to go on. */
  #command(octet: number, at: number): number {
    switch (this.#state) {
      case 'command':
        return this.#afterIac(octet, at)
      case WILL:
      case DO:
        this.#refusals.push(IAC, this.#state === WILL ? DONT : WONT, octet)
        this.#state = 'data'
        return at + 1
      case 'subnegotiation':
      case 'end':
        this.#skipped += 1
        if (this.#state === 'end' && octet === SE) this.#state = 'data'
        else if (this.#skipped >= LONGEST_SUBNEGOTIATION) this.#state = 'data'
        else this.#state = this.#state === 'subnegotiation' && octet === IAC ? 'end' : 'subnegotiation'
        return at + 1
      default:
        this.#state = 'data'
        return at + 1
    }
  }

  #afterIac(octet: number, at: number): number {
    this.#state = 'data'
    // The Data Mark of a Synch travelled as urgent data and was lost: what follows its IAC is an octet of the line.
    if (octet < SE) return at
    if (octet === IAC) this.#keep(ESCAPED_IAC)
    else if (octet === WILL || octet === WONT || octet === DO || octet === DONT) this.#state = octet
    else if (octet === SB) {
      this.#state = 'subnegotiation'
      this.#skipped = 0
    }
    return at + 1
  }

  #data(run: Buffer): void {
    for (let from = 0; from < run.length;) {
      // Empty lines are passed over at once: a flood of them must not cost more than one of letters.
      const empty = run[from] === LF || (run[from] === CR && run[from + 1] === LF)
      if (empty && this.#length === 0 && !this.#discarding) {
        from += 1
        continue
      }
      const end = run.indexOf(LF, from)
      if (end === -1) return this.#keep(from === 0 ? run : run.subarray(from))
      this.#finish(run.subarray(from, end))
      from = end + 1
    }
  }

  /** An LF came: what is buffered and this last piece are a line. */
  #finish(piece: Buffer): void {
    if (this.#discarding) {
      this.#discarding = false
      return
    }
    let line = piece
    if (this.#length > 0) line = Buffer.concat([this.#line.subarray(0, this.#length), piece])
    this.#forgetLine()
    if (endOfText(line) > this.#maximum || line.length > this.#maximum + 1) this.#emit({ kind: 'too-long' })
    else this.#emitLine(line)
  }

  /** Buffers a piece of an unfinished line; one octet more than the maximum, for its CR. */
  #keep(piece: Buffer): void {
    if (this.#discarding) return
    const length = this.#length + piece.length
    if (length > this.#maximum + 1) {
      this.#forgetLine()
      this.#discarding = true
      this.#emit({ kind: 'too-long' })
      return
    }
    if (length > this.#line.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(this.#maximum + 1, Math.max(64, 2 * length)))
      this.#line.copy(larger, 0, 0, this.#length)
      this.#line = larger
    }
    piece.copy(this.#line, this.#length)
    this.#length = length
  }

  #forgetLine(): void {
    this.#line = NOTHING
    this.#length = 0
  }

  #emitLine(raw: Buffer): void {
    let line = raw.subarray(startOfText(raw), endOfText(raw))
    // CR NUL is how Telnet writes a CR that ends nothing (RFC 854, the carriage return).
    if (line.includes(NUL)) line = Buffer.from(line.toString('latin1').replaceAll('\r\0', '\r'), 'latin1')
    if (line.length > 0) this.#emit({ kind: 'line', octets: line })
  }

  /**
   * A client that sends ABOR and its end of line as urgent data loses the last octet, the LF, on its way through the socket:
   * the CR is then the end of the line. Should the LF come yet, it ends an empty line, which is no line.
   */
  #endUrgentAbort(): void {
    if (this.#length < 5 || this.#line[this.#length - 1] !== CR) return
    const line = this.#line.subarray(0, this.#length)
    if (line.length - startOfText(line) !== 5 || !/^abor\r$/i.test(line.toString('latin1', startOfText(line)))) return
    this.#finish(NOTHING)
  }

  #emit(event: LineEvent): void {
    this.#emitAnswers()
    this.#events.push(event)
  }

  #emitAnswers(): void {
    if (this.#refusals.length === 0) return
    this.#events.push({ kind: 'answer', octets: Buffer.from(this.#refusals) })
    this.#refusals = []
  }
}

/** Where a line begins behind what is left of a Synch whose urgent octet was lost. */
function startOfText(line: Buffer): number {
  let start = 0
  while (line[start] === DM || line[start] === IP || line[start] === IAC) start += 1
  return start
}

/** Where a line ends before its CRs; some clients send CR CR LF. */
function endOfText(line: Buffer): number {
  let end = line.length
  while (end > 0 && line[end - 1] === CR) end -= 1
  return end
}
