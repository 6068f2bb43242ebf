/** The one schema of everything stored: it gives the type, the check, the form, the JSON Schema and the table of the README. */
import { z } from 'zod'
import { DEFAULTS } from '../ftp/options.ts'
import { access } from './access.ts'
import { accounts } from './account.ts'
import { connection, portConflicts } from './connection.ts'
import { domains } from './domain.ts'
import { hoursOf } from './hours.ts'
import { log } from './log.ts'
import { inStep } from './passive-only.ts'
import { commands, messages } from './messages.ts'
import { resource } from './resource.ts'
import { storedTokens } from './token.ts'
import { limit, networks, timeZone, UNLIMITED, virtualFolder } from './values.ts'

const seconds = z
  .int()
  .min(1)
  .max(86_400 * 30)

/** What the hours of the server may change: limits as they are, without what holds where nothing is said. */
const hourly = {
  connections: limit,
  connectionsPerHost: limit,
  sessionsPerLogin: limit,
  sessionsPerLoginAndHost: limit,
  downloadBytesPerSecond: limit,
  uploadBytesPerSecond: limit,
  userDownloadBytesPerSecond: limit,
  userUploadBytesPerSecond: limit,
  userQuotaBytes: limit,
}

/** The names of these limits, in their order. */
export const SERVER_HOUR_LIMITS: readonly string[] = Object.keys(hourly)

const limits = z.strictObject({
  connections: limit
    .default(DEFAULTS.limits.sessions)
    .describe('Sessions at once; one more is greeted with 421 and the reason.'),
  connectionsPerHost: limit.default(UNLIMITED).describe('Sessions from one address at once.'),
  sessionsPerLogin: limit.default(UNLIMITED).describe('Sessions of one login at once, from all addresses together.'),
  sessionsPerLoginAndHost: limit.default(UNLIMITED).describe('Sessions of one login from one address at once.'),
  replaceOldestIdle: z
    .boolean()
    .default(DEFAULTS.limits.replaceOldestIdle)
    .describe('A full limit for one login and address closes its longest idle session instead of refusing (cameras).'),
  downloadBytesPerSecond: limit.default(UNLIMITED).describe('Download speed of the whole server.'),
  uploadBytesPerSecond: limit.default(UNLIMITED).describe('Upload speed of the whole server.'),
  userDownloadBytesPerSecond: limit.default(UNLIMITED).describe('Download speed of each login, where it has no own.'),
  userUploadBytesPerSecond: limit.default(UNLIMITED).describe('Upload speed of each login, where it has no own.'),
  userQuotaBytes: limit.default(UNLIMITED).describe('Bytes each login may have stored, where it has no own quota.'),
  hours: hoursOf(hourly)
    .default([])
    .describe('Other values of these limits at certain hours: `days`, `from`, `to`, `limits`.'),
})

const guests = z.strictObject({
  sessions: limit.default(20).describe('Sessions of guests at once.'),
  sessionsPerHost: limit.default(5).describe('Sessions of guests from one address at once.'),
  downloadBytesPerSecond: limit.default(UNLIMITED).describe('Download speed of all guests together.'),
  uploadBytesPerSecond: limit.default(UNLIMITED).describe('Upload speed of all guests together.'),
  startFolder: virtualFolder.optional().describe('Where a login of a guest begins; absent = at the top.'),
})

const timeouts = z.strictObject({
  login: seconds
    .default(DEFAULTS.timeouts.login)
    .describe('Seconds from the connection, or from the end of a login (REIN), to the next login.'),
  idle: z
    .union([z.literal(UNLIMITED), seconds])
    .default(DEFAULTS.timeouts.idle)
    .describe('Seconds without a command; stands still while data flows.'),
  stall: seconds.default(DEFAULTS.timeouts.stall).describe('Seconds without a byte moving on a data connection.'),
  session: limit.default(UNLIMITED).describe('Seconds a session may last in all.'),
  dataConnect: seconds
    .max(600)
    .default(DEFAULTS.timeouts.dataConnect)
    .describe('Seconds until the data connection of a transfer stands.'),
  handshake: seconds.max(600).default(DEFAULTS.timeouts.handshake).describe('Seconds a TLS handshake may take.'),
})

const tls = z.strictObject({
  policy: z
    .enum(['off', 'optional', 'login', 'data'])
    .default('optional')
    .describe('Encryption: `off`, `optional`, required for `login`, or required for login and `data`.'),
  exemptNetworks: networks.default([]).describe('Networks whose clients need not use TLS whatever `policy` says.'),
  minimum: z.enum(['TLSv1.2', 'TLSv1.3']).default('TLSv1.2').describe('Oldest version of TLS.'),
  sessionReuse: z
    .enum(['off', 'prefer', 'require'])
    .default('prefer')
    .describe('Whether a data connection must resume the TLS session of its control connection.'),
  strictEnd: z
    .boolean()
    .default(true)
    .describe('An upload whose TLS connection ends without close_notify has failed (truncation attack).'),
  certificate: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .describe("The shell's certificate to use; absent = its own choice."),
})

const logins = z.strictObject({
  ftp: z
    .boolean()
    .default(true)
    .describe('Whether users may use FTP where neither they nor their groups say otherwise.'),
  fromOutside: z.boolean().default(true).describe('Whether users may log in from outside the LAN, as above.'),
  attempts: z
    .int()
    .min(1)
    .max(100)
    .default(DEFAULTS.login.attempts)
    .describe('Failed logins before the connection is closed.'),
  failureDelaySeconds: z
    .number()
    .min(0)
    .max(60)
    .default(DEFAULTS.login.failureDelay / 1000)
    .describe('Seconds before a failed login is answered, doubled each time.'),
})

const listing = z.strictObject({
  recursive: z.boolean().default(DEFAULTS.listing.recursive).describe('Whether LIST -R and NLST -R descend.'),
  depth: z.int().min(1).max(64).default(DEFAULTS.listing.depth).describe('Levels a recursive listing descends.'),
  entries: z
    .int()
    .min(100)
    .max(10_000_000)
    .default(DEFAULTS.listing.entries)
    .describe('Entries of one recursive listing.'),
  timeZone: timeZone
    .default(DEFAULTS.listing.timeZone)
    .describe('Zone of the times in LIST; MLSD and MDTM are always UTC.'),
})

const compression = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether clients may ask for compressed transfers (MODE Z).'),
  level: z.int().min(1).max(9).default(6).describe('1 is fast, 9 is small.'),
  maximumRatio: z
    .int()
    .min(10)
    .max(2000)
    .default(200)
    .describe('How many times larger than what was received an upload may become (decompression bomb).'),
})

/** How the server behaves: the `settings` of a preset. */
export const serverSettings = z
  .strictObject({
    ...connection,
    limits: limits.prefault({}),
    guests: guests.prefault({}),
    timeouts: timeouts.prefault({}),
    tls: tls.prefault({}),
    logins: logins.prefault({}),
    messages: messages.prefault({}),
    commands: commands.prefault({}),
    listing: listing.prefault({}),
    compression: compression.prefault({}),
    access: access.prefault({}),
    log: log.prefault({}),
  })
  .superRefine((settings, context) => {
    for (const { path, message } of portConflicts({ settings, domains: [] })) {
      context.addIssue({ code: 'custom', message, path: path.slice(1) })
    }
  })
  .overwrite(inStep)

const DATE_RULE = 'must be a date and time such as 2026-12-31T23:59:00Z'

/** The parts that a settings file and a preset have in common. */
export const storedParts = {
  enabled: z.boolean().default(false).describe('Whether the server runs; a fresh machine listens on nothing.'),
  pausedUntil: z.iso
    .datetime({ offset: true, error: DATE_RULE })
    .optional()
    .describe('Switched off until this time; then it runs again by itself.'),
  settings: serverSettings.prefault({}),
  accounts: accounts.prefault({}),
  domains: domains.describe('Virtual hosts besides the default one, which is the server itself.'),
  resources: z
    .array(resource)
    .max(2000)
    .default([])
    .superRefine((resources, context) => {
      const seen = new Set<string>()
      for (const [at, { name }] of resources.entries()) {
        if (seen.has(name))
          context.addIssue({ code: 'custom', message: 'must be unique among the resources', path: [at, 'name'] })
        seen.add(name)
      }
    }),
  tokens: storedTokens.describe('Tokens of the API; backups leave them out.'),
}

/** What must hold between the parts. */
export function checkParts(parts: Parameters<typeof portConflicts>[0], context: z.RefinementCtx): void {
  // What is wrong with the ports of the server alone, the server's own check has said.
  for (const { path, message } of portConflicts(parts).filter((each) => each.path[0] === 'domains')) {
    context.addIssue({ code: 'custom', message, path: [...path] })
  }
}

/** Everything the module stores. */
export const settings = z.strictObject(storedParts).superRefine(checkParts)

export type Settings = z.infer<typeof settings>
export type ServerSettings = z.infer<typeof serverSettings>
