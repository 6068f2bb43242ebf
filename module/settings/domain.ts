/** Domains (RFC 7151 virtual hosts) as they are stored; the default domain is the server's own settings (product section 8). */
import { domainToASCII } from 'node:url'
import { z } from 'zod'
import { accessRules } from './access.ts'
import { inheritedLimits } from './account.ts'
import { listener } from './connection.ts'
import { hoursOf } from './hours.ts'
import { domainCommands, domainMessages } from './messages.ts'
import { resourceName } from './resource.ts'
import { limit } from './values.ts'

/** The id of the domain that is the server's own settings. */
export const DEFAULT_DOMAIN = 'default'

const ID_RULE = 'must be small letters, digits and hyphens, and not "default"'
const NAME_RULE = 'must be a host name such as ftp.example.com'
const LABEL_RULE = 'must be 1 to 64 characters without control characters'

/** Labels of A-labels (RFC 5890); the last one is not a number, or it would be an address. */
const HOST_NAME =
  /^(?=.{1,253}$)(?!(?:.*\.)?[0-9]+$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/

/** A host name as clients send it in HOST and SNI: small letters, A-labels, without the dot at the end. */
const hostName = z
  .string({ error: NAME_RULE })
  .max(253, NAME_RULE)
  .overwrite((name) => asClientsSayIt(name))
  .regex(HOST_NAME, NAME_RULE)

function asClientsSayIt(name: string): string {
  const small = name.trim().toLowerCase().replace(/\.$/, '')
  // eslint-disable-next-line no-control-regex
  return /[^\x00-\x7f]/.test(small) ? domainToASCII(small) : small
}

/** What all sessions of the domain share; absent = only the server's limit holds. */
export const together = {
  connections: limit.describe('Sessions of the domain at once, among those of the server.'),
  connectionsPerHost: limit.describe('Sessions of the domain from one address at once.'),
  downloadBytesPerSecond: limit.describe('Download speed of the whole domain.'),
  uploadBytesPerSecond: limit.describe('Upload speed of the whole domain.'),
}

export const domain = z.strictObject({
  id: z
    .string({ error: ID_RULE })
    .max(64, ID_RULE)
    .regex(/^(?!default$)[a-z0-9]+(?:-[a-z0-9]+)*$/, ID_RULE)
    .optional()
    .describe('Stays when the name changes; absent = made out of the name.'),
  name: z
    .string({ error: LABEL_RULE })
    .trim()
    .min(1, LABEL_RULE)
    .max(64, LABEL_RULE)
    .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]*$/u, LABEL_RULE)
    .describe('What administrators call it.'),
  enabled: z.boolean().default(true).describe('Off = its names are unknown and its listeners closed.'),
  names: z
    .array(hostName)
    .max(32)
    .default([])
    .describe('Host names by which clients choose it, with HOST (RFC 7151) or in the TLS handshake (SNI).'),
  certificate: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .describe("The shell's certificate for its names and listeners; absent = the server's."),
  listeners: z.array(listener).max(16).default([]).describe('Listeners whose sessions begin in this domain.'),
  messages: domainMessages.prefault({}),
  commands: domainCommands.prefault({}),
  access: z
    .strictObject({ rules: accessRules.default([]).describe('IP access rules, asked after those of the server.') })
    .prefault({}),
  limits: z
    .strictObject(inheritedLimits)
    .partial()
    .prefault({})
    .describe('Limits of each login here, between those of the server and those of its groups.'),
  hours: hoursOf(inheritedLimits).default([]).describe('Other values of `limits` at certain hours.'),
  together: z
    .strictObject({
      ...together,
      hours: hoursOf(together).default([]).describe('Other values of these at certain hours.'),
    })
    .partial({ connections: true, connectionsPerHost: true, downloadBytesPerSecond: true, uploadBytesPerSecond: true })
    .prefault({})
    .describe('What all sessions of the domain share.'),
  resources: z
    .union([z.literal('all'), z.array(resourceName).max(2000)], { error: 'must be "all" or a list of names' })
    .default('all')
    .describe('The resources that can be seen here, by their names.'),
})

/** Every domain besides the default one; what is stored always has an id. */
export const domains = z
  .array(domain)
  .max(32)
  .default([])
  .superRefine(unique)
  .transform((all) => withIds(all))

export type Domain = z.infer<typeof domains>[number]

/** The names of the resources that can be seen in a domain, the same set as long as they stay the same; undefined = all. */
export function shownIn(
  all: readonly { readonly id: string; readonly resources?: 'all' | readonly string[] }[],
  id: string | undefined,
): ReadonlySet<string> | undefined {
  const found = all.find((each) => each.id === id)
  const { resources = 'all' } = found ?? {}
  if (resources === 'all') return undefined
  const names = shownNames.get(resources) ?? new Set(resources)
  shownNames.set(resources, names)
  return names
}

const shownNames = new WeakMap<readonly string[], ReadonlySet<string>>()

type Written = z.infer<typeof domain>

function unique(all: readonly Written[], context: z.RefinementCtx): void {
  const taken = new Map([
    ['names', new Set<string>()],
    ['ids', new Set<string>()],
    ['hosts', new Set<string>()],
  ])
  const once = (kind: string, value: string, message: string, path: (string | number)[]) => {
    const seen = taken.get(kind)
    if (seen?.has(value)) context.addIssue({ code: 'custom', message, path })
    seen?.add(value)
  }
  for (const [at, { id, name, names, listeners }] of all.entries()) {
    if (id !== undefined) once('ids', id, 'must be unique among the domains', [at, 'id'])
    once('names', name.toLowerCase(), 'must be unique among the domains', [at, 'name'])
    for (const [place, host] of names.entries()) {
      once('hosts', host, 'must be unique among the host names of all domains', [at, 'names', place])
    }
    if (names.length > 0 || listeners.length > 0) continue
    const message = 'must have at least one name, or the domain a listener of its own: else no client reaches it'
    context.addIssue({ code: 'custom', message, path: [at, 'names'] })
  }
}

/** An id made of the name where none is given; it never changes again. */
function withIds(all: readonly Written[]): (Written & { id: string })[] {
  const taken = new Set([DEFAULT_DOMAIN, ...all.flatMap(({ id }) => (id === undefined ? [] : [id]))])
  return all.map((each) => {
    if (each.id !== undefined) return { ...each, id: each.id }
    const word = slug(each.name)
    let id = word
    for (let count = 2; taken.has(id); count++) id = `${word}-${count}`
    taken.add(id)
    return { ...each, id }
  })
}

function slug(name: string): string {
  const word = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '')
  return word || 'domain'
}
