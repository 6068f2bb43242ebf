/** FTP resources: what clients see, with rights and options, and how each stands. */
import { z } from 'zod'
import type { FtpService } from '../../../service.ts'
import { resource } from '../../../settings/resource.ts'
import type { Resource } from '../../../settings/resource.ts'
import { SettingsError } from '../../../settings/problems.ts'
import { operation } from '../operation.ts'
import type { Operation } from '../operation.ts'
import { Refusal } from '../problem.ts'

const state = z.strictObject({
  name: z.string(),
  enabled: z.boolean(),
  problem: z.enum(['no-storage', 'missing', 'not-a-directory', 'outside', 'unreadable']).optional(),
  silent: z.literal(true).optional().describe('Its disk, or one in it, does not answer.'),
  usedBytes: z.number().optional(),
  freeBytes: z.number().optional(),
  totalBytes: z.number().optional(),
})

const tag = 'resources'

export const resourceOperations: readonly Operation[] = [
  operation({
    id: 'listResources',
    method: 'get',
    path: '/resources',
    permission: 'view',
    tag,
    summary: 'All resources, in their order.',
    revised: true,
    answer: z.strictObject({ resources: z.array(resource) }),
    run: ({ parts: { service } }) => ({
      value: { resources: service.settings().resources },
      revision: service.revision(),
    }),
  }),
  operation({
    id: 'getResourceStates',
    method: 'get',
    path: '/resource-states',
    permission: 'view',
    tag,
    summary: 'How each resource stands: whether its folder can be used, and how full it is.',
    answer: z.strictObject({ states: z.array(state) }),
    run: async ({ parts: { service } }) => ({ value: { states: [...(await service.resources())] } }),
  }),
  operation({
    id: 'createResource',
    method: 'post',
    path: '/resources',
    permission: 'manage',
    tag,
    summary: 'Adds a resource.',
    status: 201,
    revised: true,
    body: resource,
    answer: resource,
    run: async ({ parts: { service }, body, by, revision }) => {
      if (find(service, body.name))
        throw new SettingsError([{ path: 'name', text: 'must be unique among the resources' }])
      await change(service, by, revision, (all) => [...all, body])
      return { value: body, revision: service.revision(), location: `/resources/${encodeURIComponent(body.name)}` }
    },
  }),
  operation({
    id: 'getResource',
    method: 'get',
    path: '/resources/{name}',
    permission: 'view',
    tag,
    summary: 'One resource.',
    revised: true,
    answer: resource,
    run: ({ parts: { service }, path }) => ({ value: existing(service, path['name']), revision: service.revision() }),
  }),
  operation({
    id: 'replaceResource',
    method: 'put',
    path: '/resources/{name}',
    permission: 'manage',
    tag,
    summary: 'Takes another in its place, perhaps under another name.',
    revised: true,
    body: resource,
    answer: resource,
    run: async ({ parts: { service }, path, body, by, revision }) => {
      const { name } = existing(service, path['name'])
      if (body.name !== name && find(service, body.name)) {
        throw new SettingsError([{ path: 'name', text: 'must be unique among the resources' }])
      }
      await change(service, by, revision, (all) => all.map((each) => (each.name === name ? body : each)))
      return { value: body, revision: service.revision() }
    },
  }),
  operation({
    id: 'deleteResource',
    method: 'delete',
    path: '/resources/{name}',
    permission: 'manage',
    tag,
    summary: 'Removes a resource; its files stay.',
    status: 204,
    revised: true,
    run: async ({ parts: { service }, path, by, revision }) => {
      const { name } = existing(service, path['name'])
      await change(service, by, revision, (all) => all.filter((each) => each.name !== name))
      return undefined
    },
  }),
]

const find = (service: FtpService, name: string | undefined) =>
  service.settings().resources.find((each) => each.name === name)

function existing(service: FtpService, name: string | undefined): Resource {
  const found = find(service, name)
  if (!found) throw new Refusal(404, 'There is no such resource.')
  return found
}

/** The list is stored as a whole: without a revision of the caller's the present one keeps two changes apart. */
async function change(
  service: FtpService,
  by: string,
  revision: string | undefined,
  edit: (all: readonly Resource[]) => readonly Resource[],
): Promise<void> {
  const patch = { resources: edit(service.settings().resources) }
  await service.change(patch, by, { revision: revision ?? service.revision() })
}
