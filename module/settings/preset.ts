/** The factory preset: everything for a start without a person, applied only while nothing is stored (design section 8). */
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { z } from 'zod'
import { parsedJson, UnreadableFile } from './durable-file.ts'
import { errorCode } from './error-code.ts'
import { checked, SettingsError } from './problems.ts'
import { checkParts, storedParts } from './schema.ts'
import { accountName, userName } from './values.ts'

/** Bytes of a password; hashing more would only serve who wants to keep the machine busy. */
export const PASSWORD_BYTES = 1024

const password = z
  .string({ error: 'must be a text' })
  .min(1, 'must not be empty')
  .refine((text) => Buffer.byteLength(text) <= PASSWORD_BYTES, `must be at most ${PASSWORD_BYTES} bytes long`)
  // oxlint-disable-next-line no-control-regex
  .refine((text) => !/[\x00\r\n]/.test(text), 'must not hold NUL, CR or LF: FTP cannot send them')

const administrator = z.strictObject({
  name: accountName,
  password: password.min(8, 'must be at least 8 characters long'),
})

const user = z.strictObject({
  name: userName,
  password,
  groups: z.array(accountName).max(64).default([]),
  enabled: z.boolean().default(true),
})

const webName = z
  .string()
  .regex(/^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,62}\.?)*$/, 'must be a host name in small letters such as router.lan')

/** Where the embedded shell serves its pages, and under which names. */
export const webAddress = z.strictObject({
  address: z.union([z.ipv4(), z.ipv6()], { error: 'must be an IPv4 or IPv6 address' }).default('127.0.0.1'),
  port: z.int().min(0).max(65535).default(8080).describe('Port of the web pages; 0 = any free port.'),
  https: z.boolean().default(false).describe('Whether the web pages are served over HTTPS.'),
  certificate: z.string().max(255).optional().describe('Certificate of the web pages; absent = the self-signed one.'),
  names: z
    .array(webName)
    .max(16)
    .default([])
    .describe(
      'Host names under which browsers reach the web pages, besides the name of the machine and its addresses.',
    ),
})

export const preset = z
  .strictObject({
    ...storedParts,
    administrator: administrator.optional().describe('Who may use the web pages.'),
    web: webAddress.optional().describe('Where the web pages are served.'),
    groups: z.array(accountName).max(1000).default([]).describe('Groups besides those the users name.'),
    users: z.array(user).max(10_000).superRefine(uniqueNames).default([]),
  })
  .superRefine(checkParts)

export type Preset = z.infer<typeof preset>
export type WebAddress = z.infer<typeof webAddress>

/** Reads a preset. Throws `SettingsError`, whose lines begin with the name of the file. */
export async function readPreset(path: string): Promise<Preset> {
  const name = basename(path)
  let value: unknown
  try {
    value = parsedJson(await readFile(path, 'utf8'))
  } catch (error) {
    if (error instanceof UnreadableFile) throw new SettingsError([{ path: '', text: error.message }], name)
    const code = errorCode(error)
    throw new SettingsError([{ path: '', text: `cannot be read (${code})` }], path)
  }
  return checked(preset, value, name)
}

/** The JSON Schema (draft 2020-12) of a preset. */
export function presetSchema(): object {
  return z.toJSONSchema(preset, { io: 'input' })
}

function uniqueNames(users: readonly { name: string }[], context: z.RefinementCtx): void {
  const seen = new Set<string>()
  for (const [at, { name }] of users.entries()) {
    if (seen.has(name))
      context.addIssue({ code: 'custom', message: 'must be unique among the users', path: [at, 'name'] })
    seen.add(name)
  }
}
