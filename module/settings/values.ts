/** Values that several parts of the settings are made of: names, networks, limits and texts sent to clients. */
import { z } from 'zod'

/** Part of a refusal: what a folder of clients may be. */
const FOLDER_RULE = 'must be a path as clients see it, such as "/Scans", without "..", "//" or a "/" at the end'

/** Part of a refusal: what a name of an account may be. */
const NAME_RULE =
  'must be 1 to 64 characters without control characters, "/", "\\" or ":", and not ".", ".." or "__proto__"'

/** The name of a user or a group. It may become the name of a folder (`%USER%`), so it must be a safe one. */
export const accountName = z.string({ error: NAME_RULE }).refine(safeName, NAME_RULE)

function safeName(name: string): boolean {
  // `__proto__` would be lost among the names of an object.
  if (['', '.', '..', '__proto__'].includes(name) || name.length > 64 || name.trim() !== name) return false
  // Control characters, separators, and the marks that turn the direction of text and so disguise a name.
  return !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}/\\:]/u.test(name)
}

/** The names that log in without a password (RFC 1635); no user may be called so. */
export const GUEST_NAMES: readonly string[] = ['anonymous', 'ftp']

/** An account name that is not one of the guests'. */
export const userName = accountName.refine(
  (name) => !GUEST_NAMES.includes(name.toLowerCase()),
  'must not be "anonymous" or "ftp": these are the names of guests',
)

/** A network as CIDR, or one address. */
export const network = z.union([z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()], {
  error: 'must be an IPv4 or IPv6 address or a network such as 192.168.0.0/16',
})

export const networks = z.array(network).max(256)

/** A folder as clients see it: `/`, or the names from the top of the tree. */
export const virtualFolder = z
  .string()
  .max(4096)
  .regex(/^\//, FOLDER_RULE)
  .refine((path) => path === '/' || path.slice(1).split('/').every(possiblePart), FOLDER_RULE)

function possiblePart(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[\p{Cc}\p{Cs}]/u.test(name)
}

/** An IANA time zone. */
export const timeZone = z.string().refine(knownTimeZone, 'must be a time zone such as "Europe/Berlin"')

function knownTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/** A number of something, or the word for no limit. */
export const UNLIMITED = 'unlimited'

/** A whole number of at least 1, or `unlimited`. */
export const limit = z.union([z.literal(UNLIMITED), z.int().min(1).max(Number.MAX_SAFE_INTEGER)], {
  error: 'must be a whole number of at least 1, or "unlimited"',
})
export type Limit = z.infer<typeof limit>

/** Lines sent to clients, separated by LF. */
export const clientText = (lines: number) =>
  z
    .string()
    .max(lines * 400)
    // NUL, CR and the other controls could break the reply; lone surrogates stand for octets such as Telnet's IAC.
    .refine((text) => !/[\p{Cc}\p{Cs}]/u.test(text.replaceAll('\n', '')), 'must not hold control characters')
    .refine((text) => text.split('\n').length <= lines, `must have at most ${lines} line${lines === 1 ? '' : 's'}`)
    .refine((text) => text.split('\n').every((line) => line.length <= 400), 'must have lines of at most 400 characters')
