/** Domains: virtual hosts beside the server itself, each with what it has otherwise. */
import { z } from 'zod'
import { domain } from '../../../settings/domain.ts'
import type { Domain } from '../../../settings/domain.ts'
import { SettingsError } from '../../../settings/problems.ts'
import { confirm } from '../confirm.ts'
import { operation } from '../operation.ts'
import type { ApiRequest, Operation } from '../operation.ts'
import { Refusal } from '../problem.ts'

const tag = 'domains'

export const domainOperations: readonly Operation[] = [
  operation({
    id: 'listDomains',
    method: 'get',
    path: '/domains',
    permission: 'view',
    tag,
    summary: 'All domains besides the default one, which is the server itself.',
    revised: true,
    answer: z.strictObject({ domains: z.array(domain) }),
    run: ({ parts: { service } }) => ({
      value: { domains: service.settings().domains },
      revision: service.revision(),
    }),
  }),
  operation({
    id: 'createDomain',
    method: 'post',
    path: '/domains',
    permission: 'manage',
    tag,
    summary: 'Adds a domain; without an id it gets one made of its name.',
    status: 201,
    revised: true,
    body: domain,
    answer: domain,
    run: async (request) => {
      const { service } = request.parts
      const all = service.settings().domains
      const made = await put(request, [...all, request.body], all.length)
      return { value: made, revision: service.revision(), location: `/domains/${made.id}` }
    },
  }),
  operation({
    id: 'getDomain',
    method: 'get',
    path: '/domains/{id}',
    permission: 'view',
    tag,
    summary: 'One domain.',
    revised: true,
    answer: domain,
    run: ({ parts: { service }, path }) => {
      const { found } = existing(service.settings().domains, path['id'])
      return { value: found, revision: service.revision() }
    },
  }),
  operation({
    id: 'replaceDomain',
    method: 'put',
    path: '/domains/{id}',
    permission: 'manage',
    tag,
    summary: 'Takes another in its place, under the same id; its sessions go on by the new rules.',
    revised: true,
    body: domain,
    query: z.strictObject({ confirm }),
    answer: domain,
    run: async (request) => {
      const { path, body, query } = request
      const { service } = request.parts
      const { domains } = service.settings()
      const { at, found } = existing(domains, path['id'])
      const { id } = found
      if (body.id !== undefined && body.id !== id) {
        throw new SettingsError([{ path: 'id', text: 'must be the id of the path, or absent: it never changes' }])
      }
      const next = domains.map((each, place) => (place === at ? { ...body, id } : each))
      return { value: await put(request, next, at, query.confirm), revision: service.revision() }
    },
  }),
  operation({
    id: 'deleteDomain',
    method: 'delete',
    path: '/domains/{id}',
    permission: 'manage',
    tag,
    summary: 'Removes a domain with its rules, texts and listeners; its sessions end, resources stay.',
    status: 204,
    revised: true,
    run: async ({ parts: { service }, path, by, revision }) => {
      const { domains } = service.settings()
      const { found } = existing(domains, path['id'])
      const next = domains.filter((each) => each !== found)
      await service.change({ domains: next }, by, { revision: revision ?? service.revision() })
      return undefined
    },
  }),
]

function existing(domains: readonly Domain[], id: string | undefined): { at: number; found: Domain } {
  const at = domains.findIndex((each) => each.id === id)
  const found = domains[at]
  if (!found) throw new Refusal(404, 'There is no such domain.')
  return { at, found }
}

/** Stores the list, in which one is new; answers it as it is stored. Problems with it are told by their place in it. */
async function put(
  {
    parts: { service },
    by,
    address,
    revision,
  }: Pick<ApiRequest<unknown, unknown>, 'parts' | 'by' | 'address' | 'revision'>,
  domains: readonly unknown[],
  at: number,
  sure?: string,
): Promise<Domain> {
  try {
    const stand = revision ?? service.revision()
    const editor = { name: by, address }
    const changed = await service.rules.change({ domains }, { editor, confirm: sure, revision: stand })
    const made = changed.domains[at]
    if (!made) throw new Error('the domain has not been stored')
    return made
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    const prefix = `domains[${at}].`
    throw new SettingsError(
      error.problems.map((problem) =>
        problem.path.startsWith(prefix) ? { ...problem, path: problem.path.slice(prefix.length) } : problem,
      ),
    )
  }
}
