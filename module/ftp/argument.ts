/** Parsers of command arguments: what comes out is typed, what cannot be meant is refused with 501 (RFC 959 section 5.3.2). */
import type { Parser } from './command.ts'
import { resolvePathname } from './pathname.ts'
import type { VirtualPath } from './pathname.ts'
import { Refusal } from './reply.ts'

/** No argument; a surplus one is ignored, as old clients send it. */
export const nothing: Parser<void> = () => undefined

/** No argument; a surplus one is refused (RFC 2389 section 3.2). */
export const strictlyNothing: Parser<void> = (text) => {
  if (text !== '') throw new Refusal(501, 'This command takes no argument.')
}

/** Any text but none, without NUL. */
export const word: Parser<string> = (text) => {
  if (text === '') throw new Refusal(501, 'An argument is missing.')
  return withoutNul(text)
}

/** Any text, also none. */
export const optionalWord: Parser<string> = (text) => withoutNul(text)

/** A pathname, resolved against the working directory. */
export const pathname: Parser<VirtualPath> = (text, session) => {
  if (text === '') throw new Refusal(501, 'A pathname is missing.')
  return resolvePathname(session.directory, text)
}

/** A pathname, or the working directory where there is none. */
export const optionalPathname: Parser<VirtualPath> = (text, session) => resolvePathname(session.directory, text)

/** Octets: decimal digits, at most 2^53 - 1. Signs, other digits and exponents are not numbers here (attack 37). */
export function octets(text: string): number {
  if (!/^[0-9]{1,19}$/.test(text)) throw new Refusal(501, 'A number of octets is expected.')
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new Refusal(501, 'The number is too large.')
  return value
}

/** A word, and the pathname behind the space after it. */
export function wordAndPathname(text: string): { first: string; rest: string } {
  const at = text.indexOf(' ')
  if (at <= 0 || at === text.length - 1) throw new Refusal(501, 'Two arguments are expected.')
  return { first: withoutNul(text.slice(0, at)), rest: text.slice(at + 1) }
}

function withoutNul(text: string): string {
  if (text.includes('\0')) throw new Refusal(501, 'An argument cannot hold NUL.')
  return text
}
