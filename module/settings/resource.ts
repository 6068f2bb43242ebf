/** A resource as it is stored: name, folder, rights, guests, options (product section 3). */
import { z } from 'zod'
import { RIGHTS } from '../ftp/backend.ts'
import { network } from './values.ts'

/** A size in bytes; absent = unlimited. */
export const bytes = z.int().positive()

/** A file-name pattern: `*` any run of characters, `?` one character; compared without regard to case. */
const pattern = z.string().min(1).max(255)

const networks = z.array(network).max(64)

/** Names that would be confusing or impossible as the first part of a virtual path are refused. */
export const resourceName = z
  .string()
  .min(1)
  .max(255)
  // oxlint-disable-next-line no-control-regex
  .regex(/^[^/\\\x00-\x1f\x7f]+$/, 'must not hold slashes or control characters')
  .refine(
    (name) => name.trim() === name && name !== '.' && name !== '..',
    'must not be "." or ".." or begin or end with a space',
  )

/** A path below a storage root or a resource: parts joined by `/`, none of them empty, `.` or `..`. */
export const relativePath = z
  .string()
  .max(4096)
  // oxlint-disable-next-line no-control-regex
  .regex(/^[^\x00-\x1f\x7f]*$/, 'must not hold control characters')
  .refine((path) => path === '' || path.split('/').every((part) => part !== '' && part !== '.' && part !== '..'), {
    error: 'must be a relative path such as "scans/2026", without "..", "//" or a leading "/"',
  })

/** Who gets what: exactly one of user and group. `custom` takes its rights from `rights`; the other levels stand for fixed sets. */
export const rightsEntry = z
  .strictObject({
    user: z.string().min(1).optional(),
    group: z.string().min(1).optional(),
    level: z.enum(['none', 'read', 'readWrite', 'custom']),
    rights: z.array(z.enum(RIGHTS)).optional(),
  })
  .refine((entry) => (entry.user === undefined) !== (entry.group === undefined), 'must name either a user or a group')
  .refine((entry) => (entry.level === 'custom') === (entry.rights !== undefined), {
    error: 'rights are given with level "custom" and only there',
    path: ['rights'],
  })

export const guestAccess = z
  .strictObject({
    profile: z.enum(['off', 'read', 'dropBox', 'readWrite']),
    from: z.enum(['lan', 'networks', 'everywhere']).default('lan'),
    networks: networks.default([]),
  })
  .refine((guests) => guests.from !== 'networks' || guests.networks.length > 0, {
    error: 'needs at least one network when guests come from chosen networks',
    path: ['networks'],
  })

export const resourceOptions = z.strictObject({
  /** Uploads become visible whole or not at all. */
  atomicUploads: z.boolean().default(true),
  /** What becomes of an upload that did not arrive whole. With atomic uploads `keep` makes the part visible under its name. */
  partialUploads: z.enum(['keep', 'drop']).default('drop'),
  /** Whether an upload is on the disk (fsync) before its 226. */
  durable: z.boolean().default(true),
  maximumFileBytes: bytes.optional(),
  /** All files of the resource together. */
  maximumBytes: bytes.optional(),
  /** Uploads stop when the disk is fuller than this, percent. */
  stopAtDiskPercent: z.int().min(1).max(100).default(97),
  /** Neither listed nor reachable. */
  hiddenNames: z.array(pattern).max(100).default([]),
  /** Cannot be uploaded, created or renamed to. */
  refusedNames: z.array(pattern).max(100).default([]),
})

export const resource = z.strictObject({
  name: resourceName,
  description: z.string().max(1000).default(''),
  /** The storage root of the shell; absent = its first. */
  root: z.string().min(1).optional(),
  /** Below the root; `%USER%` stands for the name of the account and makes a private folder each. */
  folder: relativePath,
  enabled: z.boolean().default(true),
  rights: z.array(rightsEntry).max(1000).default([]),
  /** Other rights below single subfolders; the deepest path that has an entry for the account decides. */
  exceptions: z
    .array(z.strictObject({ path: relativePath.min(1), rights: z.array(rightsEntry).min(1).max(1000) }))
    .max(1000)
    .default([]),
  guests: guestAccess.prefault({ profile: 'off' }),
  options: resourceOptions.prefault({}),
})

export type Resource = z.infer<typeof resource>
export type RightsEntry = z.infer<typeof rightsEntry>
export type GuestAccess = z.infer<typeof guestAccess>
export type ResourceOptions = z.infer<typeof resourceOptions>
