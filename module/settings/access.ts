/** IP access rules and anti-hammering as they are stored (product section 6). */
import { z } from 'zod'

/** Text on one line: no control characters. */
const line = (maximum: number) =>
  z
    .string()
    .trim()
    .max(maximum)
    // oxlint-disable-next-line no-control-regex
    .regex(/^[^\x00-\x1f\x7f]*$/, 'must be one line without control characters')

/**
 * One rule of an ordered list. The mask is kept as text; whether it means anything is checked where the mask language lives
 * (`checkRules` of the access folder), because only that check can say what was meant.
 */
export const accessRule = z.strictObject({
  action: z.enum(['allow', 'deny']),
  mask: line(255).min(1),
  note: line(200).default(''),
  /** From this moment on the rule matches nothing; it stays in the list until somebody removes it. */
  expires: z.iso.datetime({ offset: true }).optional(),
})

/** An ordered list: the first rule that matches decides. Empty = everyone is admitted. */
export const accessRules = z.array(accessRule).max(10_000)

/** Anti-hammering: `failures` failed logins within `seconds` ban the address for `minutes`, doubled for repeaters up to a day. */
export const hammering = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether failed logins ban their address.'),
  failures: z.int().min(1).max(100).default(6).describe('Failed logins that ban an address.'),
  seconds: z.int().min(1).max(86_400).default(300).describe('Seconds in which they have to come.'),
  minutes: z
    .int()
    .min(1)
    .max(24 * 60)
    .default(30)
    .describe('Minutes of a first ban; doubled for repeaters, up to a day.'),
  banLan: z
    .boolean()
    .default(false)
    .describe('Whether addresses of the LAN are banned as well; else they are only delayed.'),
})

/** Who may come in from where, before anything else is asked. */
export const access = z.strictObject({
  rules: accessRules
    .default([])
    .describe(
      'IP access rules, the first that matches decides: `action`, `mask`, `note`, `expires`. Empty = everyone.',
    ),
  tellDenied: z
    .boolean()
    .default(false)
    .describe(
      'Whether addresses that rules or blocks keep out are told so with 421; else they are closed without a word.',
    ),
  hammering: hammering.prefault({}),
})

export type AccessRule = z.infer<typeof accessRule>
export type HammeringSettings = z.infer<typeof hammering>
