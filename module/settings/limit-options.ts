/** Single settings in the form in which the engine takes them. */
import type { SpeedLimit } from '../ftp/backend.ts'
import type { ReplyCode } from '../ftp/reply.ts'
import { replyCode } from './reply-codes.ts'
import type { Limit } from './values.ts'
import { UNLIMITED } from './values.ts'

/** A limit as the engine wants it: Infinity = unlimited. */
export function orInfinity(limit: Limit): number {
  return limit === UNLIMITED ? Infinity : limit
}

/** The list of speed limits that one setting stands for. */
export function speed(key: string, limit: Limit): readonly SpeedLimit[] {
  return limit === UNLIMITED ? [] : [{ key, bytesPerSecond: limit }]
}

/** The texts that the administrator chose for reply codes. */
export function replyTexts(replies: Readonly<Record<string, string>>): ReadonlyMap<ReplyCode, string> {
  const texts = new Map<ReplyCode, string>()
  for (const [text, value] of Object.entries(replies)) {
    const code = replyCode(text)
    if (code !== undefined) texts.set(code, value)
  }
  return texts
}
