/** The reply codes whose text the administrator may choose: those whose text no client reads as data. */
import type { ReplyCode } from '../ftp/reply.ts'

// 150, 211 to 215, 227, 229, 257 and the like carry values that clients parse; 220, 221 and 230 have settings of their own.
const CODES = [
  200, 202, 225, 226, 250, 331, 350, 421, 425, 426, 431, 450, 451, 452, 500, 501, 502, 503, 504, 521, 522, 530, 533,
  534, 536, 537, 550, 551, 552, 553, 554, 556,
] as const satisfies readonly ReplyCode[]

/** The reply code a text means, undefined where its text cannot be chosen. */
export function replyCode(text: string): ReplyCode | undefined {
  return CODES.find((code) => String(code) === text)
}
