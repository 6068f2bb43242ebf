/** How the log is kept: how long, how much, what goes into it and where else it goes (product section 9). */
import { z } from 'zod'
import { timeZone } from './values.ts'

const HOST_RULE = 'must be an IPv4 or IPv6 address or a host name'

const syslog = z.strictObject({
  host: z
    .string()
    .max(253)
    .regex(/^[a-z0-9:][a-z0-9.:-]*$/i, HOST_RULE)
    .describe('Receiver of the log as syslog messages (RFC 5424); without it none are sent.'),
  port: z.int().min(1).max(65535).default(514).describe('Its port.'),
  protocol: z.enum(['udp', 'tcp']).default('udp').describe('How messages reach it.'),
  facility: z.int().min(0).max(23).default(11).describe('Facility of the messages; 11 is the FTP daemon.'),
})

export const log = z.strictObject({
  days: z.int().min(1).max(3650).default(30).describe('Days before today that stay in the log.'),
  megabytes: z.int().min(10).max(1_000_000).default(200).describe('Size of the whole log; the oldest goes first.'),
  commands: z.boolean().default(true).describe('Whether every command and reply is logged.'),
  timeZone: timeZone.optional().describe("Where the log's days begin and end; absent = the zone of the appliance."),
  syslog: syslog.optional(),
})

export type LogSettings = z.infer<typeof log>
