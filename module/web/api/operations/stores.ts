/** What the shell has that settings name: certificates, storage with its folders, users and groups; and what users may do. */
import { z } from 'zod'
import { loadCertificate } from '../../../certificates/choose.ts'
import type { CertificateLabel, Certificates } from '../../../shell.ts'
import { RIGHTS } from '../../../ftp/backend.ts'
import { Refusal as PathRefusal } from '../../../ftp/reply.ts'
import { operation } from '../operation.ts'
import type { Operation } from '../operation.ts'
import { Refusal } from '../problem.ts'

const certificate = z.strictObject({
  id: z.string(),
  label: z.string(),
  problem: z.string().optional().describe('Why it cannot be used.'),
  subject: z.string().optional(),
  altNames: z.array(z.string()).optional(),
  issuer: z.string().optional(),
  validFrom: z.number().optional().describe('These are milliseconds since 1970.'),
  validUntil: z.number().optional(),
  keyType: z.string().optional(),
  fingerprint: z.string().optional(),
})

const root = z.strictObject({
  id: z.string(),
  label: z.string(),
  readOnly: z.boolean(),
  freeBytes: z.number().optional(),
  totalBytes: z.number().optional(),
})

const place = {
  root: z.string().max(255).optional().describe('Id of the storage; absent = the first.'),
  path: z.string().max(4096).default('').describe('Below the storage, without a slash at either end.'),
}

const rights = z.strictObject({
  path: z.string(),
  resource: z.string().optional(),
  visible: z.boolean(),
  exists: z.boolean(),
  rights: z.array(
    z.strictObject({
      right: z.enum(RIGHTS),
      allowed: z.boolean(),
      rule: z.string(),
      level: z.string(),
      detail: z.string().optional(),
    }),
  ),
})

const who = z
  .strictObject({
    user: z.string().min(1).max(255).optional(),
    guestFrom: z
      .union([z.ipv4(), z.ipv6()], { error: 'must be an address' })
      .optional()
      .describe('A guest from there.'),
    path: z.string().max(4096).default('/'),
    domain: z.string().max(64).optional().describe('Id of the domain where they log in; absent = the default one.'),
  })
  .refine(
    ({ user, guestFrom }) => (user === undefined) !== (guestFrom === undefined),
    'must have either "user" or "guestFrom"',
  )

export const storeOperations: readonly Operation[] = [
  operation({
    id: 'listCertificates',
    method: 'get',
    path: '/certificates',
    permission: 'view',
    tag: 'appliance',
    summary: "The appliance's certificates, to be named by `tls.certificate`.",
    answer: z.strictObject({ certificates: z.array(certificate) }),
    run: async ({ parts: { shell } }) => {
      const labels = await shell.certificates.list()
      return { value: { certificates: await Promise.all(labels.map((each) => described(shell.certificates, each))) } }
    },
  }),
  operation({
    id: 'listUsers',
    method: 'get',
    path: '/users',
    permission: 'view',
    tag: 'appliance',
    summary: "The appliance's users and groups, to be named by rights.",
    answer: z.strictObject({
      users: z.array(z.strictObject({ name: z.string(), groups: z.array(z.string()), enabled: z.boolean() })),
      groups: z.array(z.string()),
    }),
    run: async ({ parts: { shell } }) => {
      const [users, groups] = await Promise.all([shell.users.list(), shell.users.groups()])
      const shown = users.map(({ name, groups: memberOf, enabled }) => ({ name, groups: [...memberOf], enabled }))
      return { value: { users: shown, groups: groups.map(({ name }) => name) } }
    },
  }),
  operation({
    id: 'listStorage',
    method: 'get',
    path: '/storage',
    permission: 'view',
    tag: 'storage',
    summary: 'Where folders of resources may lie.',
    answer: z.strictObject({ roots: z.array(root) }),
    run: async ({ parts: { shell } }) => {
      const roots = await shell.storage.roots()
      return { value: { roots: roots.map(({ path: _hidden, ...each }) => each) } }
    },
  }),
  operation({
    id: 'listFolders',
    method: 'get',
    path: '/folders',
    permission: 'view',
    tag: 'storage',
    summary: 'The folders of one level of a storage.',
    query: z.strictObject(place),
    answer: z.strictObject({
      folders: z.array(z.string()),
      truncated: z.boolean(),
      freeBytes: z.number(),
      totalBytes: z.number(),
    }),
    run: async ({ parts: { service }, query }) => {
      const level = await service.explorer.folders(query.root, query.path)
      if (!level) throw new Refusal(404, 'There is no such storage.')
      return { value: { ...level, folders: [...level.folders] } }
    },
  }),
  operation({
    id: 'createFolder',
    method: 'post',
    path: '/folders',
    permission: 'manage',
    tag: 'storage',
    summary: 'Makes a folder.',
    status: 204,
    body: z.strictObject({ ...place, name: z.string().min(1).max(255) }),
    run: async ({ parts: { service, shell }, body, by }) => {
      const roots = await shell.storage.roots()
      if (body.root !== undefined && !roots.some(({ id }) => id === body.root)) {
        throw new Refusal(404, 'There is no such storage.')
      }
      await service.explorer.createFolder(body.root, body.path, body.name, by)
      return undefined
    },
  }),
  operation({
    id: 'explainRights',
    method: 'get',
    path: '/effective-rights',
    permission: 'view',
    tag: 'resources',
    summary: 'What somebody may do at a path as clients see it, each with the rule that decides.',
    query: who,
    answer: rights,
    run: async ({ parts: { service }, query: { user, guestFrom = '', path, domain } }) => {
      const whose = user === undefined ? { guestFrom } : { user }
      const found = await service.explorer.explain(whose, path, domain).catch(impossiblePath)
      if (!found) throw new Refusal(404, 'There is no such user.')
      const { rights: single, ...rest } = found.rights
      const shown = single.map(({ right, verdict: { allowed, rule, level, detail } }) =>
        detail === undefined ? { right, allowed, rule, level } : { right, allowed, rule, level, detail },
      )
      return { value: { ...rest, rights: shown } }
    },
  }),
]

async function described(
  certificates: Certificates,
  { id, label }: CertificateLabel,
): Promise<z.input<typeof certificate>> {
  try {
    const { description } = await loadCertificate(certificates, id)
    return { id, label, ...description, altNames: [...description.altNames] }
  } catch (error) {
    return { id, label, problem: error instanceof Error ? error.message : 'It cannot be loaded.' }
  }
}

function impossiblePath(error: unknown): never {
  if (error instanceof PathRefusal) throw new Refusal(422, 'This path is not possible.')
  throw error
}
