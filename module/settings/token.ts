/** API tokens as they are stored: never the token itself, only its SHA-256. */
import { z } from 'zod'

const DATE_RULE = 'must be a date and time such as 2026-12-31T23:59:00Z'
const NOTE_RULE = 'must be one line of 1 to 100 characters'

/** What may be said of a new token. */
export const tokenRequest = z.strictObject({
  note: z
    .string({ error: NOTE_RULE })
    .trim()
    .min(1, NOTE_RULE)
    .max(100, NOTE_RULE)
    .refine((text) => !/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u.test(text), NOTE_RULE)
    .describe('What it is for.'),
  permission: z.enum(['view', 'operate', 'manage']).describe('What its bearer may do.'),
  expires: z.iso.datetime({ offset: true, error: DATE_RULE }).optional().describe('Absent = never.'),
})

export const storedToken = z.strictObject({
  ...tokenRequest.shape,
  id: z.string().regex(/^[a-z0-9]{1,32}$/, 'must be 1 to 32 small letters and digits'),
  hash: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'must be the SHA-256 of the token in 64 hexadecimal digits')
    .describe('SHA-256 of the whole token, in hexadecimal digits.'),
  created: z.iso.datetime({ offset: true, error: DATE_RULE }).optional(),
})

/** Tokens of the API, each with another id. */
export const storedTokens = z
  .array(storedToken)
  .max(100)
  .default([])
  .superRefine((tokens, context) => {
    const seen = new Set<string>()
    for (const [at, { id }] of tokens.entries()) {
      if (seen.has(id))
        context.addIssue({ code: 'custom', message: 'must be unique among the tokens', path: [at, 'id'] })
      seen.add(id)
    }
  })

export type TokenRequest = z.infer<typeof tokenRequest>
export type StoredToken = z.infer<typeof storedToken>
