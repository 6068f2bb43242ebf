/** Replies (RFC 959 section 4.2): values made where they are decided and written by the control connection alone. */
import { protocolVerdict } from './protocol-verdict.ts'
import type { Verdict } from './verdict.ts'

/** Every code the server sends: 100 carries a message alone, the others are of RFC 959 section 4.2.2, RFC 2228 section 5, RFC 2389, RFC 2428 section 3 and draft-bryan-ftpext-hash. */
export type ReplyCode =
  | 100
  | 150
  | 200
  | 202
  | 211
  | 212
  | 213
  | 214
  | 215
  | 220
  | 221
  | 225
  | 226
  | 227
  | 229
  | 230
  | 234
  | 250
  | 257
  | 331
  | 350
  | 421
  | 425
  | 426
  | 431
  | 450
  | 451
  | 452
  | 500
  | 501
  | 502
  | 503
  | 504
  | 521
  | 522
  | 530
  | 533
  | 534
  | 536
  | 537
  | 550
  | 551
  | 552
  | 553
  | 554
  | 556

/** What happens once the reply is on its way. */
export type AfterReply = 'secure' | 'clear' | 'close'

export interface Reply {
  readonly code: ReplyCode
  /** One line each, without the code and without the end of line; at least one. */
  readonly lines: readonly string[]
  readonly after?: AfterReply
  /** The administrator worded this very reply: no global text replaces it. */
  readonly own?: true
  /** The next reply is most likely made within moments: both may travel together. */
  readonly soon?: true
  /** Why it refuses; every negative reply has one. */
  readonly verdict?: Verdict
}

/** A reply of one line. */
export function reply(code: ReplyCode, text: string, after?: AfterReply): Reply {
  return after ? { code, lines: [text], after } : { code, lines: [text] }
}

/** A reply of several lines: a first line, items that clients read line by line, and a last line. */
export function multiline(code: ReplyCode, first: string, items: readonly string[], last: string): Reply {
  return { code, lines: [first, ...items.map((item) => ` ${item}`), last] }
}

/** A negative reply with what decided it; without a verdict the protocol did. */
export function refusal(code: ReplyCode, text: string, after?: AfterReply, verdict = protocolVerdict(code)): Reply {
  return { ...reply(code, text, after), verdict }
}

/** A negative reply decided by a command: thrown, because it ends whatever was going on. */
export class Refusal extends Error {
  readonly reply: Reply
  readonly verdict: Verdict
  /** Whether a rule decided; else the command was not possible here whatever the rules. */
  readonly ruled: boolean
  constructor(code: ReplyCode, text: string, verdict?: Verdict, after?: AfterReply) {
    super(`${code} ${text}`)
    this.name = 'Refusal'
    this.verdict = verdict ?? protocolVerdict(code)
    this.ruled = verdict !== undefined
    this.reply = refusal(code, text, after, this.verdict)
  }

  /** A refusal whose reply has been made already. */
  static with(answer: Reply, verdict: Verdict): Refusal {
    const refused = new Refusal(answer.code, answer.lines.join(' '), verdict, answer.after)
    return Object.assign(refused, { reply: { ...answer, verdict } })
  }
}
