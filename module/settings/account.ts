/** What the module keeps beside the shell's users and groups (product section 4). Absent = inherited from the level above. */
import { z } from 'zod'
import { accessRules } from './access.ts'
import { hoursOf } from './hours.ts'
import { accountName, limit, virtualFolder } from './values.ts'

/** Limits that a user inherits from the groups and these from the server. */
export const inheritedLimits = {
  sessions: limit.describe('Sessions of one login at once.'),
  sessionsPerHost: limit.describe('Sessions of one login from one address at once.'),
  idleSeconds: limit.describe('Seconds without a command or data before the session is closed.'),
  sessionSeconds: limit.describe('Seconds a session may last in all.'),
  downloadBytesPerSecond: limit.describe('Download speed shared by the sessions of one login.'),
  uploadBytesPerSecond: limit.describe('Upload speed shared by the sessions of one login.'),
  quotaBytes: limit.describe('Bytes one login may have stored.'),
}

const overlayLimits = z.strictObject(inheritedLimits).partial()

const DATE_RULE = 'must be a date and time such as 2026-12-31T23:59:00Z'
const entry = {
  ftp: z.boolean().optional().describe('Whether these accounts may use FTP.'),
  fromOutside: z.boolean().optional().describe('Whether these accounts may log in from outside the LAN.'),
  disabledUntil: z.iso.datetime({ offset: true, error: DATE_RULE }).optional().describe('No login before this time.'),
  startFolder: virtualFolder.optional().describe('Where a login begins, such as "/Scans"; absent = at the top.'),
  limits: overlayLimits.prefault({}),
  hours: hoursOf(inheritedLimits)
    .default([])
    .describe('Other limits at certain hours: `days`, `from`, `to`, `limits`.'),
  access: z
    .strictObject({
      rules: accessRules.default([]).describe('IP access rules of these accounts. Empty = from everywhere.'),
    })
    .prefault({}),
}

export const userOverlay = z.strictObject(entry)
export const groupOverlay = z.strictObject({
  ...entry,
  /** Speeds that all members of the group share. */
  together: z.strictObject({ downloadBytesPerSecond: limit, uploadBytesPerSecond: limit }).partial().prefault({}),
})

export const accounts = z.strictObject({
  users: z.record(accountName, userOverlay).default({}),
  groups: z.record(accountName, groupOverlay).default({}),
})

export type UserOverlay = z.infer<typeof userOverlay>
export type GroupOverlay = z.infer<typeof groupOverlay>
export type AccountOverlays = z.infer<typeof accounts>
export type InheritedLimit = keyof typeof inheritedLimits
